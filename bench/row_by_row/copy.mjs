// The script that such a move is usually begun with: read a student with the sessions, then write
// one row after the other. Prints the seconds it took. Run where Prisma is installed.
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { PrismaPg } = require("@prisma/adapter-pg");
const { PrismaClient } = require(process.env.CLIENT);

const prisma = new PrismaClient({ adapter: new PrismaPg({
  connectionString: process.env.DATABASE_URL,
  options: "-c tandem.application=on", // it copies: nothing is to be judged
}) });
const first = await prisma.oldStudent.findMany({
  select: { id: true },
  orderBy: { id: "asc" },
  take: Number(process.env.STUDENTS),
});
const began = performance.now();
for (const { id } of first) {
  const student = await prisma.oldStudent.findUnique({ where: { id }, include: { sessions: true } });
  const { fullName, year, active, parentLinkToken, tutorId } = student;
  const made = { created_at: student.createdAt, updated_at: student.updatedAt };
  await prisma.student.create({
    data: { id, full_name: fullName, year, active, parent_link_token: parentLinkToken, ...made },
  });
  const link = { tutor_id: tutorId, student_id: id, started_on: student.createdAt, status: "active" };
  await prisma.tutorStudent.create({ data: { id: `r${id}`, ...link, is_primary: true, ...made } });
  await prisma.relationshipEvent.create({
    data: { relationship_id: `r${id}`, what: "imported", on_date: student.createdAt, at: new Date(), details: {} },
  });
  for (const session of student.sessions) {
    await prisma.session.create({
      data: {
        id: session.id,
        tutor_student_id: `r${id}`,
        tutor_id: tutorId,
        student_id: id,
        starts_at: session.startTime,
        ends_at: session.endTime,
        status: session.endTime < new Date() ? "completed" : "scheduled",
        notes: session.notes,
        homework: session.homework,
        created_at: session.createdAt,
        updated_at: session.updatedAt,
      },
    });
  }
}
console.log((performance.now() - began) / 1000);
await prisma.$disconnect();
