said.codes = [];
const plan = (all) => all.session.create({ data: { tutorStudentId: link.id, ...at(4, 16) } });
await tryAgain(() => prisma.$transaction(async (all) => {
  await all.tutor.count();  // from here on it sees what was then
  if (!said.codes.length) {
    await prisma.tutorStudent.update({ where: { id: link.id }, data: { notes: "new" } });
  }
  await plan(all);
}, { isolationLevel: "RepeatableRead" }).catch((error) => {
  said.codes.push(refusalOf(error).code);
  throw error;
}));
said.planned = await prisma.session.count();
