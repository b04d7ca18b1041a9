-- The tables of the readings' examples, in SQL that PostgreSQL and SQLite both read.

CREATE TABLE accounts (
  id BIGINT PRIMARY KEY,
  owner TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  balance BIGINT NOT NULL DEFAULT 0,
  created_at TIMESTAMP NOT NULL
);
CREATE TABLE activity (
  id BIGINT PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  activity_type TEXT NOT NULL CHECK (activity_type IN ('DEP', 'WD')),
  amount BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX activity_account_id ON activity (account_id);

CREATE TABLE "user" (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL
);
CREATE TABLE profiles (
  id BIGINT PRIMARY KEY,
  user_id BIGINT NOT NULL UNIQUE REFERENCES "user" (id),
  bio TEXT,
  avatar_url TEXT
);
CREATE TABLE posts (
  id BIGINT PRIMARY KEY,
  author_id BIGINT NOT NULL REFERENCES "user" (id),
  editor_id BIGINT REFERENCES "user" (id),
  title TEXT NOT NULL
);
CREATE TABLE tags (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE post_tags (
  post_id BIGINT NOT NULL REFERENCES posts (id),
  tag_id BIGINT NOT NULL REFERENCES tags (id),
  PRIMARY KEY (post_id, tag_id)
);

CREATE TABLE students (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL
);
CREATE TABLE courses (
  id BIGINT PRIMARY KEY,
  title TEXT NOT NULL
);
CREATE TABLE enrollments (
  student_id BIGINT NOT NULL REFERENCES students (id),
  course_id BIGINT NOT NULL REFERENCES courses (id),
  grade TEXT,
  enrolled_on TIMESTAMP NOT NULL,
  PRIMARY KEY (student_id, course_id)
);

CREATE TABLE categories (
  id BIGINT PRIMARY KEY,
  parent_id BIGINT REFERENCES categories (id),
  name TEXT NOT NULL
);
CREATE TABLE employees (
  id BIGINT PRIMARY KEY,
  manager_id BIGINT REFERENCES employees (id),
  name TEXT NOT NULL
);

CREATE TABLE authors (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL
);
CREATE TABLE books (
  id BIGINT PRIMARY KEY,
  author_id BIGINT NOT NULL REFERENCES authors (id),
  title TEXT NOT NULL,
  pages BIGINT NOT NULL
);

-- Composite keys: an order of a warehouse, its lines, and the labels of a line.
CREATE TABLE "order" (
  warehouse TEXT NOT NULL,
  number BIGINT NOT NULL,
  customer TEXT,
  PRIMARY KEY (warehouse, number)
);
CREATE TABLE order_lines (
  warehouse TEXT NOT NULL,
  number BIGINT NOT NULL,
  line BIGINT NOT NULL,
  item TEXT NOT NULL,
  PRIMARY KEY (warehouse, number, line)
);
CREATE TABLE labels (
  id BIGINT PRIMARY KEY,
  text TEXT NOT NULL
);
CREATE TABLE line_labels (
  warehouse TEXT NOT NULL,
  number BIGINT NOT NULL,
  line BIGINT NOT NULL,
  label_id BIGINT NOT NULL
);

INSERT INTO accounts (id, owner, email, balance, created_at) VALUES
  (1, 'SpongeBob', 'bob@sea.example', 1200, '2024-01-01 09:00:00'),
  (2, 'Patrick', 'pat@sea.example', 30, '2024-01-02 09:00:00'),
  (3, 'Squidward', 'squid@sea.example', 900, '2024-01-03 09:00:00'),
  (4, 'Sandy', 'sandy@land.example', 0, '2024-01-04 09:00:00');
INSERT INTO activity (id, account_id, activity_type, amount, created_at) VALUES
  (1, 1, 'DEP', 800, '2024-02-01 10:00:00'),
  (2, 1, 'DEP', 900, '2024-02-02 10:00:00'),
  (3, 1, 'WD', 500, '2024-02-03 10:00:00'),
  (4, 2, 'DEP', 30, '2024-02-04 10:00:00'),
  (5, 3, 'DEP', 750, '2024-02-05 10:00:00'),
  (6, 3, 'WD', 800, '2024-02-06 10:00:00');

INSERT INTO "user" (id, name) VALUES (1, 'ann'), (2, 'bea'), (3, 'cyd');
INSERT INTO profiles (id, user_id, bio, avatar_url) VALUES (1, 1, 'writes', NULL), (2, 2, NULL, NULL);
INSERT INTO posts (id, author_id, editor_id, title) VALUES
  (1, 1, 2, 'Joins'), (2, 1, NULL, 'Keys'), (3, 2, 1, 'Nulls');
INSERT INTO tags (id, name) VALUES (1, 'go'), (2, 'sql'), (3, 'unused');
INSERT INTO post_tags (post_id, tag_id) VALUES (1, 1), (1, 2), (2, 2);

INSERT INTO students (id, name) VALUES (1, 'Ada'), (2, 'Ben'), (3, 'Cleo');
INSERT INTO courses (id, title) VALUES (1, 'Algebra'), (2, 'Botany'), (3, 'Chess');
INSERT INTO enrollments (student_id, course_id, grade, enrolled_on) VALUES
  (1, 1, 'A', '2024-09-01 00:00:00'), (1, 2, NULL, '2024-09-02 00:00:00'), (2, 1, 'C', '2024-09-03 00:00:00');

INSERT INTO categories (id, parent_id, name) VALUES
  (1, NULL, 'things'), (2, 1, 'tools'), (3, 1, 'toys'), (4, 2, 'hammers'), (5, 4, 'mallets');
INSERT INTO employees (id, manager_id, name) VALUES
  (1, NULL, 'root'), (2, 1, 'left'), (3, 1, 'right'), (4, 2, 'leaf');

INSERT INTO authors (id, name) VALUES (1, 'Le Guin'), (2, 'Lem'), (3, 'Nobody');
INSERT INTO books (id, author_id, title, pages) VALUES
  (1, 1, 'The Dispossessed', 341), (2, 1, 'The Lathe of Heaven', 184), (3, 2, 'Solaris', 204);

INSERT INTO "order" (warehouse, number, customer) VALUES ('a', 1, 'x'), ('a', 2, NULL), ('b', 1, 'y');
INSERT INTO order_lines (warehouse, number, line, item) VALUES
  ('a', 1, 1, 'nails'), ('a', 1, 2, 'glue'), ('b', 1, 1, 'rope');
INSERT INTO labels (id, text) VALUES (1, 'fragile'), (2, 'heavy');
INSERT INTO line_labels (warehouse, number, line, label_id) VALUES
  ('a', 1, 1, 2), ('a', 1, 2, 1), ('a', 1, 2, 2), ('b', 1, 1, 2);
