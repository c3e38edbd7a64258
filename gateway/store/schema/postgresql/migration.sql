-- SPDX-License-Identifier: GPL-3.0-or-later
-- A row while this database is being filled from another one ('filling', with what it comes from and how far it is), and for good once
-- its contents have gone elsewhere ('moved', where to). No core works on a database that has one.
CREATE TABLE migration (one integer PRIMARY KEY CHECK (one = 1), state text NOT NULL CHECK (state IN ('filling', 'moved')),
	instance text COLLATE "C" NOT NULL DEFAULT '', source text COLLATE "C" NOT NULL DEFAULT '', at_table text NOT NULL DEFAULT '',
	n_rows bigint NOT NULL DEFAULT 0, place text NOT NULL DEFAULT '');
