/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands, queries and SQL of a gateway under test. Called by flow and fault tests. */
#include "tests/support/gateway.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/json.h"

#define ANSWER_MS 20000
#define CHUNK_BYTES (128 * 1024)
#define JOB_MS 60000

json_t *gateway_command_key(struct gateway *g, const char *key, const char *verb, json_t *args)
{
	return client_call(&g->control, "command", verb, args, key, ANSWER_MS);
}

json_t *gateway_command(struct gateway *g, const char *verb, json_t *args)
{
	return gateway_command_key(g, NULL, verb, args);
}

static void refuse_it(const char *verb, const json_t *reply)
{
	OWN(mem) char *text = reply ? json_text(reply) : NULL;
	fail_msg("%s: %s", verb, text ? text : "the core went away");
}

json_t *gateway_do(struct gateway *g, const char *verb, json_t *args)
{
	OWN(json) json_t *reply = gateway_command(g, verb, args);
	if (!json_flag(reply, "ok", false))
		refuse_it(verb, reply);
	return json_incref(json_object_get(reply, "result"));
}

int64_t gateway_do_id(struct gateway *g, const char *verb, json_t *args)
{
	OWN(json) json_t *result = gateway_do(g, verb, args);
	int64_t id = json_int(result, "id", 0);
	assert_true(id > 0);
	return id;
}

json_t *gateway_query(struct gateway *g, const char *verb, json_t *args)
{
	return client_call(&g->query, "query", verb, args, NULL, ANSWER_MS);
}

json_t *gateway_rows(struct gateway *g, const char *verb, json_t *args)
{
	OWN(json) json_t *reply = gateway_query(g, verb, args);
	json_t *rows = json_object_get(reply, "rows");
	if (!json_is_array(rows))
		refuse_it(verb, reply);
	return json_incref(rows);
}

json_t *gateway_row(struct gateway *g, const char *verb, json_t *args)
{
	OWN(json) json_t *rows = gateway_rows(g, verb, args);
	assert_int_equal(json_array_size(rows), 1);
	return json_incref(json_array_get(rows, 0));
}

static int64_t put_chunk(struct gateway *g, int64_t upload, const uint8_t *bytes, size_t n_bytes)
{
	size_t room = sodium_base64_ENCODED_LEN(n_bytes, sodium_base64_VARIANT_ORIGINAL);
	OWN(mem) char *data = malloc(room);
	assert_non_null(data);
	sodium_bin2base64(data, room, bytes, n_bytes, sodium_base64_VARIANT_ORIGINAL);
	OWN(json) json_t *frame = json_pack("{s:s,s:I,s:I,s:s}", "op", "put", "id", (json_int_t)++g->control.last, "upload", (json_int_t)upload,
					    "data", data);
	OWN(json) json_t *reply = client_ask(&g->control, frame, ANSWER_MS);
	if (!json_flag(reply, "ok", false))
		refuse_it("put", reply);
	return json_int(json_object_get(reply, "result"), "upload", 0);
}

int64_t gateway_upload(struct gateway *g, const void *bytes, size_t n_bytes)
{
	int64_t upload = 0;
	size_t at = 0;
	do {
		size_t n = n_bytes - at < CHUNK_BYTES ? n_bytes - at : CHUNK_BYTES;
		upload = put_chunk(g, upload, (const uint8_t *)bytes + at, n);
		at += n;
	} while (at < n_bytes);
	return upload;
}

json_t *gateway_wait_job(struct gateway *g, int64_t job, int limit_ms)
{
	int64_t until = gateway_mono_ms() + limit_ms;
	for (;;) {
		OWN(json) json_t *row = gateway_row(g, "job.show", json_pack("{s:I}", "id", (json_int_t)job));
		if (strcmp(json_str(row, "state", ""), "running") != 0)
			return MOVE(row);
		if (gateway_mono_ms() > until)
			fail_msg("job %lld did not end within %d ms", (long long)job, limit_ms);
		gateway_pause_ms(20);
	}
}

void gateway_people(struct gateway *g, const char *group, int first, int n)
{
	OWN(buffer) struct buffer csv = { 0 };
	assert_int_equal(buffer_puts(&csv, "sdt,ho ten,thon\n"), 0);
	for (int i = first; i < first + n; i++)
		assert_int_equal(buffer_printf(&csv, "0%d,Nguyen Van %d,Na Lang\n", 900000000 + i, i), 0);
	int64_t upload = gateway_upload(g, buffer_text(&csv), buffer_left(&csv));
	OWN(json) json_t *started = gateway_do(g, "contact.import", json_pack("{s:I,s:s,s:s}", "file", (json_int_t)upload, "group", group,
									      "basis", "test"));
	OWN(json) json_t *job = gateway_wait_job(g, json_int(started, "job", 0), JOB_MS);
	if (strcmp(json_str(job, "state", ""), "done") != 0)
		refuse_it("contact.import", job);
}

int64_t gateway_campaign(struct gateway *g, const char *group, const char *pin, const char *text, int n)
{
	int64_t id = gateway_do_id(g, "campaign.new", json_pack("{s:s,s:s,s:s,s:s,s:s*}", "name", group, "text", text, "group", group, "topic",
								"BHYT", "channel", pin));
	json_decref(gateway_do(g, "campaign.submit", json_pack("{s:I}", "id", (json_int_t)id)));
	json_decref(gateway_do(g, "campaign.approve", json_pack("{s:I}", "id", (json_int_t)id)));
	json_decref(gateway_do(g, "campaign.start", json_pack("{s:I,s:i}", "id", (json_int_t)id, "confirm", n)));
	return id;
}

/* ---- the database ---- */

sqlite3 *gateway_db(struct gateway *g)
{
	if (!g->db) {
		if (sqlite3_open_v2(g->database, &g->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
			fail_msg("%s cannot be opened: %s", g->database, sqlite3_errmsg(g->db));
		sqlite3_busy_timeout(g->db, 5000);
	}
	return g->db;
}

void gateway_db_close(struct gateway *g)
{
	sqlite3_close(g->db);
	g->db = NULL;
	mirror_close(g->mirror);
	g->mirror = NULL;
}

/* Where sql is asked: the file, or a copy of what a server holds now. */
static sqlite3 *db_for(struct gateway *g, const char *sql)
{
	if (!g->engine.schema[0])
		return gateway_db(g);
	if (!g->mirror)
		g->mirror = mirror_open(g->engine.uri);
	return mirror_of(g->mirror, sql);
}

static sqlite3_stmt *first_row(struct gateway *g, const char *sql)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = db_for(g, sql);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		return st;
	sqlite3_finalize(st);
	if (rc != SQLITE_DONE)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	return NULL;
}

int64_t gateway_scalar(struct gateway *g, const char *sql)
{
	sqlite3_stmt *st = first_row(g, sql);
	int64_t value = st ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_finalize(st);
	return value;
}

char *gateway_text(struct gateway *g, const char *sql)
{
	sqlite3_stmt *st = first_row(g, sql);
	const char *text = st ? (const char *)sqlite3_column_text(st, 0) : NULL;
	char *copy = text ? strdup(text) : NULL;
	sqlite3_finalize(st);
	return copy;
}

bool gateway_waited(struct gateway *g, const char *sql, int limit_ms)
{
	int64_t until = gateway_mono_ms() + limit_ms;
	while (!gateway_scalar(g, sql)) {
		if (gateway_mono_ms() > until)
			return false;
		gateway_pause_ms(20);
	}
	return true;
}

void gateway_wait(struct gateway *g, const char *what, const char *sql, int limit_ms)
{
	if (!gateway_waited(g, sql, limit_ms))
		fail_msg("not within %d ms: %s", limit_ms, what);
}
