said.made = [ana.id.length, ana.active, ana.createdAt !== null, link.isPrimary, link.status,
  link.tutor.fullName, link.subject.name];
const second = await calls.addTutor(prisma, { studentId: ana.id, tutorId: cara.id, subject: "maths" });
said.second = [second.isPrimary, second.subjectId === link.subjectId];
await calls.makePrimary(prisma, { id: second.id, studentId: ana.id });
const session = await calls.planSession(prisma, { tutorStudentId: link.id, ...at(4, 16), title: "Sets" });
said.planned = [session.status, session.tutorId === ben.id, session.studentId === ana.id];
const moved = await calls.moveSession(prisma, session.id, at(5, 10));
said.touched = moved.updatedAt > session.updatedAt;
const listed = await calls.listStudents(prisma, ben.id);
said.listed = listed.map((one) => [one.fullName,
  one.tutorStudents.map((it) => [it.tutor.fullName, it.today.state, it.today.isPrimary])]);
const relationships = await calls.relationshipsOf(prisma, ana.id);
said.relationships = relationships.length;
const held = await calls.planSession(prisma, { tutorStudentId: second.id,
  startTime: new Date(), endTime: new Date(Date.now() + 600000) });
await calls.recordSession(prisma, held.id, { notes: "n", homework: "h", progress: 4 });
said.dashboard = await calls.dashboard(prisma, ben.id, new Date("2027-01-01"));
await calls.dropSession(prisma, session.id);
const read = await calls.readStudent(prisma, ana.id);
said.read = [read.sessions.map((one) => one.status), read.tutorStudents.map((one) =>
  one.events.map((event) => event.what))];
said.history = (await prisma.sessionEvent.findMany({ orderBy: { id: "asc" } }))
  .map((one) => [one.sessionId === held.id, one.what, one.details.fields ?? null]);
