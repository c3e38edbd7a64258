/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table request: what was answered under which key. Secrets of an answer are not kept. */
#include "gateway/command_key.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/mutant.h"
#include "gateway/base/seal.h"
#include "gateway/base/text.h"
#include "gateway/command_upload.h"
#include "gateway/core.h"

#define KEY_MS (INT64_C(7) * 24 * 3600000)

enum key_sql { KEY_FIND, KEY_KEEP, KEY_SQL_COUNT };
static const char *const key_sql[KEY_SQL_COUNT] = {
	[KEY_FIND] = "SELECT args_hash, result FROM request WHERE actor = $actor AND verb = $verb AND key = $key",
	[KEY_KEEP] = "INSERT INTO request (actor, verb, key, args_hash, result, until_at) VALUES ($actor, $verb, $key, $hash, $result, $until)",
};
const struct sql_module command_key_module = { "command_key", key_sql, KEY_SQL_COUNT };

/* The same file sent again has another id: what counts is what it holds. */
static int name_upload(struct tick *t, const struct call *c, const char *name, json_t *args)
{
	uint8_t hash[32];
	int r = command_upload_name(t, json_int(args, name, 0), c->actor, hash);
	if (r)
		return r;
	OWN(mem) char *hex = text_hex(hash, sizeof(hash));
	return hex ? json_set_str(args, name, hex) : E_NOMEM;
}

int command_key_hash(struct tick *t, const struct call *c, uint8_t ret[32])
{
	OWN(json) json_t *args = json_copy((json_t *)(uintptr_t)c->args);
	int r = args ? 0 : E_NOMEM;
	for (size_t i = 0; !r && i < c->verb->n_args; i++)
		if (c->verb->args[i].type == ARG_UPLOAD && json_object_get(args, c->verb->args[i].name))
			r = name_upload(t, c, c->verb->args[i].name, args);
	OWN(mem) char *text = r ? NULL : json_dumps(args, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		return r ? r : E_NOMEM;
	seal_arguments(t->in.seal, text, ret);
	return 0;
}

static const char *owner(const struct call *c)
{
	return MUTANT(KEY_OF_ANYBODY) ? "" : c->actor;
}

int command_key_find(struct tick *t, const struct call *c, const uint8_t *hash, json_t **ret, struct refusal *why)
{
	struct statement *st = store_prepare(t->in.db, &command_key_module, KEY_FIND);
	bind_text(st, "$actor", owner(c));
	bind_text(st, "$verb", c->dotted);
	bind_text(st, "$key", c->key);
	int r = store_row(st);
	if (r > 0) {
		size_t n;
		const void *was = column_blob(st, 0, &n);
		const char *text = column_text(st, 1);
		if (hash && (n != 32 || memcmp(was, hash, 32)))
			r = refuse(why, E_REFUSED, 409, "key_reused", "key", "this key was used for another call");
		else
			r = json_parse(text, strlen(text), ret) ? E_CORRUPT : E_EXISTS;
	}
	store_reset(st);
	return r;
}

int command_key_keep(struct tick *t, const struct call *c, const uint8_t hash[32], const json_t *result)
{
	static const char *const secrets[] = { "token", "uri", "qr" };
	OWN(json) json_t *copy = json_deep_copy(result);
	for (size_t i = 0; i < COUNT_OF(secrets); i++)
		if (json_is_object(copy) && json_object_get(copy, secrets[i]))
			json_object_set_new(copy, secrets[i], json_null());
	OWN(mem) char *text = copy ? json_text(copy) : NULL;
	struct statement *st = store_prepare(t->in.db, &command_key_module, KEY_KEEP);
	bind_text(st, "$actor", owner(c));
	bind_text(st, "$verb", c->dotted);
	bind_text(st, "$key", c->key);
	bind_blob(st, "$hash", hash, 32);
	bind_text(st, "$result", text ? text : "null");
	bind_int(st, "$until", t->in.now_ms + KEY_MS);
	return store_run(st);
}
