-- SPDX-License-Identifier: GPL-3.0-or-later
-- Views for checks: read by tests and by operators who doubt. contact is the keyed hash of a number, never a number.
CREATE VIEW v_msg AS SELECT m.id, m.key AS client_key, lower(hex(a.hash)) AS contact, m.channel, m.class, m.topic, m.state, m.parts,
	m.expires_at, m.state_since, CASE WHEN c.id IS NULL THEN NULL ELSE c.id END AS campaign
	FROM message m JOIN address a ON a.id = m.address LEFT JOIN campaign c ON c.flow = m.flow;
CREATE VIEW v_attempt AS SELECT t.id, t.seq, t.message AS msg_id, t.part, t.n, t.kind, n.name AS node, t.epoch,
	CASE WHEN t.idempotent THEN x.instance || '-' || t.message END AS idem_key, t.outcome, t.proof, t.reference AS provider_ref,
	t.not_before, t.handed_at FROM attempt t JOIN meta x ON x.one = 1 JOIN node n;
CREATE VIEW v_inbound AS SELECT id, seq, channel, dedupe_key, state, received_at FROM inbound;
CREATE VIEW v_optout AS SELECT lower(hex(a.hash)) AS contact, o.scope, o.seq, o.lifted_seq FROM optout o JOIN address a ON a.id = o.address;
CREATE VIEW v_audit AS SELECT chain, seq, lower(hex(prev_hash)) AS prev_hash, lower(hex(hash)) AS hash FROM audit;
CREATE VIEW v_meta AS SELECT name AS node, epoch, recovered, now_at AS now FROM node;
