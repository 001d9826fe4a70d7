// Reads one request a line, {id, steps: [{model, action, args}], together}, and answers {id, result}
// or {id, error, code}. Several requests run at once; `together` puts the steps in one transaction.
import { createInterface } from "node:readline";
import { PrismaPg } from "@prisma/adapter-pg";

const { PrismaClient } = await import(process.env.CLIENT);

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 8 });
const prisma = new PrismaClient({ adapter, errorFormat: "minimal" });

const run = (client, { model, action, args }) => client[model][action](args);

async function answer({ id, steps, together }) {
  const began = performance.now();
  try {
    const result = together
      ? await prisma.$transaction((transaction) =>
          steps.reduce(
            async (before, step) => [...(await before), await run(transaction, step)],
            Promise.resolve([]),
          ),
        )
      : [await run(prisma, steps[0])];
    return { id, result, milliseconds: performance.now() - began };
  } catch (error) {
    return { id, error: String(error.message), code: error.code ?? null };
  }
}

const dates = (key, value) =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value) : value;

for await (const line of createInterface({ input: process.stdin })) {
  answer(JSON.parse(line, dates)).then((said) => process.stdout.write(`${JSON.stringify(said)}\n`));
}
await prisma.$disconnect();
