"""The one-tutor database: its tables by Prisma's names, under the names they have, and how it is read."""
