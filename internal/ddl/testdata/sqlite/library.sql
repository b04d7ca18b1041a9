CREATE TABLE "notes" (
  "id" INTEGER PRIMARY KEY,
  "item_type" TEXT NOT NULL,
  "item_id" BIGINT NOT NULL,
  "text" TEXT NOT NULL
);

CREATE INDEX "notes_item_type_item_id_idx" ON "notes" ("item_type", "item_id");

CREATE TABLE "authors" (
  "id" INTEGER PRIMARY KEY,
  "name" TEXT NOT NULL,
  "code" TEXT NOT NULL,
  "boss_id" BIGINT,
  CONSTRAINT "authors_boss_id_fkey" FOREIGN KEY ("boss_id") REFERENCES "authors" ("id") ON DELETE NO ACTION
);

CREATE INDEX "authors_boss_id_idx" ON "authors" ("boss_id");

CREATE TABLE "books" (
  "id" INTEGER PRIMARY KEY,
  "author_id" BIGINT NOT NULL,
  "editor_id" BIGINT,
  "title" TEXT NOT NULL,
  "status" TEXT NOT NULL DEFAULT 'draft',
  "price" numeric(12, 2) NOT NULL,
  "count" INT NOT NULL,
  "total" BIGINT NOT NULL GENERATED ALWAYS AS (price * count) STORED,
  "created_at" TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%S+00:00', 'now')),
  "subtitle" TEXT,
  CONSTRAINT "books_author_id_title_key" UNIQUE ("author_id", "title"),
  CONSTRAINT "books_editor_id_fkey" FOREIGN KEY ("editor_id") REFERENCES "authors" ("id") ON DELETE SET NULL,
  CONSTRAINT "books_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors" ("id") ON DELETE CASCADE,
  CONSTRAINT "books_status_check" CHECK ("status" IN ('draft', 'author''s', 'out')),
  CONSTRAINT "books_check1" CHECK (price >= 0),
  CONSTRAINT "books_check2" CHECK (title <> '')
);

CREATE INDEX "books_created_at_idx" ON "books" ("created_at");

CREATE INDEX "books_editor_id_idx" ON "books" ("editor_id");

CREATE TABLE "profiles" (
  "author_id" BIGINT NOT NULL,
  "bio" TEXT,
  "photo" BLOB,
  CONSTRAINT "profiles_pkey" PRIMARY KEY ("author_id"),
  CONSTRAINT "profiles_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors" ("id") ON DELETE RESTRICT
);

CREATE TABLE "tags" (
  "id" BIGINT NOT NULL,
  "name" TEXT NOT NULL,
  CONSTRAINT "tags_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "tags_name_key" UNIQUE ("name")
);

CREATE TABLE "author_tags" (
  "id" INTEGER PRIMARY KEY,
  "author_id" BIGINT NOT NULL,
  "tag_id" BIGINT NOT NULL,
  CONSTRAINT "author_tags_author_id_tag_id_key" UNIQUE ("author_id", "tag_id"),
  CONSTRAINT "author_tags_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors" ("id") ON DELETE RESTRICT,
  CONSTRAINT "author_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags" ("id") ON DELETE RESTRICT
);

CREATE INDEX "author_tags_tag_id_idx" ON "author_tags" ("tag_id");

CREATE TABLE "awards" (
  "id" INTEGER PRIMARY KEY,
  "author_id" BIGINT NOT NULL,
  "name" TEXT NOT NULL,
  CONSTRAINT "awards_author_id_key" UNIQUE ("author_id"),
  CONSTRAINT "awards_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "authors" ("id") ON DELETE RESTRICT
);

CREATE TABLE "pictures" (
  "id" INTEGER PRIMARY KEY,
  "item_type" TEXT NOT NULL,
  "item_id" BIGINT NOT NULL,
  CONSTRAINT "pictures_item_type_item_id_key" UNIQUE ("item_type", "item_id")
);
