-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1. Ids count from 1 per table and are never reused; order is seq. Times are Unix ms. Key ids stand beside
-- every sealed or hashed column so that keys can rotate.
CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), schema INTEGER NOT NULL, oldest_reader INTEGER NOT NULL,
	instance TEXT NOT NULL, created_at INTEGER NOT NULL, fingerprint {blob}, -- of the identity key: every core has the same
	backed_up_at INTEGER) {strict}; -- when a running core last had its database copied
CREATE TABLE node (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL, recovered INTEGER NOT NULL, tick INTEGER NOT NULL,
	seq INTEGER NOT NULL, now_at INTEGER NOT NULL, clean INTEGER NOT NULL DEFAULT 1) {strict};

-- numbers and people ------------------------------------------------------------------------------------------
CREATE TABLE address (id {id}, hash {blob} NOT NULL UNIQUE, hash_key INTEGER NOT NULL, sealed {blob} NOT NULL,
	seal_key INTEGER NOT NULL, kind TEXT NOT NULL, network TEXT NOT NULL,
	off TEXT NOT NULL DEFAULT '', -- opt-out scopes in force, ' campaign topic:BHYT '
	unreachable TEXT, last_channel TEXT, last_inbound_at INTEGER, created_at INTEGER NOT NULL) {strict};
CREATE TABLE import (id {id}, state TEXT NOT NULL, grp INTEGER, basis TEXT NOT NULL, job INTEGER, unit TEXT,
	created_by TEXT NOT NULL, created_at INTEGER NOT NULL, seq INTEGER) {strict}; -- seq: when it became visible
CREATE TABLE person (id {id}, address INTEGER NOT NULL REFERENCES address(id), name TEXT NOT NULL, fold TEXT NOT NULL,
	unit TEXT, hamlet TEXT, language TEXT, fields TEXT, basis TEXT NOT NULL, import INTEGER, imported_at INTEGER NOT NULL,
	moved_seq INTEGER, unit_was TEXT, -- when the unit last became another one, and from which ('' = none)
	UNIQUE (address, fold)) {strict};
CREATE TABLE person_change (import INTEGER NOT NULL, person INTEGER NOT NULL, name TEXT NOT NULL, unit TEXT, hamlet TEXT,
	language TEXT, fields TEXT, basis TEXT NOT NULL, PRIMARY KEY (import, person)) {strict};
CREATE TABLE grp (id {id}, name TEXT NOT NULL, fold TEXT NOT NULL UNIQUE, unit TEXT, created_at INTEGER NOT NULL,
	members INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 0) {strict}; -- version: how often the list or its people changed
CREATE TABLE member (grp INTEGER NOT NULL, person INTEGER NOT NULL, import INTEGER, PRIMARY KEY (grp, person)) {strict};
CREATE INDEX member_person ON member (person);
CREATE TABLE unit (id {id}, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, fold TEXT NOT NULL, kind TEXT NOT NULL, parent TEXT NOT NULL,
	from_day TEXT NOT NULL, to_day TEXT NOT NULL, successor TEXT NOT NULL) {strict}; -- days as 2025-07-01; '' = none
CREATE INDEX unit_parent ON unit (parent, id);
CREATE INDEX unit_fold ON unit (fold, id);
CREATE TABLE fact (id {id}, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, value TEXT NOT NULL, from_day TEXT NOT NULL,
	until_day TEXT NOT NULL, source TEXT NOT NULL) {strict}; -- amounts and deadlines that texts quote
-- programme figures of a unit and year, for the annual report
CREATE TABLE indicator (code TEXT NOT NULL, unit TEXT NOT NULL, year INTEGER NOT NULL, value_tenths INTEGER NOT NULL, target_tenths INTEGER,
	source TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, PRIMARY KEY (code, unit, year)) {strict};
CREATE TABLE dnc_list (id {id}, state TEXT NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL) {strict};
CREATE TABLE dnc (list INTEGER NOT NULL, hash {blob} NOT NULL, PRIMARY KEY (hash, list)) {strict}; -- of the Do-Not-Call list
CREATE INDEX dnc_of_list ON dnc (list);
CREATE INDEX dnc_list_state ON dnc_list (state, id);
CREATE TABLE allowance (actor TEXT NOT NULL, what TEXT NOT NULL, day INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (actor, what)) {strict};
CREATE TABLE upload (id {id}, actor TEXT NOT NULL, created_at INTEGER NOT NULL, n_bytes INTEGER NOT NULL, hashed {blob}) {strict};
CREATE TABLE upload_chunk (upload INTEGER NOT NULL, n INTEGER NOT NULL, data {blob} NOT NULL, PRIMARY KEY (upload, n)) {strict};

-- who was erased: said again in the ledger, so that a restored backup forgets them, too. number: nobody else had it, and it went as well
CREATE TABLE erasure (id {id}, address INTEGER NOT NULL REFERENCES address(id), person INTEGER NOT NULL, number INTEGER NOT NULL,
	seq INTEGER NOT NULL, at INTEGER NOT NULL) {strict};
CREATE INDEX erasure_seq ON erasure (seq);
CREATE INDEX erasure_address ON erasure (address, id);

-- how far each class of old rows has lost its words; of the class 'clock': when it was looked at, and until when its leap is waited out
CREATE TABLE retention (class TEXT PRIMARY KEY, cursor INTEGER NOT NULL, at INTEGER NOT NULL) {strict};

-- consent -----------------------------------------------------------------------------------------------------
CREATE TABLE optout (id {id}, address INTEGER NOT NULL REFERENCES address(id), scope TEXT NOT NULL, seq INTEGER NOT NULL,
	at INTEGER NOT NULL, lifted_seq INTEGER, lifted_at INTEGER, channel TEXT, inbound INTEGER) {strict};
CREATE INDEX optout_address ON optout (address, id);
CREATE INDEX optout_seq ON optout (seq);
CREATE INDEX optout_lifted ON optout (lifted_seq) WHERE lifted_seq IS NOT NULL;
CREATE TABLE consent (id {id}, address INTEGER NOT NULL, scope TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,
	channel TEXT, text TEXT, basis TEXT, actor TEXT) {strict};
CREATE INDEX consent_address ON consent (address, id);
CREATE TABLE question (id {id}, address INTEGER NOT NULL, kind TEXT NOT NULL, options TEXT, subject TEXT, topic TEXT,
	asked_at INTEGER NOT NULL, until_at INTEGER NOT NULL, state TEXT NOT NULL, answer TEXT) {strict};
CREATE INDEX question_open ON question (address, id) WHERE state = 'open';
CREATE INDEX question_due ON question (until_at, id) WHERE state = 'open';

-- who walks through a menu: one row a session of a door (a USSD address, SMS, the simulator). place: where they stand, and what they said; heard
-- and said: the last input as it came, and its answer; until_at: then an open one is given up. Gone a day after its last step
CREATE TABLE conversation (id {id}, door TEXT NOT NULL, session TEXT NOT NULL, address INTEGER NOT NULL, menu TEXT NOT NULL, state TEXT NOT NULL,
	place TEXT NOT NULL, heard TEXT NOT NULL, said TEXT NOT NULL, more INTEGER NOT NULL, begun_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
	until_at INTEGER NOT NULL DEFAULT 0) {strict};
CREATE INDEX conversation_session ON conversation (door, session, id);
CREATE INDEX conversation_address ON conversation (address, id);
CREATE INDEX conversation_due ON conversation (until_at, id) WHERE state = 'open';
CREATE INDEX conversation_over ON conversation (changed_at) WHERE state = 'ended';

-- outbound ----------------------------------------------------------------------------------------------------
CREATE TABLE flow (id {id}, name TEXT NOT NULL, lane INTEGER NOT NULL, class TEXT NOT NULL, state TEXT NOT NULL,
	start_at INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,
	held INTEGER NOT NULL DEFAULT 0, queued INTEGER NOT NULL DEFAULT 0, sending INTEGER NOT NULL DEFAULT 0,
	retry INTEGER NOT NULL DEFAULT 0, sent INTEGER NOT NULL DEFAULT 0, unclear INTEGER NOT NULL DEFAULT 0,
	delivered INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, expired INTEGER NOT NULL DEFAULT 0,
	suppressed INTEGER NOT NULL DEFAULT 0, cancelled INTEGER NOT NULL DEFAULT 0,
	spent_vnd INTEGER NOT NULL DEFAULT 0) {strict}; -- what providers charged, where they say so in VND
CREATE INDEX flow_running ON flow (lane, id) WHERE state = 'running';
CREATE TABLE wording (id {id}, text TEXT NOT NULL, template TEXT, version INTEGER, language TEXT) {strict};
CREATE TABLE message (id {id}, key TEXT NOT NULL UNIQUE, flow INTEGER NOT NULL, person INTEGER,
	address INTEGER NOT NULL REFERENCES address(id), class TEXT NOT NULL, topic TEXT, state TEXT NOT NULL, reason TEXT,
	state_since INTEGER NOT NULL, pin TEXT NOT NULL DEFAULT '', channel TEXT, sender TEXT,
	wording INTEGER, text TEXT, encoding TEXT, parts INTEGER NOT NULL DEFAULT 1, udh_ref INTEGER NOT NULL DEFAULT 0,
	due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, queued_at INTEGER NOT NULL, claimed_at INTEGER, sent_at INTEGER,
	final_at INTEGER, tries INTEGER NOT NULL DEFAULT 0, automatic INTEGER NOT NULL DEFAULT 0, subject TEXT,
	args_hash {blob}) {strict}; -- of the call that put it under its key
CREATE INDEX message_ready ON message (flow, pin, due_at, id) WHERE state IN ('queued', 'retry');
CREATE INDEX message_flow ON message (flow, id);
CREATE INDEX message_held ON message (due_at) WHERE state = 'held';
CREATE INDEX message_held_flow ON message (flow) WHERE state = 'held';
-- OR, not IN: a list of three would build a table of its own at every change of a row
CREATE INDEX message_expiry ON message (expires_at) WHERE (state = 'held' OR state = 'queued' OR state = 'retry');
CREATE INDEX message_address ON message (address, claimed_at {nulls first});
CREATE INDEX message_automatic ON message (queued_at) WHERE automatic = 1;
CREATE INDEX message_unclear ON message (id) WHERE state = 'unclear';
CREATE TABLE attempt (id {id}, seq INTEGER NOT NULL, message INTEGER NOT NULL REFERENCES message(id), part INTEGER NOT NULL,
	n INTEGER NOT NULL, channel TEXT NOT NULL, kind TEXT NOT NULL, idempotent INTEGER NOT NULL, epoch INTEGER NOT NULL,
	outcome TEXT, proof TEXT, reference TEXT, code TEXT, not_before INTEGER NOT NULL, handed_at INTEGER, settled_at INTEGER,
	proof_at INTEGER, delivered INTEGER NOT NULL DEFAULT 0, segments INTEGER, price TEXT, -- as the provider counted and charged
	UNIQUE (message, part, n)) {strict};
CREATE INDEX attempt_open ON attempt (id) WHERE outcome IS NULL;
CREATE INDEX attempt_reference ON attempt (channel, reference, id) WHERE reference IS NOT NULL;
CREATE TABLE parked_receipt (channel TEXT NOT NULL, id TEXT NOT NULL, reference TEXT NOT NULL, address INTEGER, status TEXT NOT NULL,
	code TEXT, at INTEGER NOT NULL, until_at INTEGER NOT NULL, PRIMARY KEY (channel, id)) {strict};
CREATE INDEX parked_reference ON parked_receipt (channel, reference, at);
CREATE INDEX parked_until ON parked_receipt (until_at);
CREATE TABLE channel (name TEXT PRIMARY KEY, state TEXT NOT NULL, reason TEXT, day INTEGER NOT NULL DEFAULT 0,
	day_segments INTEGER NOT NULL DEFAULT 0, unclear INTEGER NOT NULL DEFAULT 0, sim TEXT, balance_vnd INTEGER,
	last_error TEXT, last_error_at INTEGER, unit TEXT, live TEXT, cause TEXT, -- cause: of the suspension, a word
	pin_tried {blob}, -- keyed hash of the PIN that a SIM was given and has not proven right
	balance_at INTEGER, balance_asked_at INTEGER, month INTEGER NOT NULL DEFAULT 0, month_vnd INTEGER NOT NULL DEFAULT 0) {strict};
CREATE TABLE channel_person (channel TEXT NOT NULL, month INTEGER NOT NULL, address INTEGER NOT NULL,
	PRIMARY KEY (channel, month, address)) {strict};
-- what went wrong with a channel on a local day, each sentence once
CREATE TABLE trouble (channel TEXT NOT NULL, day INTEGER NOT NULL, text TEXT NOT NULL, times INTEGER NOT NULL, first_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL, PRIMARY KEY (channel, day, text)) {strict};
CREATE INDEX trouble_last ON trouble (last_at);
-- what a person must know of a channel; a row stays when it is over
CREATE TABLE alarm (channel TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, raised_at INTEGER NOT NULL, told_at INTEGER,
	cleared_at INTEGER, PRIMARY KEY (channel, kind)) {strict};

-- what machines that use this gateway are told: a row goes when its receiver has it; one that was given up stays for a week
CREATE TABLE webhook (name TEXT PRIMARY KEY, told INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0, told_at INTEGER,
	error TEXT, error_at INTEGER, failing_since INTEGER) {strict};
CREATE TABLE webhook_event (id {id}, hook TEXT NOT NULL, kind TEXT NOT NULL, object INTEGER NOT NULL, state TEXT, reason TEXT,
	at INTEGER NOT NULL, due_at INTEGER NOT NULL, until_at INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
	given_up_at INTEGER) {strict};
CREATE INDEX webhook_event_due ON webhook_event (hook, due_at, id) WHERE given_up_at IS NULL;
CREATE INDEX webhook_event_until ON webhook_event (hook, until_at) WHERE given_up_at IS NULL;
CREATE INDEX webhook_event_object ON webhook_event (hook, kind, object, id) WHERE given_up_at IS NULL;
CREATE INDEX webhook_event_given_up ON webhook_event (hook, given_up_at, id) WHERE given_up_at IS NOT NULL;

-- inbound -----------------------------------------------------------------------------------------------------
CREATE TABLE inbound (id {id}, seq INTEGER NOT NULL, channel TEXT NOT NULL, dedupe_key TEXT NOT NULL, state TEXT NOT NULL,
	received_at INTEGER NOT NULL, sent_at INTEGER, address INTEGER, recipient TEXT, text TEXT NOT NULL, raw {blob},
	ref INTEGER, total INTEGER, part INTEGER, bits INTEGER, joined_to INTEGER, due_at INTEGER,
	kind TEXT, topic TEXT, handled_by TEXT, result TEXT, why TEXT, casefile INTEGER, UNIQUE (channel, dedupe_key)) {strict};
CREATE INDEX inbound_received ON inbound (id) WHERE state = 'received';
CREATE INDEX inbound_waiting ON inbound (address, channel, ref, total, bits, id) WHERE state = 'waiting';
CREATE INDEX inbound_due ON inbound (due_at) WHERE state = 'waiting';
CREATE INDEX inbound_address ON inbound (address, received_at);
-- what drivers and providers said while a core could not reach this database: once each, by key. box: not done yet, or failed
CREATE TABLE spooled (id {id}, key {blob} NOT NULL UNIQUE, node TEXT NOT NULL, at INTEGER NOT NULL, seal_key INTEGER NOT NULL,
	box {blob}, done_at INTEGER, error TEXT) {strict};
CREATE INDEX spooled_pending ON spooled (id) WHERE done_at IS NULL;
CREATE INDEX spooled_done ON spooled (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX spooled_aside ON spooled (id) WHERE error IS NOT NULL;

-- campaigns ---------------------------------------------------------------------------------------------------
CREATE TABLE campaign (id {id}, flow INTEGER NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, class TEXT NOT NULL, topic TEXT,
	text TEXT NOT NULL, audience TEXT NOT NULL, pin TEXT NOT NULL DEFAULT '', unit TEXT, author TEXT NOT NULL,
	start_local TEXT, start_zone TEXT, start_at INTEGER, submitted_by TEXT, approved_by TEXT, approval {blob}, returned_why TEXT,
	total INTEGER, excluded TEXT NOT NULL DEFAULT '{}', segments INTEGER NOT NULL DEFAULT 0, cost_vnd INTEGER NOT NULL DEFAULT 0,
	planned INTEGER NOT NULL DEFAULT 0, plan_cursor INTEGER NOT NULL DEFAULT 0, plan_done INTEGER NOT NULL DEFAULT 0,
	replies INTEGER NOT NULL DEFAULT 0, opt_outs INTEGER NOT NULL DEFAULT 0, wording INTEGER, started_at INTEGER,
	start_seq INTEGER, -- of its approval, of a turn: people who came later, or by moving, are not part of it
	schedule TEXT, -- NULL: once
	reason TEXT, -- of an emergency
	signup TEXT, -- name of the programme that DK means to whom it reached
	created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL) {strict};
CREATE INDEX campaign_flow ON campaign (flow);
CREATE INDEX campaign_planning ON campaign (id) WHERE state IN ('scheduled', 'running', 'paused');
CREATE INDEX campaign_clearing ON campaign (id) WHERE state = 'cancelled' AND plan_done = 0;
-- turns of a campaign with a schedule: waiting, planning, done, missed. wave 0: the n-th time, else a reminder of it
CREATE TABLE occurrence (id {id}, campaign INTEGER NOT NULL, n INTEGER NOT NULL, wave INTEGER NOT NULL, due_at INTEGER NOT NULL,
	state TEXT NOT NULL, UNIQUE (campaign, n, wave)) {strict};
CREATE INDEX occurrence_open ON occurrence (campaign, due_at, id) WHERE (state = 'waiting' OR state = 'planning');

-- surveys -----------------------------------------------------------------------------------------------------
CREATE TABLE survey (id {id}, campaign INTEGER NOT NULL UNIQUE, name TEXT NOT NULL, anonymous INTEGER NOT NULL, script TEXT NOT NULL,
	created_at INTEGER NOT NULL) {strict};
-- address, inbound: who answered; of an anonymous survey gone at drop_at
CREATE TABLE survey_answer (id {id}, survey INTEGER NOT NULL, step TEXT NOT NULL, value TEXT NOT NULL, unit TEXT NOT NULL, address INTEGER,
	inbound INTEGER, message INTEGER, at INTEGER NOT NULL, drop_at INTEGER) {strict};
CREATE UNIQUE INDEX survey_answer_vote ON survey_answer (survey, address, step) WHERE address IS NOT NULL;
CREATE INDEX survey_answer_counted ON survey_answer (survey, step, value);
CREATE INDEX survey_answer_drop ON survey_answer (drop_at) WHERE drop_at IS NOT NULL;
CREATE TABLE survey_voter (survey INTEGER NOT NULL, address INTEGER NOT NULL, first_at INTEGER NOT NULL, PRIMARY KEY (survey, address)) {strict};

-- cases -------------------------------------------------------------------------------------------------------
CREATE TABLE casefile (id {id}, code TEXT NOT NULL UNIQUE, state TEXT NOT NULL, topic TEXT, topics TEXT NOT NULL, kind TEXT NOT NULL,
	urgency TEXT NOT NULL, restricted INTEGER NOT NULL, unit TEXT, address INTEGER, person INTEGER, channel TEXT,
	received_at INTEGER NOT NULL, due_at INTEGER, text TEXT NOT NULL, fold TEXT NOT NULL, assigned TEXT, version INTEGER NOT NULL DEFAULT 1,
	changed_at INTEGER NOT NULL,
	accused TEXT, referred TEXT, -- the unit that may not know of it; the unit it is offered to
	merged_into INTEGER, -- the case that speaks for this one since they were joined
	reopened INTEGER NOT NULL DEFAULT 0, raised INTEGER NOT NULL DEFAULT 0, -- how often the villager disagreed; to the level above
	step_due_at INTEGER, -- when the present state should be left
	wait_at INTEGER, promised_at INTEGER, sorry_at INTEGER, -- next turn of a wait for the villager; to ask "was it done?"; to excuse a delay
	portal_ref TEXT, -- what the Front's national site calls it
	draft TEXT, draft_fold TEXT) {strict}; -- the draft policy that it speaks of
CREATE INDEX casefile_state ON casefile (state, id);
CREATE INDEX casefile_topic ON casefile (topic, id);
-- all that a list of open cases and their number ask, so that the rows themselves are read for those that are shown alone
CREATE INDEX casefile_desk ON casefile (id, state, due_at, step_due_at, unit, referred, restricted, accused, raised, topic) WHERE state <> 'closed';
CREATE INDEX casefile_unit ON casefile (unit, id);
CREATE INDEX casefile_referred ON casefile (referred, id) WHERE referred IS NOT NULL;
CREATE INDEX casefile_assigned ON casefile (assigned, id) WHERE assigned IS NOT NULL;
CREATE INDEX casefile_past ON casefile (changed_at, id) WHERE state = 'closed' AND text <> ''; -- still has its words
CREATE INDEX casefile_came ON casefile (received_at, id);
CREATE INDEX casefile_address ON casefile (address, received_at, id);
CREATE INDEX casefile_merged ON casefile (merged_into, id) WHERE merged_into IS NOT NULL;
CREATE INDEX casefile_draft ON casefile (draft_fold, id) WHERE draft_fold IS NOT NULL;
CREATE INDEX casefile_wait ON casefile (wait_at, id) WHERE wait_at IS NOT NULL;
CREATE INDEX casefile_promised ON casefile (promised_at, id) WHERE promised_at IS NOT NULL;
CREATE INDEX casefile_sorry ON casefile (sorry_at, id) WHERE sorry_at IS NOT NULL;
CREATE TABLE case_lock (casefile INTEGER PRIMARY KEY, holder TEXT NOT NULL, until_at INTEGER NOT NULL) {strict}; -- who is writing an answer
CREATE TABLE case_reveal (id {id}, casefile INTEGER NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL) {strict};
CREATE INDEX case_reveal_actor ON case_reveal (actor, at);
CREATE TABLE case_event (id {id}, casefile INTEGER NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, text TEXT,
	message INTEGER, inbound INTEGER) {strict};
CREATE INDEX case_event_casefile ON case_event (casefile, id);
-- every change of state or place: what was open where at any moment follows from it
CREATE TABLE case_move (id {id}, casefile INTEGER NOT NULL, at INTEGER NOT NULL, state_was TEXT NOT NULL, state TEXT NOT NULL,
	unit_was TEXT NOT NULL, unit TEXT NOT NULL, due_at INTEGER) {strict}; -- due_at: the day that stood before this move
CREATE INDEX case_move_casefile ON case_move (casefile, id);
CREATE INDEX case_move_at ON case_move (at);
-- to whom it was passed on, with which document
CREATE TABLE case_forward (id {id}, casefile INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, document TEXT NOT NULL, day TEXT NOT NULL) {strict};
CREATE INDEX case_forward_of ON case_forward (casefile, id);
-- what was handed over to that site, and with which file
CREATE TABLE portal (casefile INTEGER NOT NULL, job INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (casefile, job)) {strict};
CREATE INDEX portal_job ON portal (job, casefile);
CREATE TABLE correction (id {id}, inbound INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, kind_was TEXT NOT NULL, topic_was TEXT,
	why_was TEXT, kind TEXT NOT NULL, topic TEXT, note TEXT) {strict}; -- what a person said that a message really was

-- sign-ups: a row a household and programme ----------------------------------------------------------------------
-- place: the hamlet's code, or its folded name; '' = not known yet. digits: of its code, from the same numbers as those of cases
CREATE TABLE enrolment (id {id}, programme TEXT NOT NULL, code TEXT NOT NULL, digits TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
	head TEXT NOT NULL, fold TEXT NOT NULL, hamlet TEXT NOT NULL, place TEXT NOT NULL, unit TEXT, address INTEGER, person INTEGER,
	channel TEXT, received_at INTEGER NOT NULL, visit_due_at INTEGER, changed_at INTEGER NOT NULL, result TEXT, reason TEXT,
	wants_person TEXT, -- why staff should ask the household; NULL = no need
	visited_at INTEGER, decided_at INTEGER, version INTEGER NOT NULL DEFAULT 1) {strict};
CREATE INDEX enrolment_address ON enrolment (address, id);
CREATE INDEX enrolment_household ON enrolment (programme, fold, place);
CREATE INDEX enrolment_unit ON enrolment (unit, id);
CREATE INDEX enrolment_state ON enrolment (state, id);
CREATE INDEX enrolment_received ON enrolment (received_at);
CREATE INDEX enrolment_visit ON enrolment (visit_due_at, id) WHERE visit_due_at IS NOT NULL;
CREATE INDEX enrolment_past ON enrolment (changed_at, id) WHERE fold <> '' AND (state = 'closed' OR state = 'withdrawn' OR state = 'notified');
CREATE TABLE enrolment_event (id {id}, enrolment INTEGER NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, text TEXT,
	message INTEGER, inbound INTEGER) {strict};
CREATE INDEX enrolment_event_of ON enrolment_event (enrolment, id);
CREATE INDEX enrolment_event_at ON enrolment_event (at);

-- people who work here, requests, long work -----------------------------------------------------------------------
CREATE TABLE account (id {id}, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, unit TEXT NOT NULL, password TEXT, totp {blob},
	disabled INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL) {strict};
CREATE TABLE token (id {id}, account INTEGER NOT NULL REFERENCES account(id), name TEXT NOT NULL, hash {blob} NOT NULL UNIQUE,
	scopes TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER) {strict};
CREATE TABLE session (id {id}, account INTEGER NOT NULL, hash {blob} NOT NULL UNIQUE, created_at INTEGER NOT NULL,
	seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, ended_at INTEGER) {strict};
CREATE TABLE login_try (subject {blob} PRIMARY KEY, tries INTEGER NOT NULL, since_at INTEGER NOT NULL, last_at INTEGER NOT NULL) {strict};
CREATE INDEX login_try_last ON login_try (last_at);
CREATE TABLE ticket (hash {blob} PRIMARY KEY, actor TEXT NOT NULL, verb TEXT NOT NULL, args TEXT NOT NULL, expires_at INTEGER NOT NULL,
	used INTEGER NOT NULL DEFAULT 0) {strict};
CREATE TABLE request (actor TEXT NOT NULL, verb TEXT NOT NULL, key TEXT NOT NULL, args_hash {blob} NOT NULL, result TEXT NOT NULL,
	until_at INTEGER NOT NULL, PRIMARY KEY (actor, verb, key)) {strict};
CREATE INDEX request_until ON request (until_at);
CREATE TABLE job (id {id}, verb TEXT NOT NULL, actor TEXT NOT NULL, args TEXT NOT NULL, state TEXT NOT NULL, done INTEGER NOT NULL,
	total INTEGER, cursor TEXT NOT NULL, result TEXT, error TEXT, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
	keeps INTEGER NOT NULL DEFAULT 1) {strict}; -- 0: what its file held of people is no more in the result
CREATE INDEX job_keeps ON job (changed_at) WHERE keeps = 1;
CREATE INDEX job_running ON job (id) WHERE state = 'running';
CREATE INDEX job_beside ON job (id) WHERE state = 'beside'; -- done by the query process
-- which reports were ordered: who has reported is read from it. Days as written, 2026-11-16
CREATE TABLE report (job INTEGER PRIMARY KEY, kind TEXT NOT NULL, unit TEXT NOT NULL, from_day TEXT NOT NULL, to_day TEXT NOT NULL) {strict};
CREATE INDEX report_period ON report (kind, from_day, to_day, unit);
CREATE TABLE audit (chain TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, verb TEXT NOT NULL,
	subject TEXT NOT NULL, commitment {blob} NOT NULL, prev_hash {blob} NOT NULL, hash {blob} NOT NULL, PRIMARY KEY (chain, seq)) {strict};
CREATE INDEX audit_case ON audit (subject, seq) WHERE substr(subject, 1, 5) = 'case:'; -- whose words are erased with who said them
CREATE TABLE audit_detail (chain TEXT NOT NULL, seq INTEGER NOT NULL, salt {blob} NOT NULL, sealed {blob} NOT NULL, seal_key INTEGER NOT NULL,
	PRIMARY KEY (chain, seq)) {strict};
INSERT INTO flow (id, name, lane, class, state, created_at) VALUES (1, 'answers', 0, 'service', 'running', 0);
INSERT INTO flow (id, name, lane, class, state, created_at) VALUES (2, 'single', 1, 'social_policy', 'running', 0);
