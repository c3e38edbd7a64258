/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked of the tables, as text. */
#include "tests/simulation/lawbook.h"

#define LIST(of) { of, sizeof(of) / sizeof((of)[0]) }

/* Each must count 0 whenever it is asked. */
static const struct law sound[] = {
	{ "I2 taken in twice",
	  "SELECT count(*) FROM (SELECT client_key FROM v_msg WHERE client_key IS NOT NULL GROUP BY client_key HAVING count(*) > 1)",
	  true, 0 },
	{ "I5 success without all parts",
	  "SELECT count(*) FROM v_msg m WHERE m.state IN ('sent', 'delivered') AND (SELECT count(DISTINCT part) FROM attempt a "
	  "WHERE a.message = m.id AND (a.outcome = 'accepted' OR a.proof = 'accepted')) <> m.parts",
	  true, 0 },
	{ "I6 open attempt of a dead epoch",
	  "SELECT count(*) FROM v_attempt a JOIN v_meta t USING (node) WHERE a.outcome IS NULL AND a.epoch < t.epoch AND t.recovered = 1",
	  false, 0 },
	{ "I7 sent after an opt-out",
	  "SELECT count(*) FROM optout x JOIN message m ON m.address = x.address AND (x.scope = 'all' AND m.class NOT IN ('optout_ack', "
	  "'emergency') OR "
	  "x.scope = 'campaign' AND m.class IN ('social_policy', 'advert') OR x.scope = 'topic:' || m.topic AND m.class IN "
	  "('social_policy', 'advert')) "
	  "JOIN attempt a ON a.message = m.id WHERE a.seq > x.seq AND a.seq < coalesce(x.lifted_seq, 9e18)",
	  true, 0 },
	{ "I8 inbound doubled", "SELECT count(*) FROM (SELECT 1 FROM v_inbound GROUP BY channel, dedupe_key HAVING count(*) > 1)", true, 0 },
	{ "I13 audit chain",
	  "SELECT count(*) FROM (SELECT seq, prev_hash, lag(hash) OVER (PARTITION BY chain ORDER BY seq) ph, "
	  "lag(seq) OVER (PARTITION BY chain ORDER BY seq) ps FROM v_audit) WHERE ps IS NOT NULL AND (seq <> ps + 1 OR prev_hash <> ph)",
	  true, 0 },
	{ "I14 accepted twice",
	  "SELECT count(*) FROM (SELECT 1 FROM attempt WHERE outcome = 'accepted' GROUP BY message, part HAVING count(*) > 1)", true, 0 },
	{ "I15 handed too early", "SELECT count(*) FROM attempt WHERE handed_at < not_before", true, 0 },
	{ "flow counters are counts of rows",
	  "SELECT count(*) FROM (SELECT f.held - coalesce(sum(m.state = 'held'), 0) a, f.queued - coalesce(sum(m.state = 'queued'), 0) b, "
	  "f.sending - coalesce(sum(m.state = 'sending'), 0) c, f.retry - coalesce(sum(m.state = 'retry'), 0) d, f.sent - "
	  "coalesce(sum(m.state = 'sent'), 0) e, "
	  "f.unclear - coalesce(sum(m.state = 'unclear'), 0) f, f.delivered - coalesce(sum(m.state = 'delivered'), 0) g, "
	  "f.failed - coalesce(sum(m.state = 'failed'), 0) h, f.expired - coalesce(sum(m.state = 'expired'), 0) i, "
	  "f.suppressed - coalesce(sum(m.state = 'suppressed'), 0) j, f.cancelled - coalesce(sum(m.state = 'cancelled'), 0) k FROM flow f "
	  "LEFT JOIN message m ON m.flow = f.id GROUP BY f.id) WHERE a OR b OR c OR d OR e OR f OR g OR h OR i OR j OR k",
	  true, 0 },
	{ "planned and left out are the total",
	  "SELECT count(*) FROM campaign c WHERE schedule IS NULL AND started_at IS NOT NULL AND state <> 'cancelled' AND plan_done = 1 AND total <> planned + "
	  "(SELECT coalesce(sum(value), 0) FROM json_each(c.excluded))",
	  true, 0 },
	{ "planned is the number of messages",
	  "SELECT count(*) FROM campaign c WHERE schedule IS NULL AND started_at IS NOT NULL AND planned <> (SELECT count(*) FROM message m WHERE m.flow = "
	  "c.flow)",
	  true, 0 },
	{ "what waits has a due time",
	  "SELECT (SELECT count(*) FROM message WHERE state IN ('held', 'queued', 'retry') AND (due_at <= 0 OR expires_at <= 0)) + "
	  "(SELECT count(*) FROM inbound WHERE state = 'waiting' AND due_at IS NULL) + (SELECT count(*) FROM question WHERE state = 'open' "
	  "AND until_at <= 0) + "
	  "(SELECT count(*) FROM casefile WHERE state <> 'closed' AND due_at IS NULL)",
	  true, 0 },
	{ "what is in doubt is listed",
	  "SELECT count(*) FROM message m WHERE m.state = 'unclear' AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.message = m.id AND "
	  "a.outcome = 'unclear')",
	  true, 0 },
	{ "a sending message has an open attempt",
	  "SELECT count(*) FROM message m WHERE m.state = 'sending' AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.message = m.id AND "
	  "a.outcome IS NULL)",
	  false, 0 },
	{ "an open attempt has a sending message",
	  "SELECT count(*) FROM attempt a JOIN message m ON m.id = a.message WHERE a.outcome IS NULL AND m.state <> 'sending'", false, 0 },
	{ "an opt-out stands beside its address",
	  "SELECT count(*) FROM optout o JOIN address a ON a.id = o.address WHERE o.lifted_seq IS NULL AND instr(a.off, ' ' || o.scope || "
	  "' ') = 0",
	  true, 0 },
	{ "a number of the order is given once",
	  "SELECT count(*) FROM (SELECT seq FROM (SELECT seq FROM attempt UNION ALL SELECT seq FROM inbound UNION ALL SELECT seq FROM "
	  "optout UNION ALL "
	  "SELECT lifted_seq FROM optout WHERE lifted_seq IS NOT NULL) GROUP BY seq HAVING count(*) > 1)",
	  true, 0 },
	{ "the order's numbers rise",
	  "SELECT count(*) FROM (SELECT seq, lag(seq) OVER (ORDER BY id) before FROM attempt) WHERE seq <= before", true, 0 },
	{ "a cancelled campaign leaves nothing to send",
	  "SELECT count(*) FROM campaign c JOIN message m ON m.flow = c.flow WHERE c.state = 'cancelled' AND c.plan_done = 1 AND m.state IN "
	  "('held', 'queued', 'retry')",
	  true, 0 },
	{ "a long message that came whole is one",
	  "SELECT count(*) FROM (SELECT 1 FROM inbound WHERE total > 1 GROUP BY address, channel, ref, total, bits HAVING count(DISTINCT "
	  "part) = total "
	  "AND count(*) = total AND max(received_at) - min(received_at) < 60000 AND sum(state <> 'joined') <> 1)",
	  true, 0 },
	{ "I16 foreign keys", "SELECT count(*) FROM pragma_foreign_key_check", true, 0 },
	{ "a case goes on from where it was",
	  "SELECT count(*) FROM (SELECT state_was, unit_was, lag(state) OVER w s, lag(unit) OVER w u FROM case_move WINDOW w AS (PARTITION BY "
	  "casefile ORDER BY id)) WHERE s IS NOT NULL AND (state_was <> s OR unit_was <> u)",
	  true, 0 },
	{ "a case moves by the table of states",
	  "SELECT count(*) FROM case_move WHERE state_was <> state AND NOT CASE WHEN state_was IN ('received', 'triaged', 'need_info', "
	  "'verifying', 'forwarded', 'awaiting', 'escalated', 'reopened') THEN state IN ('triaged', 'need_info', 'verifying', 'forwarded', "
	  "'awaiting', 'escalated', 'answered', 'closed') WHEN state_was = 'answered' THEN state IN ('notified', 'closed', 'reopened') WHEN "
	  "state_was = 'notified' THEN state IN ('answered', 'closed', 'reopened') ELSE state_was = 'closed' AND state = 'reopened' END",
	  true, 0 },
	{ "a case stands where it last moved to",
	  "SELECT count(*) FROM casefile c JOIN case_move m ON m.id = (SELECT max(id) FROM case_move WHERE casefile = c.id) WHERE m.state <> "
	  "c.state OR m.unit <> coalesce(c.unit, '')",
	  true, 0 },
	{ "what people said is in one place",
	  "SELECT (SELECT count(*) FROM inbound WHERE state = 'handled' AND (kind IS NULL OR handled_by IS NULL)) + (SELECT count(*) FROM inbound i "
	  "WHERE i.casefile IS NOT NULL AND NOT EXISTS (SELECT 1 FROM casefile c WHERE c.id = i.casefile))",
	  true, 0 },
	{ "a turn comes once",
	  "SELECT count(*) FROM (SELECT campaign FROM occurrence WHERE wave = 0 GROUP BY campaign, due_at / 3600000 HAVING count(*) > 1)", true, 0 },
	{ "a wave is sent once to a person",
	  "SELECT count(*) FROM (SELECT c.id FROM campaign c JOIN message m ON m.flow = c.flow WHERE c.schedule IS NOT NULL AND "
	  "json_extract(c.schedule, '$.on') IS NULL AND m.person IS NOT NULL GROUP BY c.id, m.person HAVING count(*) > (SELECT count(*) FROM occurrence o WHERE o.campaign = "
	  "c.id AND o.state IN ('planning', 'done')))",
	  true, 0 },
	{ "a reminder reaches only who was silent",
	  "SELECT count(*) FROM occurrence o JOIN campaign c ON c.id = o.campaign JOIN message m ON m.flow = c.flow AND m.key LIKE '%:' || o.n || ':' "
	  "|| o.wave JOIN attempt a ON a.message = m.id JOIN message f ON f.key = 'campaign:' || c.id || ':' || m.person || CASE o.n WHEN 0 THEN '' "
	  "ELSE ':' || o.n || ':0' END WHERE o.wave > 0 AND a.part = 1 AND a.n = 1 AND EXISTS (SELECT 1 FROM inbound i WHERE i.address = f.address AND "
	  "i.state = 'handled' AND i.kind NOT IN ('duplicate', 'filed') AND i.seq < a.seq AND i.seq > (SELECT min(seq) FROM attempt WHERE message = "
	  "f.id))",
	  true, 0 },
	{ "votes are people",
	  "SELECT (SELECT count(*) FROM (SELECT 1 FROM survey_answer a GROUP BY survey, step HAVING count(*) > (SELECT count(*) FROM survey_voter v "
	  "WHERE v.survey = a.survey))) + "
	  "(SELECT count(*) FROM survey_voter v WHERE NOT EXISTS (SELECT 1 FROM survey_answer a WHERE a.survey = v.survey))",
	  true, 0 },
	{ "an emergency takes two people",
	  "SELECT count(*) FROM campaign c JOIN audit n ON n.verb = 'campaign.new' AND n.subject = 'campaign:' || c.id WHERE c.class = 'emergency' AND "
	  "c.started_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.verb = 'campaign.approve' AND a.subject = n.subject AND a.actor <> "
	  "n.actor)",
	  true, 0 },
	{ "only what is in doubt is repeated",
	  "SELECT count(*) FROM message r JOIN message m ON r.key = m.key || '!repeat' WHERE NOT EXISTS (SELECT 1 FROM attempt a WHERE a.message = m.id "
	  "AND a.outcome = 'unclear')",
	  true, 0 },
	{ "who was forgotten said nothing",
	  "SELECT count(*) FROM erasure e JOIN inbound i ON i.address = e.address WHERE e.number = 1 AND i.seq < e.seq AND i.text <> ''", true, 0 },
	{ "an anonymous vote has its last day",
	  "SELECT count(*) FROM survey_answer a JOIN survey s ON s.id = a.survey WHERE s.anonymous = 1 AND a.address IS NOT NULL AND a.drop_at IS NULL",
	  true, 0 },
};
const struct lawbook lawbook_sound = LIST(sound);

/* Where the clock on the wall was never set by hours: what lies between two of its readings is no time that passed else. A core that
 * ends behind such a step does not know of it, and what is in doubt at its start may expire before it is cleared. */
static const struct law by_clock[] = {
	{ "what was cancelled is not left to expire",
	  "SELECT count(*) FROM campaign c JOIN audit a ON a.verb = 'campaign.cancel' AND a.subject = 'campaign:' || c.id JOIN message m "
	  "ON m.flow = c.flow WHERE c.state = 'cancelled' AND m.state = 'expired' AND m.final_at > a.at + 43200000",
	  true, 0 },
	{ "progress is told once a day",
	  "SELECT count(*) FROM (SELECT at - lag(at) OVER (PARTITION BY casefile ORDER BY id) gap FROM case_event WHERE what = 'told') WHERE gap < "
	  "86400000",
	  true, 0 },
};
const struct lawbook lawbook_by_clock = LIST(by_clock);

/* Only when nothing is wished, broken or set any more. */
static const struct law settled[] = {
	{ "I10 outbound stuck",
	  "SELECT count(*) FROM v_msg m, v_meta t WHERE (m.state = 'sending' AND t.now - m.state_since > 180000) OR "
	  "(m.state IN ('queued', 'retry', 'held') AND m.expires_at < t.now - 60000)",
	  true, 0 },
	{ "after a quiet period nothing waits",
	  "SELECT count(*) FROM message m JOIN v_meta t WHERE m.state IN ('held', 'queued', 'retry', 'sending') AND m.queued_at < t.now - 3600000",
	  true, 0 },
	{ "after a quiet period no part waits", "SELECT count(*) FROM inbound WHERE state IN ('waiting', 'received')", true, 0 },
	{ "after a quiet period no job runs", "SELECT count(*) FROM job WHERE state NOT IN ('done', 'failed', 'cancelled')", true, 0 },
	{ "after a quiet period campaigns are through",
	  "SELECT count(*) FROM campaign WHERE state IN ('scheduled', 'running') OR (state = 'cancelled' AND plan_done = 0)", true, 0 },
	/* of the last day some may: an idle world takes ten minutes at a step, and whoever gets an event in one may be killed before it answers */
	{ "after a quiet period no event waits",
	  "SELECT count(*) FROM webhook_event e, v_meta t WHERE e.given_up_at IS NULL AND e.at < t.now - 86400000", true, 0 },
	{ "an anonymous vote is nobody's after its day", "SELECT count(*) FROM survey_answer a, v_meta t WHERE a.drop_at < t.now - 7200000", true, 0 },
	{ "what the core is to do of cases is done",
	  "SELECT count(*) FROM casefile c, v_meta t WHERE c.state <> 'closed' AND (c.wait_at < t.now - 54000000 OR c.promised_at < t.now - 54000000 OR "
	  "c.sorry_at < t.now - 54000000)",
	  true, 0 },
	{ "a turn whose hour has come is taken",
	  "SELECT count(*) FROM occurrence o JOIN campaign c ON c.id = o.campaign, v_meta t WHERE c.state IN ('scheduled', 'running') AND o.state IN "
	  "('waiting', 'planning') AND o.due_at < t.now - 7200000",
	  true, 0 },
	{ "no report is parked past its time", "SELECT count(*) FROM parked_receipt p, v_meta t WHERE p.until_at < t.now - 86400000", true, 0 },
	{ "a kept question is asked of a person in time",
	  "SELECT count(*) FROM question q, v_meta t WHERE q.state = 'open' AND q.kind = 'feedback' AND q.until_at < t.now - 3700000",
	  true, 0 },
};
const struct lawbook lawbook_settled = LIST(settled);

/* While the clock has not been set for so long. */
static const struct law timely[] = {
	{ "cancel takes effect within a minute",
	    "SELECT count(*) FROM message m JOIN campaign c ON c.flow = m.flow JOIN v_meta t WHERE c.state = 'cancelled' AND "
	    "m.state IN ('held', 'queued', 'retry') AND m.state_since < t.now - 60000 AND c.changed_at < t.now - 60000",
	  false, 2 * 60000 },
	{ "a long message is whole or has waited ten minutes",
	    "SELECT count(*) FROM inbound i, v_meta t WHERE i.total > 1 AND i.joined_to IS NULL AND i.state = 'handled' AND i.due_at > 0 "
	    "AND i.due_at < i.total AND t.now - i.received_at BETWEEN 0 AND 590000",
	  false, INT64_C(49) * 3600000 }, /* set back by two days, what waited long ago seems to have come just now */
};
const struct lawbook lawbook_timely = LIST(timely);

/* While nothing has struck the core for a minute. When it starts, what a failure left may be old: a long message is received since its
 * first part came, and that by the clock of then. */
static const struct law untroubled[] = {
	{ "I9 inbound stuck", "SELECT count(*) FROM v_inbound i, v_meta t WHERE i.state = 'received' AND t.now - i.received_at > 60000",
	  false, 0 },
};
const struct lawbook lawbook_untroubled = LIST(untroubled);

/* In a quiet period, two hours after the last thing that went wrong. Waking needs nobody but the core. */
static const struct law healthy[] = {
	{ "what is held wakes",
	  "SELECT count(*) FROM message m JOIN flow f ON f.id = m.flow, v_meta t WHERE m.state = 'held' AND f.state = 'running' AND "
	  "m.due_at < t.now - 3600000",
	  false, 0 },
};
const struct lawbook lawbook_healthy = LIST(healthy);
