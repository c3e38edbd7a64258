-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the engine itself needs: whose database this is, the functions that the common texts call by SQLite's names, and ids that
-- count without gaps and are never used again.
CREATE TABLE caunoi (one integer PRIMARY KEY CHECK (one = 1), application bigint NOT NULL, version integer NOT NULL);
CREATE FUNCTION instr(text, text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT strpos($1, $2)';
CREATE TABLE ids (name text COLLATE "C" PRIMARY KEY, last bigint NOT NULL) WITH (fillfactor = 50);
-- For rows that somebody else inserts; the engine counts by itself and writes the count down once a transaction.
CREATE FUNCTION next_id(of text) RETURNS bigint LANGUAGE sql VOLATILE AS 'UPDATE ids SET last = last + 1 WHERE name = of RETURNING last';
DO $$
DECLARE t record; top bigint;
BEGIN
	FOR t IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' AND a.atttypid = 'bigint'::regtype
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname
	LOOP
		EXECUTE format('SELECT coalesce(max(id), 0) FROM %I', t.relname) INTO top;
		INSERT INTO ids (name, last) VALUES (t.relname, top);
		EXECUTE format('ALTER TABLE %I ALTER COLUMN id SET DEFAULT next_id(%L)', t.relname, t.relname);
	END LOOP;
END $$;
-- Rows that are written again every tick stay in their page.
ALTER TABLE node SET (fillfactor = 20);
ALTER TABLE flow SET (fillfactor = 50);
ALTER TABLE channel SET (fillfactor = 50);
ALTER TABLE message SET (fillfactor = 80);
ALTER TABLE attempt SET (fillfactor = 80);
