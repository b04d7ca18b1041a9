CREATE TABLE branches (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  city text NOT NULL
);
CREATE TABLE accounts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner text NOT NULL,
  email text NOT NULL UNIQUE,
  balance bigint NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TABLE activity (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts,
  branch_id bigint REFERENCES branches,
  activity_type text NOT NULL CHECK (activity_type IN ('DEP', 'WD')),
  amount bigint NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX ON activity (account_id);

INSERT INTO branches (city) VALUES ('Bikini Bottom'), ('New Kelp City');
INSERT INTO accounts (owner, email, balance, created_at) VALUES
  ('SpongeBob', 'bob@sea.example', 1200, '2026-01-01 09:00Z'),
  ('Patrick', 'pat@sea.example', 30, '2026-01-02 09:00Z'),
  ('Squidward', 'squid@sea.example', 900, '2026-01-03 09:00Z'),
  ('Sandy', 'sandy@land.example', 0, '2026-01-04 09:00Z');
INSERT INTO activity (account_id, branch_id, activity_type, amount, created_at) VALUES
  (1, 1, 'DEP', 800, '2026-02-01 10:00Z'),
  (1, 2, 'DEP', 900, '2026-02-02 10:00Z'),
  (1, NULL, 'WD', 500, '2026-02-03 10:00Z'),
  (2, 1, 'DEP', 30, '2026-02-04 10:00Z'),
  (3, 1, 'DEP', 750, '2026-02-05 10:00Z'),
  (3, NULL, 'WD', 800, '2026-02-06 10:00Z');
