/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables upload and upload_chunk: files that come in by chunks, before the command that names them. */
#include "gateway/command_upload.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/caller.h"
#include "gateway/command_reply.h"
#include "gateway/core.h"
#include "gateway/token.h"

#define CHUNK_BYTES_MAX (160 * 1024)

enum upload_sql { UPLOAD_NEW, UPLOAD_CHUNK, UPLOAD_SIZE, UPLOAD_GROW, UPLOAD_HASHED, UPLOAD_SQL_COUNT };
static const char *const upload_sql[UPLOAD_SQL_COUNT] = {
	[UPLOAD_NEW] = "INSERT INTO upload (actor, created_at, n_bytes) VALUES ($actor, $now, 0)",
	[UPLOAD_CHUNK] = "INSERT INTO upload_chunk (upload, n, data) VALUES ($upload, $n, $data)",
	[UPLOAD_SIZE] = "SELECT n_bytes FROM upload WHERE id = $id AND actor = $actor",
	[UPLOAD_GROW] = "UPDATE upload SET n_bytes = n_bytes + $n, hashed = $hashed WHERE id = $id AND actor = $actor",
	[UPLOAD_HASHED] = "SELECT hashed FROM upload WHERE id = $id AND actor = $actor",
};
const struct sql_module command_upload_module = { "upload", upload_sql, UPLOAD_SQL_COUNT };

/* The hash of an upload so far, kept in its row: a state of libsodium's, which holds no pointers. */
typedef crypto_generichash_state upload_hash;

static int upload_hashed(struct tick *t, int64_t id, const char *actor, upload_hash *ret)
{
	crypto_generichash_init(ret, NULL, 0, 32);
	struct statement *st = store_prepare(t->in.db, &command_upload_module, UPLOAD_HASHED);
	bind_int(st, "$id", id);
	bind_text(st, "$actor", actor);
	int r = store_row(st);
	size_t n = 0;
	const void *was = r > 0 && !column_null(st, 0) ? column_blob(st, 0, &n) : NULL;
	if (was && n == sizeof(*ret))
		memcpy(ret, was, n);
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

int command_upload_name(struct tick *t, int64_t upload, const char *actor, uint8_t ret[32])
{
	upload_hash state;
	int r = upload_hashed(t, upload, actor, &state);
	if (!r)
		crypto_generichash_final(&state, ret, 32);
	return r;
}

static int chunk_of(const json_t *f, uint8_t **ret, size_t *ret_bytes)
{
	const char *data = json_str(f, "data", "");
	size_t n = strlen(data);
	uint8_t *out = n <= FRAME_BYTES_MAX ? malloc(CHUNK_BYTES_MAX) : NULL;
	if (!out)
		return n <= FRAME_BYTES_MAX ? E_NOMEM : E_TOO_BIG;
	if (sodium_base642bin(out, CHUNK_BYTES_MAX, data, n, "\r\n", ret_bytes, NULL, sodium_base64_VARIANT_ORIGINAL)) {
		free(out);
		return E_INVALID;
	}
	*ret = out;
	return 0;
}

static int upload_of(struct tick *t, int64_t id, const char *actor, int64_t *ret_id, int64_t *ret_bytes)
{
	*ret_bytes = 0;
	if (!id) {
		struct statement *st = store_prepare(t->in.db, &command_upload_module, UPLOAD_NEW);
		bind_text(st, "$actor", actor);
		bind_int(st, "$now", t->in.now_ms);
		int r = store_run(st);
		*ret_id = store_last_id(t->in.db);
		return r;
	}
	struct statement *st = store_prepare(t->in.db, &command_upload_module, UPLOAD_SIZE);
	bind_int(st, "$id", id);
	bind_text(st, "$actor", actor);
	int r = store_row(st);
	*ret_id = id;
	*ret_bytes = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

/* A chunk is known by the offset of its first byte. */
static int put_chunk(struct tick *t, int64_t upload, const char *actor, int64_t offset, const uint8_t *data, size_t n)
{
	struct statement *st = store_prepare(t->in.db, &command_upload_module, UPLOAD_CHUNK);
	bind_int(st, "$upload", upload);
	bind_int(st, "$n", offset);
	bind_blob(st, "$data", data, n);
	int r = store_run(st);
	if (r)
		return r;
	upload_hash hashed;
	r = upload_hashed(t, upload, actor, &hashed);
	if (r)
		return r;
	crypto_generichash_update(&hashed, data, n);
	st = store_prepare(t->in.db, &command_upload_module, UPLOAD_GROW);
	bind_blob(st, "$hashed", &hashed, sizeof(hashed));
	bind_int(st, "$id", upload);
	bind_text(st, "$actor", actor);
	bind_int(st, "$n", (int64_t)n);
	return store_run(st);
}

/* 1 where the caller may use a verb that takes an upload. */
static int takes_upload(void *who, const struct verb *v)
{
	const struct caller *c = who;
	bool takes = false;
	for (size_t i = 0; i < v->n_args; i++)
		takes = takes || v->args[i].type == ARG_UPLOAD;
	return takes && verb_allowed(v, c->role) && token_permits(c->scopes, v);
}

int command_upload_put(struct tick *t, struct peer *p, const json_t *f)
{
	struct refusal why = { 0 };
	struct caller who = { 0 };
	OWN(mem) uint8_t *data = NULL;
	size_t n = 0;
	int64_t id = json_int(f, "id", 0), upload = 0, bytes = 0;
	int r = caller_find(&t->in, p->uid, p->kind != PEER_CLIENT, json_str(f, "session", NULL), &who, &why);
	if (!r && !registry_each(t->core->wiring->registry, takes_upload, &who))
		r = refuse(&why, E_DENIED, 403, "role", "", "the role %s may not do this", role_name(who.role));
	if (!r && t->core->low_disk)
		r = refuse(&why, E_UNAVAILABLE, 503, "disk_low", "", "the disk is almost full; free space first");
	if (!r)
		r = chunk_of(f, &data, &n);
	if (!r)
		r = upload_of(t, json_int(f, "upload", 0), who.actor, &upload, &bytes);
	if (r) {
		r = command_reply_error(t, p->id, id, r, &why);
		refusal_done(&why);
		return r;
	}
	r = put_chunk(t, upload, who.actor, bytes, data, n);
	return r ? r : command_reply_ok(t, p->id, id, json_pack("{s:I,s:I}", "upload", (json_int_t)upload, "bytes", (json_int_t)(bytes + (int64_t)n)));
}
