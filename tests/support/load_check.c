/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judging what a load left behind: the laws, what was acknowledged, the window, and at the end every message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "gateway/base/own.h"
#include "tests/support/load.h"

#define WAITING "state IN ('held', 'queued', 'sending', 'retry')"

static const struct {
	const char *kind;
	int64_t a_crash; /* unclear attempts that one crash may leave */
} windows[2] = { { "modem", 1 }, { "http-once", 8 } };

static void at_least(struct load *l, const char *where, const char *what, const char *sql, int64_t want)
{
	int64_t got = invariants_scalar(l->laws, sql);
	if (got < want)
		fail_msg("%s: %s: %lld were acknowledged, %lld are there", where, what, (long long)want, (long long)got);
}

static void check_window(struct load *l, int crashes, const char *where)
{
	char sql[128];
	for (int i = 0; i < 2; i++) {
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM v_attempt WHERE outcome = 'unclear' AND kind = '%s'", windows[i].kind);
		int64_t now = invariants_scalar(l->laws, sql), more = now - l->unclear[i];
		l->unclear[i] = now;
		l->worst[i] = more > l->worst[i] ? more : l->worst[i];
		if (more > windows[i].a_crash * crashes)
			fail_msg("%s: %s: %lld unclear after %d crashes", where, windows[i].kind, (long long)more, crashes);
	}
	if (invariants_scalar(l->laws, "SELECT count(*) FROM v_msg WHERE state = 'unclear' AND channel IN ('api', 'may-ao')"))
		fail_msg("%s: a message by a channel that may repeat is unclear", where);
}

void load_check(struct load *l, int crashes, const char *where)
{
	if (invariants_check(l->laws))
		fail_msg("%s: a law is broken", where);
	check_window(l, crashes, where);
	at_least(l, where, "opt-outs by staff", "SELECT count(*) FROM v_optout WHERE lifted_seq IS NULL", l->acknowledged[LOAD_OPT_OUT]);
	at_least(l, where, "people imported", "SELECT count(*) FROM person", l->imported);
	at_least(l, where, "campaigns started", "SELECT count(*) FROM campaign WHERE state IN ('scheduled', 'running', 'done')",
		 l->started);
}

static void none(struct load *l, const char *what, const char *sql)
{
	int64_t got = invariants_scalar(l->laws, sql);
	if (got)
		fail_msg("%s: %lld", what, (long long)got);
}

static void account(struct load *l)
{
	none(l, "messages in no known end",
	     "SELECT count(*) FROM v_msg WHERE state NOT IN ('sent', 'delivered', 'unclear', 'suppressed', 'cancelled')");
	none(l, "sent but never on the wire",
	     "SELECT count(*) FROM v_msg m WHERE m.state IN ('sent', 'delivered') AND m.channel IN ('api', 'once', 'sim1') AND "
	     "NOT EXISTS (SELECT 1 FROM o.wire w WHERE w.tag = m.client_key)");
	none(l, "on the wire more than once by an API with keys",
	     "SELECT count(*) FROM (SELECT w.tag FROM o.wire w JOIN v_msg m ON m.client_key = w.tag WHERE m.channel = 'api' "
	     "GROUP BY w.tag, w.part HAVING count(*) > 1)");
	none(l, "counts of the flows that differ from the rows",
	     "SELECT count(*) FROM flow f WHERE f.sent <> (SELECT count(*) FROM message m WHERE m.flow = f.id AND m.state = 'sent') OR "
	     "f.unclear <> (SELECT count(*) FROM message m WHERE m.flow = f.id AND m.state = 'unclear') OR "
	     "f.delivered <> (SELECT count(*) FROM message m WHERE m.flow = f.id AND m.state = 'delivered')");
	at_least(l, "end", "opt-outs by staff and by word", "SELECT count(*) FROM v_optout WHERE lifted_seq IS NULL",
		 l->acknowledged[LOAD_OPT_OUT] + l->acknowledged[LOAD_STOP_WORD]);
	at_least(l, "end", "texts that came to the modem", "SELECT count(DISTINCT text) FROM inbound WHERE channel = 'sim1'",
		 l->n_delivered);
	if (invariants_scalar(l->laws, "SELECT count(*) FROM inbound WHERE channel = 'sim1'") != l->n_delivered)
		fail_msg("a message that came to the modem is there twice");
}

void load_finish(struct load *l, int limit_ms)
{
	char sql[128];
	snprintf(sql, sizeof(sql), "SELECT count(*) >= %d FROM inbound WHERE channel = 'sim1'", l->n_delivered);
	gateway_wait(l->g, "all that the modem holds came in", sql, limit_ms);
	gateway_wait(l->g, "all that came in is handled", "SELECT count(*) = 0 FROM v_inbound WHERE state = 'received'", limit_ms);
	gateway_wait(l->g, "nothing waits any more", "SELECT count(*) = 0 FROM v_msg WHERE " WAITING, limit_ms);
	gateway_wait(l->g, "the campaigns are done", "SELECT count(*) = 0 FROM campaign WHERE state IN ('scheduled', 'running')", limit_ms);
	load_check(l, 0, "end");
	gateway_stop(l->g);
	account(l);
	invariants_print_window(l->laws);
}
