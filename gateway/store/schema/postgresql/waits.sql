-- SPDX-License-Identifier: GPL-3.0-or-later
-- A change of what an index looks at writes an entry into every index of the row, so the indexes of messages that wait look at a column of
-- their own: from 'sending' on it stays as it is, and a new state stays in the row's page. Half of a page is left free for that.
ALTER TABLE message ADD COLUMN waits text COLLATE "C" GENERATED ALWAYS AS (CASE WHEN state IN ('queued', 'retry') THEN 'ready'
	WHEN state IN ('held', 'unclear') THEN state END) STORED;
DROP INDEX message_ready, message_held, message_held_flow, message_expiry, message_unclear;
CREATE INDEX message_ready ON message (flow, pin, due_at, id) WHERE waits = 'ready';
CREATE INDEX message_held ON message (due_at) WHERE waits = 'held';
CREATE INDEX message_held_flow ON message (flow) WHERE waits = 'held';
CREATE INDEX message_expiry ON message (expires_at) WHERE waits = 'held' OR waits = 'ready';
CREATE INDEX message_unclear ON message (id) WHERE waits = 'unclear';
ALTER TABLE message SET (fillfactor = 50);
