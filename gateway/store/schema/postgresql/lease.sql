-- SPDX-License-Identifier: GPL-3.0-or-later
-- The right to write. The lock says who may try, term says whose it is: a core whose term has passed cannot commit. Moments are the
-- server's. The one row is renewed in its page.
CREATE TABLE lease (one integer PRIMARY KEY CHECK (one = 1), node text NOT NULL DEFAULT '', holder text NOT NULL DEFAULT '',
	term bigint NOT NULL DEFAULT 0, backend integer NOT NULL DEFAULT 0, at timestamptz NOT NULL DEFAULT '-infinity') WITH (fillfactor = 20);
INSERT INTO lease (one) VALUES (1);
-- The last statement of a transaction that wrote: the counts of ids, which nobody else may have moved, and the lease, which must still
-- be ours. Either fault is an error, so that the COMMIT behind it is not done.
CREATE FUNCTION close_tick(names text[], lasts bigint[], was bigint[], who text, whose bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE n integer;
BEGIN
	IF names <> '{}' THEN
		UPDATE ids SET last = v.last FROM unnest(names, lasts, was) AS v(name, last, was) WHERE ids.name = v.name AND ids.last = v.was;
		GET DIAGNOSTICS n = ROW_COUNT;
		IF n <> cardinality(names) THEN
			RAISE EXCEPTION 'ids were drawn by somebody else' USING ERRCODE = 'CN002';
		END IF;
	END IF;
	IF whose > 0 THEN
		UPDATE lease SET at = clock_timestamp() WHERE one = 1 AND holder = who AND term = whose;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'the lease is another''s' USING ERRCODE = 'CN001';
		END IF;
	END IF;
END $$;
