-- SPDX-License-Identifier: GPL-3.0-or-later
-- Ids of tables that have none yet: when the database is made, and when tables were added to it.
DO $$
DECLARE t record; top bigint;
BEGIN
	FOR t IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' AND a.atttypid = 'bigint'::regtype
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
		AND NOT EXISTS (SELECT 1 FROM ids WHERE ids.name = c.relname) ORDER BY c.relname
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
ALTER TABLE attempt SET (fillfactor = 50);
