package writes_test

const dPostDDL = `
CREATE TABLE posts (id BIGINT PRIMARY KEY, title TEXT NOT NULL, deleted_at TIMESTAMP, lock BIGINT NOT NULL DEFAULT 0);
CREATE TABLE comments (id BIGINT PRIMARY KEY, post_id BIGINT NOT NULL REFERENCES posts (id), body TEXT NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT FALSE);
CREATE TABLE stars (id BIGINT PRIMARY KEY, post_id BIGINT NOT NULL REFERENCES posts (id));
INSERT INTO posts (id, title) VALUES (1, 'one'), (2, 'two'), (3, 'three');
INSERT INTO comments (id, post_id, body) VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c');
INSERT INTO stars (id, post_id) VALUES (1, 1);
`

const dRows = `
INSERT INTO accounts (id, owner) VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cat');
INSERT INTO activity (id, account_id, kind, amount) VALUES (1, 1, 'DEP', 10), (2, 1, 'WD', 4), (3, 2, 'DEP', 1);
INSERT INTO tags (id, name) VALUES (1, 'red'), (2, 'blue');
INSERT INTO activity_tags (activity_id, tag_id) VALUES (1, 1), (1, 2), (2, 1), (3, 1);
INSERT INTO notes (id, item_type, item_id, body) VALUES (1, 'activity', 1, 'n1'), (2, 'activity', 3, 'n2'), (3, 'other', 1, 'n3');
`
