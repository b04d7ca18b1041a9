-- The tables of the golden queries that the readings do not have, in SQL that PostgreSQL and SQLite both read.

-- A column without equality.
CREATE TABLE docs (
  id BIGINT PRIMARY KEY,
  title TEXT NOT NULL,
  body JSON NOT NULL
);
CREATE TABLE notes (
  id BIGINT PRIMARY KEY,
  doc_id BIGINT NOT NULL REFERENCES docs (id),
  text TEXT NOT NULL
);
-- A table named like an alias of the compiler's own.
CREATE TABLE keys (
  id BIGINT PRIMARY KEY,
  doc_id BIGINT NOT NULL REFERENCES docs (id)
);

-- Keys of text and of UUIDs, and a value of every class.
CREATE TABLE teams (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL
);
CREATE TABLE members (
  id UUID PRIMARY KEY,
  handle TEXT NOT NULL,
  team_code TEXT REFERENCES teams (code),
  joined_at TIMESTAMP NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  active BOOLEAN NOT NULL,
  photo BYTEA
);
CREATE TABLE badges (
  id UUID PRIMARY KEY,
  member_id UUID NOT NULL REFERENCES members (id),
  label TEXT NOT NULL
);

-- Names that must be quoted, in ways that quoting must survive.
CREATE TABLE "we""ird; table" (
  "sel""ect" BIGINT PRIMARY KEY,
  "a b" TEXT NOT NULL,
  "dot.ted" BIGINT NOT NULL,
  "日本" TEXT,
  "from" BIGINT REFERENCES "we""ird; table" ("sel""ect")
);
-- A name with a question mark, which squirrel would take for a placeholder.
CREATE TABLE asks (
  id BIGINT PRIMARY KEY,
  "really?" TEXT NOT NULL
);
-- A table with the name that a path of its own relation has.
CREATE TABLE "kin.kin" (
  id BIGINT PRIMARY KEY,
  kin_id BIGINT NOT NULL REFERENCES "kin.kin" (id)
);
