-- SPDX-License-Identifier: GPL-3.0-or-later
-- The views for checks, as SQLite's: the same columns, names and values.
CREATE VIEW v_msg AS SELECT m.id, m.key AS client_key, encode(a.hash, 'hex') AS contact, m.channel, m.class, m.topic, m.state, m.parts,
	m.expires_at, m.state_since, c.id AS campaign
	FROM message m JOIN address a ON a.id = m.address LEFT JOIN campaign c ON c.flow = m.flow;
CREATE VIEW v_attempt AS SELECT t.id, t.seq, t.message AS msg_id, t.part, t.n, t.kind, n.name AS node, t.epoch,
	CASE WHEN t.idempotent <> 0 THEN x.instance || '-' || t.message END AS idem_key, t.outcome, t.proof, t.reference AS provider_ref,
	t.not_before, t.handed_at FROM attempt t JOIN meta x ON x.one = 1 CROSS JOIN node n;
CREATE VIEW v_inbound AS SELECT id, seq, channel, dedupe_key, state, received_at FROM inbound;
CREATE VIEW v_optout AS SELECT encode(a.hash, 'hex') AS contact, o.scope, o.seq, o.lifted_seq FROM optout o JOIN address a ON a.id = o.address;
CREATE VIEW v_audit AS SELECT chain, seq, encode(prev_hash, 'hex') AS prev_hash, encode(hash, 'hex') AS hash FROM audit;
CREATE VIEW v_meta AS SELECT name AS node, epoch, recovered, now_at AS now FROM node;
