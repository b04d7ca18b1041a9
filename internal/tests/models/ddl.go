package models

import (
	"testing"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// DDL is the text that makes the tables of all cases.
func DDL(tb testing.TB) string {
	return kit.ReadingsDDL(tb) + keyed.FamilyDDL() + compositeDDL + notesDDL + WorldDDL + TreesDDL + PartsDDL
}

const compositeDDL = `
CREATE TABLE composite_owners (region TEXT NOT NULL, no BIGINT NOT NULL, name TEXT NOT NULL,
  boss_region TEXT, boss_no BIGINT, main_region TEXT, main_no BIGINT, PRIMARY KEY (region, no));
CREATE TABLE composite_parts (region TEXT NOT NULL, no BIGINT NOT NULL, owner_region TEXT, owner_no BIGINT,
  name TEXT NOT NULL, PRIMARY KEY (region, no));
CREATE TABLE composite_cards (region TEXT NOT NULL, no BIGINT NOT NULL, owner_region TEXT, owner_no BIGINT,
  name TEXT NOT NULL, PRIMARY KEY (region, no));
CREATE TABLE composite_tags (region TEXT NOT NULL, no BIGINT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (region, no));
CREATE TABLE composite_owner_tags (owner_region TEXT, owner_no BIGINT, tag_region TEXT, tag_no BIGINT);
CREATE TABLE composite_friends (a_region TEXT, a_no BIGINT, b_region TEXT, b_no BIGINT);
INSERT INTO composite_owners (region, no, name, boss_region, boss_no, main_region, main_no) VALUES
  ('a', 11, 'ann', NULL, NULL, 'p', 2), ('a1', 1, 'bob', 'a', 11, 'p', 1), ('b', 1, 'cat', 'a', 11, NULL, NULL),
  ('b', 2, 'dan', 'a1', 1, 'p', 1), ('c', 1, 'eve', 'a', NULL, 'zz', 99);
INSERT INTO composite_parts (region, no, owner_region, owner_no, name) VALUES
  ('p', 1, 'a', 11, 'axle'), ('p', 2, 'a', 11, 'bolt'), ('q', 1, 'a1', 1, 'cog'), ('q', 2, 'a', NULL, 'dial');
INSERT INTO composite_cards (region, no, owner_region, owner_no, name) VALUES
  ('x', 1, 'b', 1, 'blue'), ('x', 2, NULL, 11, 'loose'), ('y', 1, 'a', 11, 'red');
INSERT INTO composite_tags (region, no, name) VALUES ('t', 1, 'cold'), ('t', 2, 'hot'), ('u', 1, 'odd');
INSERT INTO composite_owner_tags (owner_region, owner_no, tag_region, tag_no) VALUES
  ('a', 11, 't', 1), ('a', 11, 't', 2), ('a1', 1, 't', 1), ('b', 2, 't', 2), ('b', NULL, 't', 1);
INSERT INTO composite_friends (a_region, a_no, b_region, b_no) VALUES
  ('a', 11, 'a1', 1), ('a', 11, 'b', 1), ('a1', 1, 'a', 11), ('b', 1, 'b', 1);
`

const WorldDDL = `
CREATE TABLE world_countries (code TEXT PRIMARY KEY, name TEXT NOT NULL, capital_id BIGINT);
CREATE TABLE world_cities (id BIGINT PRIMARY KEY, country_code TEXT NOT NULL, name TEXT NOT NULL);
CREATE TABLE world_streets (town TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (town, name));
CREATE TABLE world_houses (id BIGINT PRIMARY KEY, town TEXT NOT NULL, street TEXT NOT NULL);
INSERT INTO world_streets (town, name) VALUES ('ab', 'c'), ('a', 'bc'), ('a"', ',b'), ('a",', 'b'), ('', 'abc');
INSERT INTO world_houses (id, town, street) VALUES
  (1, 'ab', 'c'), (2, 'a', 'bc'), (3, 'a"', ',b'), (4, 'a",', 'b'), (5, '', 'abc'), (6, 'abc', '');
CREATE TABLE world_anthems (id BIGINT PRIMARY KEY, country_code TEXT NOT NULL, title TEXT NOT NULL);
INSERT INTO world_countries (code, name, capital_id) VALUES
  ('de', 'Germany', 1), ('fr', 'France', 3), ('nr', 'Nauru', NULL);
INSERT INTO world_cities (id, country_code, name) VALUES
  (1, 'de', 'Berlin'), (2, 'de', 'Hamburg'), (3, 'fr', 'Paris'), (4, 'xx', 'Atlantis');
INSERT INTO world_anthems (id, country_code, title) VALUES
  (1, 'de', 'Lied'), (2, 'fr', 'Marseillaise'), (3, 'fr', 'Another');
`

const notesDDL = `
CREATE TABLE conf_notes (id BIGINT PRIMARY KEY, title TEXT NOT NULL, score BIGINT, note TEXT,
  done BOOLEAN NOT NULL, ratio DOUBLE PRECISION NOT NULL, at TIMESTAMP NOT NULL);
INSERT INTO conf_notes (id, title, score, note, done, ratio, at) VALUES
  (1, 'Apple', 10, 'plain', TRUE, 0.5, '2024-01-01 00:00:00+00:00'),
  (2, 'apple pie', 20, NULL, FALSE, 1.5, '2024-02-01 00:00:00+00:00'),
  (3, 'Banana', NULL, '100%', FALSE, 2.5, '2024-03-01 00:00:00+00:00'),
  (4, 'cherry_x', 30, 'a_b', TRUE, 0, '2024-04-01 00:00:00+00:00'),
  (5, 'Date', 20, 'why?', FALSE, -1, '2024-05-01 00:00:00+00:00'),
  (6, 'Élan', NULL, NULL, TRUE, 9.25, '2024-06-01 00:00:00+00:00');
`
