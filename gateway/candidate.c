/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading what is due. A row of which no frame can be made is read too, or it would hold up the others. */
#include "gateway/candidate.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/mutant.h"
#include "gateway/base/phone.h"
#include "gateway/base/seal.h"
#include "gateway/dnc.h"

enum candidate_sql { CANDIDATE_READY, CANDIDATE_CAP, CANDIDATE_SQL_COUNT };
static const char *const candidate_sql[CANDIDATE_SQL_COUNT] = {
	[CANDIDATE_READY] = "SELECT m.id, m.class, m.topic, m.state, m.expires_at, m.tries, m.parts, m.udh_ref, m.claimed_at, m.sender, "
			   "coalesce(m.text, w.text), a.id, a.sealed, a.off, a.unreachable, a.kind, "
			   "CASE WHEN m.class = 'advert' AND " DNC_HOLDS("a") " THEN 1 ELSE 0 END FROM message m JOIN address a ON a.id = m.address "
			   "LEFT JOIN wording w ON w.id = m.wording WHERE m.flow = $flow AND m.pin = $pin AND m.state IN ('queued', 'retry') "
			   "AND m.due_at <= $now ORDER BY m.due_at, m.id LIMIT $n",
	[CANDIDATE_CAP] = "SELECT count(*), min(claimed_at) FROM message WHERE address = $address AND claimed_at > $since AND id <> $id "
			 "AND class IN ('social_policy', 'advert')",
};
const struct sql_module candidate_module = { "candidate", candidate_sql, CANDIDATE_SQL_COUNT };

void candidate_done(struct candidate *c)
{
	free(c->topic);
	free(c->sender);
	free(c->text);
	free(c->number);
	free(c->off);
	free(c->unreachable);
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static int read_one(struct tick *t, struct statement *st, struct candidate *c)
{
	*c = (struct candidate){ .id = column_int(st, 0), .expires_at = column_int(st, 4), .tries = (int)column_int(st, 5),
				 .parts = (int)column_int(st, 6), .udh_ref = (int)column_int(st, 7), .claimed_at = column_int(st, 8),
				 .address = column_int(st, 11), .dnc = column_int(st, 16) != 0 };
	if (message_class_parse(column_text(st, 1), &c->class) || message_state_parse(column_text(st, 3), &c->state))
		return E_CORRUPT;
	size_t n_box, n_number;
	const void *box = column_blob(st, 12, &n_box);
	int r = seal_open_box(t->in.seal, box, n_box, &c->number, &n_number);
	c->topic = copy(column_text(st, 2));
	c->sender = copy(column_text(st, 9));
	c->text = copy(column_text(st, 10) ? column_text(st, 10) : "");
	c->off = copy(MUTANT(CLAIM_WITHOUT_CONSENT) ? "" : column_text(st, 13));
	c->unreachable = copy(column_text(st, 14));
	enum phone_kind kind = PHONE_MOBILE;
	bool receives = !phone_kind_parse(column_text(st, 15), &kind) && phone_can_receive(&(struct phone){ .kind = kind });
	if ((r && r != E_NOMEM) || !receives) {
		c->bad = "invalid_number";
		r = 0;
	}
	return r ? r : c->text && c->off ? 0 : E_NOMEM;
}

struct statement *candidate_ready(struct tick *t, int64_t flow, const char *pin, int room)
{
	struct statement *st = store_prepare(t->in.db, &candidate_module, CANDIDATE_READY);
	bind_int(st, "$flow", flow);
	bind_text(st, "$pin", pin);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$n", room < CANDIDATE_BATCH ? room : CANDIDATE_BATCH);
	return st;
}

int candidate_read(struct tick *t, struct statement *st, int n, struct candidate *ret, int *ret_n)
{
	int r = 0, got = 0;
	while (got < n && (r = store_row(st)) > 0) {
		r = read_one(t, st, &ret[got++]);
		if (r)
			break;
	}
	store_reset(st);
	*ret_n = got;
	return r < 0 ? r : 0;
}

static struct statement *bind_cap(struct tick *t, const struct candidate *c)
{
	struct statement *st = store_prepare(t->in.db, &candidate_module, CANDIDATE_CAP);
	bind_int(st, "$address", c->address);
	bind_int(st, "$since", MUTANT(CAP_BY_DAY) ? t->in.now_ms - t->in.now_ms % CANDIDATE_DAY_MS : t->in.now_ms - CANDIDATE_DAY_MS);
	bind_int(st, "$id", c->id);
	return st;
}

void candidate_ask_ahead(struct tick *t, const struct candidate *rows, int n)
{
	for (int i = 0; i < n; i++) {
		int k = 0;
		while (k < i && rows[k].address != rows[i].address)
			k++;
		if (k == i && message_class_is_bulk(rows[i].class))
			store_ahead(bind_cap(t, &rows[i]));
	}
}

int candidate_count_24h(struct tick *t, const struct candidate *c, int64_t *ret_count, int64_t *ret_oldest)
{
	*ret_count = *ret_oldest = 0;
	if (!message_class_is_bulk(c->class))
		return 0;
	struct statement *st = bind_cap(t, c);
	int r = store_row(st);
	if (r > 0) {
		*ret_count = column_int(st, 0);
		*ret_oldest = column_int(st, 1);
	}
	store_reset(st);
	return r < 0 ? r : 0;
}
