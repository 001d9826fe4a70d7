const [ben, cara] = await Promise.all(["Ben", "Cara"].map((fullName) =>
  prisma.tutor.create({ data: { fullName, email: `${fullName}@school.example` } })));
const at = (day, hour) => ({ startTime: new Date(Date.UTC(2027, 0, day, hour)),
  endTime: new Date(Date.UTC(2027, 0, day, hour + 1)) });
const ana = await calls.createStudent(prisma,
  { tutorId: ben.id, fullName: "Ana Ruiz", subject: "Maths", year: "10" });
const [link] = ana.tutorStudents;
