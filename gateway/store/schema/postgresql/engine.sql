-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the engine itself needs: whose database this is, the functions that the common texts call by SQLite's names, and ids that
-- count without gaps and are never used again.
CREATE TABLE caunoi (one integer PRIMARY KEY CHECK (one = 1), application bigint NOT NULL, version integer NOT NULL);
CREATE FUNCTION instr(text, text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT strpos($1, $2)';
CREATE TABLE ids (name text COLLATE "C" PRIMARY KEY, last bigint NOT NULL) WITH (fillfactor = 50);
-- For rows that somebody else inserts; the engine counts by itself and writes the count down once a transaction.
CREATE FUNCTION next_id(of text) RETURNS bigint LANGUAGE sql VOLATILE AS 'UPDATE ids SET last = last + 1 WHERE name = of RETURNING last';
-- Looked up and locked for every message, a third of what its insert costs. SQLite has both rules, every test runs there, and a check of
-- the whole database looks for rows without their other half.
ALTER TABLE attempt DROP CONSTRAINT attempt_message_fkey;
ALTER TABLE message DROP CONSTRAINT message_address_fkey;
