const ana = await calls.createStudent(prisma, { tutorId: "ben", fullName: "Ana Ruiz",
  subject: "Maths", year: "10", parentLinkToken: "secret" });
const hour = { startTime: new Date("2027-01-04T16:00Z"), endTime: new Date("2027-01-04T17:00Z") };
const session = await calls.planSession(prisma, { studentId: ana.id, ...hour });
said.listed = (await calls.listStudents(prisma, "ben")).map((one) => one.fullName);
said.read = (await calls.readStudent(prisma, ana.id)).sessions.length;
said.dashboard = await calls.dashboard(prisma, "ben", new Date("2027-01-01"))
  .then((it) => [it.students, it.next.length]);
said.recorded = (await calls.recordSession(prisma, session.id, { notes: "n", homework: "h" })).notes;
await calls.dropSession(prisma, session.id);
said.left = await prisma.session.count();
