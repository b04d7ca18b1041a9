CREATE TABLE "diaries" (
  "id" INTEGER PRIMARY KEY,
  "mood" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  "pages" BIGINT NOT NULL,
  "read" BIGINT NOT NULL,
  "created_at" TIMESTAMP NOT NULL,
  "deleted_at" TIMESTAMP,
  CONSTRAINT "diaries_mood_check" CHECK ("mood" IN ('so so', 'it''s bad')),
  CONSTRAINT "read_of_pages" CHECK ("read" <= pages),
  CONSTRAINT "diaries_check2" CHECK (pages > 0)
);

CREATE UNIQUE INDEX "diaries_title" ON "diaries" (lower(title), "mood") WHERE deleted_at IS NULL;

CREATE INDEX "diaries_new" ON "diaries" (created_at DESC);

CREATE TABLE "entries" (
  "id" INTEGER PRIMARY KEY,
  "mood" TEXT,
  "size" TEXT NOT NULL,
  CONSTRAINT "entries_mood_check" CHECK ("mood" IN ('so so', 'it''s bad')),
  CONSTRAINT "entries_size_check" CHECK ("size" IN ('S', 'L'))
);
