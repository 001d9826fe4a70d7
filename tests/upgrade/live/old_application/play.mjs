// Reads one request a line and answers {id, result} or {id, error, code}. {id, open, url, client}
// opens an application over a database; {id, of, steps: [{model, action, args}], together} has one
// do something; {id, close} closes one. Several requests run at once; `together` puts the steps in
// one transaction.
import { createInterface } from "node:readline";
import { PrismaPg } from "@prisma/adapter-pg";

const opened = new Map();

async function open({ open: name, url, client }) {
  const { PrismaClient } = await import(client);
  const adapter = new PrismaPg({ connectionString: url, max: 8 });
  opened.set(name, new PrismaClient({ adapter, errorFormat: "minimal" }));
}

async function close({ close: name }) {
  await opened.get(name).$disconnect();
  opened.delete(name);
}

const run = (client, { model, action, args }) => client[model][action](args);

async function play({ of, steps, together }) {
  const prisma = opened.get(of);
  if (!together) return [await run(prisma, steps[0])];
  return prisma.$transaction((transaction) =>
    steps.reduce(
      async (before, step) => [...(await before), await run(transaction, step)],
      Promise.resolve([]),
    ),
  );
}

async function answer(request) {
  const { id } = request;
  const began = performance.now();
  try {
    const doing = request.open ? open : request.close ? close : play;
    const result = (await doing(request)) ?? [];
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
await Promise.all([...opened.values()].map((prisma) => prisma.$disconnect()));
