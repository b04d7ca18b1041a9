CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  balance INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE TABLE activity (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  activity_type TEXT NOT NULL,
  amount INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX activity_account_id ON activity (account_id);

CREATE TABLE students (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL
);
CREATE TABLE courses (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL
);
CREATE TABLE enrollments (
  student_id INTEGER NOT NULL REFERENCES students (id),
  course_id INTEGER NOT NULL REFERENCES courses (id),
  grade TEXT,
  enrolled_on TIMESTAMP NOT NULL,
  PRIMARY KEY (student_id, course_id)
);

INSERT INTO accounts VALUES
  (1, 'SpongeBob', 'bob@sea.example', 1200, '2026-01-01 09:00:00'),
  (2, 'Patrick', 'pat@sea.example', 30, '2026-01-02 09:00:00'),
  (3, 'Sandy', 'sandy@land.example', 0, '2026-01-03 09:00:00');
INSERT INTO activity VALUES
  (1, 1, 'DEP', 800, '2026-02-01 10:00:00'),
  (2, 1, 'DEP', 900, '2026-02-02 10:00:00'),
  (3, 1, 'WD', 500, '2026-02-03 10:00:00'),
  (4, 2, 'DEP', 30, '2026-02-04 10:00:00');

INSERT INTO students VALUES (1, 'Ada'), (2, 'Ben'), (3, 'Cleo');
INSERT INTO courses VALUES (1, 'Algebra'), (2, 'Botany');
INSERT INTO enrollments VALUES
  (1, 1, 'A', '2026-09-01 00:00:00'),
  (1, 2, NULL, '2026-09-02 00:00:00'),
  (2, 1, 'C', '2026-09-03 00:00:00');
