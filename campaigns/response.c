/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replies and opt-outs of campaigns. Finds the campaign by the key of the sender's last campaign message. Called once for
 * every message from outside, in its tick. */
#include "campaigns/response.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/store/store.h"

#define REMEMBERED_MS (INT64_C(7) * 24 * 3600000)

enum response_sql { RESPONSE_LAST, RESPONSE_FIRST_STOP, RESPONSE_ADD, RESPONSE_SQL_COUNT };
static const char *const response_sql[RESPONSE_SQL_COUNT] = {
	[RESPONSE_LAST] = "SELECT key, claimed_at FROM message WHERE address = $address AND claimed_at > $since AND substr(key, 1, 9) = 'campaign:' "
			  "ORDER BY claimed_at DESC NULLS LAST LIMIT 1",
	[RESPONSE_FIRST_STOP] = "SELECT inbound FROM optout WHERE address = $address AND at >= $since ORDER BY id LIMIT 1",
	[RESPONSE_ADD] = "UPDATE campaign SET replies = replies + 1, opt_outs = opt_outs + $off WHERE id = $id",
};
const struct sql_module response_module = { "response", response_sql, RESPONSE_SQL_COUNT };

int response_campaign(struct tick *t, const struct inbound *in, int64_t *ret, int64_t *ret_sent_at)
{
	struct statement *st = store_prepare(t->in.db, &response_module, RESPONSE_LAST);
	bind_int(st, "$address", in->address);
	bind_int(st, "$since", in->received_at - REMEMBERED_MS);
	int r = store_row(st);
	*ret = 0;
	if (r > 0 && sscanf(column_text(st, 0), "campaign:%" SCNd64, ret) != 1)
		*ret = 0;
	*ret_sent_at = r > 0 ? column_int(st, 1) : 0;
	store_reset(st);
	return r < 0 ? r : 0;
}

/* People are counted, not messages: only what made the first stop since the campaign's message. */
static int is_first_stop(struct tick *t, const struct inbound *in, int64_t since, bool *ret)
{
	struct statement *st = store_prepare(t->in.db, &response_module, RESPONSE_FIRST_STOP);
	bind_int(st, "$address", in->address);
	bind_int(st, "$since", since);
	int r = store_row(st);
	*ret = r > 0 && column_int(st, 0) == in->id;
	store_reset(st);
	return r < 0 ? r : 0;
}

int response_count(struct tick *t, const struct inbound *in, const struct handled *h)
{
	int64_t campaign = 0, sent_at = 0;
	bool stop = false;
	if (!in->address || !strcmp(h->kind, "duplicate") || !strcmp(h->kind, "filed"))
		return 0;
	int r = response_campaign(t, in, &campaign, &sent_at);
	if (!r && campaign)
		r = is_first_stop(t, in, sent_at, &stop);
	if (r || !campaign)
		return r;
	struct statement *st = store_prepare(t->in.db, &response_module, RESPONSE_ADD);
	bind_int(st, "$id", campaign);
	bind_int(st, "$off", stop);
	tick_changed(t, "campaign");
	return store_run(st);
}
