"""An application of one's own over Tandem's tables, with a real Prisma client."""
