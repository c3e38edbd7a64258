/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What providers call, already checked and decoded by the web process: what people say, and receipts. */
#include "gateway/command_hook.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/command_reply.h"
#include "gateway/core.h"
#include "gateway/detour.h"
#include "gateway/inbox.h"
#include "gateway/opaque.h"
#include "gateway/receipt.h"

static bool receipt_is_sound(const json_t *item)
{
	const char *status = json_str(item, "status", "");
	return json_str(item, "reference", "")[0] && (!strcmp(status, "delivered") || !strcmp(status, "failed") || !strcmp(status, "buffered"));
}

bool command_hook_is_sound(const json_t *items)
{
	size_t i;
	const json_t *item;
	json_array_foreach(items, i, item) {
		const char *kind = json_str(item, "kind", "");
		if (strcmp(kind, "inbound") && (strcmp(kind, "receipt") || !receipt_is_sound(json_object_get(item, "receipt"))))
			return false;
	}
	return true;
}

static int hook_receipt(struct tick *t, const char *channel, const json_t *item)
{
	const char *reference = json_str(item, "reference", ""), *status = json_str(item, "status", ""), *to = json_str(item, "to", NULL);
	char room[OPAQUE_BYTES], id[OPAQUE_BYTES];
	int64_t address = 0;
	if (!receipt_is_sound(item))
		return E_INVALID;
	OWN(mem) char *event = NULL; /* one id may stand for many people */
	if (asprintf(&event, "%s:%s:%s", reference, status, to ? to : "") < 0)
		return E_NOMEM;
	int r = to && to[0] ? inbox_sender(t, to, &address) : 0;
	if (!r)
		r = detour_learn(t, address, json_str(item, "network", NULL));
	return r ? r : receipt_take(t, channel, opaque_id(event, id), opaque_id(reference, room), address, status, json_str(item, "code", NULL));
}

static int hook_item(struct tick *t, const char *channel, const json_t *item, int64_t at_ms)
{
	const char *kind = json_str(item, "kind", "");
	if (!strcmp(kind, "inbound"))
		return inbox_put_at(t, channel, json_object_get(item, "inbound"), at_ms);
	return strcmp(kind, "receipt") ? E_INVALID : hook_receipt(t, channel, json_object_get(item, "receipt"));
}

int command_hook_tell(struct tick *t, const char *channel, const json_t *items, int64_t at_ms)
{
	int r = 0;
	size_t i;
	const json_t *item;
	json_array_foreach(items, i, item)
		if (!r)
			r = hook_item(t, channel, item, at_ms);
	return r;
}

int command_hook(struct tick *t, struct peer *p, const json_t *f)
{
	struct refusal why = { 0 };
	int64_t id = json_int(f, "id", 0);
	const char *channel = json_str(f, "channel", "");
	if (p->kind != PEER_WEB || !tick_channel(t, channel))
		return command_reply_error(t, p->id, id, E_DENIED, &why);
	int r = command_hook_tell(t, channel, json_object_get(f, "items"), t->in.now_ms);
	return r ? r : command_reply_ok(t, p->id, id, NULL);
}

void command_hook_ahead(struct tick *t, const json_t *f)
{
	size_t i;
	const json_t *item;
	const char *channel = json_str(f, "channel", "");
	json_array_foreach(json_object_get(f, "items"), i, item) {
		const json_t *inbound = json_object_get(item, "inbound"), *receipt = json_object_get(item, "receipt");
		if (inbound)
			inbox_put_ahead(t, channel, inbound);
		else if (receipt)
			receipt_told_ahead(t, channel, receipt);
	}
}
