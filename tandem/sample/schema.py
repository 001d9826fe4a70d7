"""The one-tutor database as the old application's Prisma migrations made it on SQLite."""

TABLES = (
    """
    CREATE TABLE "Tutor" (
      "id" TEXT NOT NULL PRIMARY KEY,
      "userId" TEXT NOT NULL,
      "email" TEXT NOT NULL,
      "stripeCustomerId" TEXT,
      "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
      "updatedAt" DATETIME NOT NULL
    )""",
    """
    CREATE TABLE "Subscription" (
      "id" TEXT NOT NULL PRIMARY KEY,
      "tutorId" TEXT NOT NULL,
      "status" TEXT NOT NULL,
      "stripeCustomerId" TEXT NOT NULL,
      "stripeSubId" TEXT NOT NULL,
      "currentPeriodEnd" DATETIME NOT NULL,
      "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
      "updatedAt" DATETIME NOT NULL,
      CONSTRAINT "Subscription_tutorId_fkey" FOREIGN KEY ("tutorId")
        REFERENCES "Tutor" ("id") ON DELETE CASCADE ON UPDATE CASCADE
    )""",
    """
    CREATE TABLE "Student" (
      "id" TEXT NOT NULL PRIMARY KEY,
      "tutorId" TEXT NOT NULL,
      "fullName" TEXT NOT NULL,
      "subject" TEXT NOT NULL,
      "year" TEXT NOT NULL,
      "active" BOOLEAN NOT NULL DEFAULT true,
      "parentEmail" TEXT,
      "parentLinkToken" TEXT NOT NULL,
      "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
      "updatedAt" DATETIME NOT NULL,
      CONSTRAINT "Student_tutorId_fkey" FOREIGN KEY ("tutorId")
        REFERENCES "Tutor" ("id") ON DELETE CASCADE ON UPDATE CASCADE
    )""",
    """
    CREATE TABLE "Session" (
      "id" TEXT NOT NULL PRIMARY KEY,
      "studentId" TEXT NOT NULL,
      "startTime" DATETIME NOT NULL,
      "endTime" DATETIME NOT NULL,
      "notes" TEXT,
      "homework" TEXT,
      "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
      "updatedAt" DATETIME NOT NULL,
      CONSTRAINT "Session_studentId_fkey" FOREIGN KEY ("studentId")
        REFERENCES "Student" ("id") ON DELETE CASCADE ON UPDATE CASCADE
    )""",
    """
    CREATE TABLE "_prisma_migrations" (
      "id" TEXT PRIMARY KEY NOT NULL,
      "checksum" TEXT NOT NULL,
      "finished_at" DATETIME,
      "migration_name" TEXT NOT NULL,
      "logs" TEXT,
      "rolled_back_at" DATETIME,
      "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
      "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
    )""",
)

# Made after the rows: one sort each is many times cheaper than a million insertions.
INDEXES = (
    'CREATE UNIQUE INDEX "Tutor_userId_key" ON "Tutor"("userId")',
    'CREATE UNIQUE INDEX "Tutor_email_key" ON "Tutor"("email")',
    'CREATE UNIQUE INDEX "Subscription_tutorId_key" ON "Subscription"("tutorId")',
    'CREATE UNIQUE INDEX "Subscription_stripeCustomerId_key" ON "Subscription"("stripeCustomerId")',
    'CREATE UNIQUE INDEX "Subscription_stripeSubId_key" ON "Subscription"("stripeSubId")',
    'CREATE UNIQUE INDEX "Student_parentLinkToken_key" ON "Student"("parentLinkToken")',
    'CREATE INDEX "idx_student_tutor" ON "Student"("tutorId")',
    'CREATE INDEX "idx_session_student_start" ON "Session"("studentId", "startTime")',
)

INSERTS = {
    "Tutor": 'INSERT INTO "Tutor" VALUES (?, ?, ?, ?, ?, ?)',
    "Subscription": 'INSERT INTO "Subscription" VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    "Student": 'INSERT INTO "Student" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    "Session": 'INSERT INTO "Session" VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    "_prisma_migrations": 'INSERT INTO "_prisma_migrations" VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
}
