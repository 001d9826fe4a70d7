const [link] = await prisma.tutorStudent.findMany();
const data = { tutorStudentId: link.id, startTime: new Date("2027-01-04T16:00Z"),
  endTime: new Date("2027-01-04T17:00Z") };
said.codes = [];
await tryAgain(() => prisma.session.create({ data }).catch((error) => {
  said.codes.push(refusalOf(error).code);
  throw error;
}));
said.planned = await prisma.session.count();
