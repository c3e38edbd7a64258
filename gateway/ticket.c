/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table ticket. Written by disclosures in the core, read by the query process; holds digests, so that a copy of the
 * database opens nothing. */
#include "gateway/ticket.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/random.h"
#include "gateway/base/seal.h"
#include "gateway/store/store.h"

enum { TICKET_NEW, TICKET_FIND, TICKET_SQL_COUNT };
static const char *const ticket_sql[TICKET_SQL_COUNT] = {
	[TICKET_NEW] = "INSERT INTO ticket (hash, actor, verb, args, expires_at) VALUES ($hash, $actor, $verb, $args, $expires)",
	[TICKET_FIND] = "SELECT actor, verb, args, expires_at FROM ticket WHERE hash = $hash AND expires_at > $now AND used = 0",
};
const struct sql_module ticket_module = { "ticket", ticket_sql, TICKET_SQL_COUNT };

void ticket_done(struct ticket *k)
{
	json_decref(k->args);
	*k = (struct ticket){ 0 };
}

int ticket_new(struct tick *t, const struct call *c, json_t **ret)
{
	char ticket[TICKET_BYTES] = "ct_", verb[64];
	uint8_t digest[32];
	random_token(t->in.random, ticket + 3, TICKET_CHARS);
	seal_digest(ticket, strlen(ticket), digest);
	snprintf(verb, sizeof(verb), "%s.%s", c->verb->noun, c->verb->name);
	OWN(mem) char *args = json_text(c->args);
	if (!args)
		return E_NOMEM;
	struct statement *st = store_prepare(t->in.db, &ticket_module, TICKET_NEW);
	bind_blob(st, "$hash", digest, sizeof(digest));
	bind_text(st, "$actor", c->actor);
	bind_text(st, "$verb", verb);
	bind_text(st, "$args", args);
	bind_int(st, "$expires", t->in.now_ms + TICKET_LIFE_MS);
	int r = store_run(st);
	if (r)
		return r;
	*ret = json_pack("{s:s}", "ticket", ticket);
	return *ret ? 0 : E_NOMEM;
}

int ticket_find(const struct scope *in, const uint8_t digest[32], struct ticket *ret)
{
	struct statement *st = store_prepare(in->db, &ticket_module, TICKET_FIND);
	bind_blob(st, "$hash", digest, 32);
	bind_int(st, "$now", in->now_ms);
	int r = store_row(st);
	struct ticket k = { 0 };
	if (r > 0) {
		const char *args = column_text(st, 2);
		snprintf(k.actor, sizeof(k.actor), "%s", column_text(st, 0));
		snprintf(k.verb, sizeof(k.verb), "%s", column_text(st, 1));
		k.expires_at = column_int(st, 3);
		r = json_parse(args, strlen(args), &k.args) ? E_CORRUPT : 1;
	}
	store_reset(st);
	if (r <= 0)
		return r ? r : E_DENIED;
	*ret = k;
	return 0;
}
