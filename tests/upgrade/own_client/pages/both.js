const hour = { startTime: new Date("2027-01-04T16:00Z"), endTime: new Date("2027-01-04T17:00Z") };
const [link] = await calls.relationshipsOf(prisma, "ana");
await calls.planSession(prisma, { tutorStudentId: link.id, ...hour });
const leo = await calls.createStudent(prisma,
  { tutorId: "ben", fullName: "Leo", subject: "Latin", year: "9" });
said.refused = await calls.planSession(prisma, { tutorStudentId: leo.tutorStudents[0].id, ...hour })
  .then(() => null, (error) => refusalOf(error).code);
