// The older application's same work: Node's own HTTP server and a real Prisma client, two processes.
// Nobody is asked who they are, and a session is written as it comes.
import cluster from "node:cluster";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const PROCESSES = 2;
const HOUR = 3_600_000;

function answers(prisma) {
  const midnight = () => new Date(new Date().setUTCHours(0, 0, 0, 0));
  return {
    "GET students": (_, query) =>
      prisma.student.findMany({
        take: Number(query.get("limit")),
        orderBy: { createdAt: "desc" },
        include: { tutor: true },
      }).then((students) => ({ students })),
    "GET student": (id) =>
      prisma.student.findUnique({ where: { id }, include: { tutor: true } })
        .then((student) => ({ student })),
    "POST sessions": (_, __, { studentId, startTime, endTime }) =>
      prisma.session.create({
        data: { studentId, startTime: new Date(startTime), endTime: new Date(endTime) },
      }).then((session) => ({ session })),
    "GET dashboard": async () => {
      const day = midnight();
      const within = (hours) => ({ gte: day, lt: new Date(day.getTime() + hours * HOUR) });
      const [students, active, week, today] = await Promise.all([
        prisma.student.count(),
        prisma.student.count({ where: { active: true } }),
        prisma.session.count({ where: { startTime: within(24 * 7) } }),
        prisma.session.findMany({ where: { startTime: within(24) }, include: { student: true } }),
      ]);
      return { dashboard: { students, active, week, today } };
    },
  };
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return parts.length ? JSON.parse(Buffer.concat(parts)) : {};
}

function serve() {
  const { PrismaPg } = require("@prisma/adapter-pg");
  const { PrismaClient } = require("@prisma/client");
  const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 8 });
  const routes = answers(new PrismaClient({ adapter }));
  createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    const [, , name, id] = url.pathname.split("/");
    const route = routes[`${request.method} ${id ? "student" : name}`];
    try {
      const answer = await route(id, url.searchParams, await bodyOf(request));
      response.writeHead(request.method === "POST" ? 201 : 200, { "Content-Type": "application/json" });
      response.end(JSON.stringify(answer));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  }).listen(Number(process.env.PORT), "127.0.0.1");
}

if (cluster.isPrimary) for (let n = 0; n < PROCESSES; n += 1) cluster.fork();
else serve();
