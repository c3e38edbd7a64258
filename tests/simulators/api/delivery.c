/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages into the ledger, receipts on their way. Called by server.c; knows nothing of connections. */
#include "tests/simulators/api/delivery.h"

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/simulators/api/post.h"

bool delivery_is_batch(const json_t *body)
{
	return json_is_array(json_object_get(body, "messages"));
}

int delivery_make(struct sim *sim, const json_t *message, const char *text, char *ret_id)
{
	const char *to = json_str(message, "to", ""), *key = json_str(message, "key", "");
	int r = ledger_deliver(sim->ledger, sim->mode.idempotent, key, to, text, clock_now_ms(&sim->clock), ret_id);
	return r ? r : post_receipt(sim, ret_id, to, key);
}

int delivery_each(struct sim *sim, const json_t *body, struct buffer *out)
{
	const json_t *list = json_object_get(body, "messages"), *message;
	const char *text = json_str(body, "text", "");
	OWN(json) json_t *answers = json_array();
	size_t i;
	json_array_foreach(list, i, message) {
		char id[48] = "";
		int r = delivery_make(sim, message, text, id);
		if (r)
			return r;
		json_array_append_new(answers, json_pack("{s:s,s:s,s:s}", "key", json_str(message, "key", ""), "status", "ok", "id", id));
	}
	OWN(json) json_t *answer = json_pack("{s:s,s:O}", "status", "ok", "messages", answers);
	OWN(mem) char *said = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
	return said ? buffer_puts(out, said) : E_NOMEM;
}
