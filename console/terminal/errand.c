/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands with their key, queries page by page, disclosures in two steps, long work waited for. Called by main. A command whose
 * reply is lost is sent once more under the same key, so it happens once. */
#include "console/terminal/errand.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "console/terminal/parcel.h"
#include "console/terminal/printer.h"
#include "console/terminal/wire.h"
#include "gateway/base/json.h"

#define KEY_CHARS 24
#define PAGE_ROWS 500
#define POLL_FIRST_MS 100
#define POLL_MOST_MS 1000

static void dotted_name(const struct verb *v, char out[64])
{
	snprintf(out, 64, "%s%s%s", v->noun, *v->noun ? "." : "", v->name);
}

static int say_refused(const struct errand *e, const json_t *error)
{
	return desk_refused(e->desk, error);
}

/* ---- commands ---- */

static int ask_once(struct wire *w, const char *path, const struct clock *clock, json_t *frame, json_t **ret)
{
	int r = w->fd < 0 ? wire_open(path, clock, w) : 0;
	return r ? r : wire_ask(w, frame, ret);
}

static int ask_twice(struct wire *w, const char *path, const struct clock *clock, json_t *frame, json_t **ret)
{
	int r = ask_once(w, path, clock, frame, ret);
	if (r != E_UNAVAILABLE || w->fd < 0)
		return r;
	wire_close(w);
	return ask_once(w, path, clock, frame, ret);
}

static int lost(const struct errand *e, const char *key, int err)
{
	if (err != E_UNAVAILABLE)
		return desk_failed(e->desk, err, NULL);
	fprintf(e->desk->err, desk_say(e->desk, "caunoi: the connection was lost before the answer came; repeat with --key %s: it happens once.\n",
				       "caunoi: mất kết nối trước khi có trả lời; hãy lặp lại với --key %s: lệnh chỉ thực hiện một lần.\n"), key);
	return err_exit_code(E_UNAVAILABLE);
}

static json_t *command_frame_of(const struct errand *e, const char *key)
{
	char verb[64];
	dotted_name(e->said->verb, verb);
	return json_pack("{s:s,s:s,s:O,s:s}", "op", "command", "verb", verb, "args", e->args, "key", key);
}

/* A reply with *ret_code < 0, or the exit code of what went wrong, already said. */
static json_t *command(struct errand *e, struct wire *w, int *ret_code)
{
	char made[KEY_CHARS + 1];
	struct complaint c = { 0 };
	OWN(json) json_t *error = NULL;
	json_t *reply = NULL;
	random_token(e->random, made, KEY_CHARS);
	const char *key = e->said->key ? e->said->key : made;
	int r = parcel_send(w, e->said->verb, e->args, &error, &c);
	if (r) {
		*ret_code = error ? say_refused(e, error) : desk_failed(e->desk, r, c.text);
		return NULL;
	}
	OWN(json) json_t *frame = command_frame_of(e, key);
	r = frame ? ask_twice(w, e->config->control, e->clock, frame, &reply) : E_NOMEM;
	*ret_code = r ? lost(e, key, r) : -1;
	return reply;
}

/* ---- queries ---- */

/* One page. *ret is a rows frame; a negative code says what went wrong with *ret_error perhaps set. */
static int ask_page(struct errand *e, struct wire *w, const char *verb, json_t *args, const char *ticket, json_t **ret, json_t **ret_error)
{
	OWN(json) json_t *frame = ticket ? json_pack("{s:s,s:s}", "op", "query", "ticket", ticket) :
					   json_pack("{s:s,s:s,s:O}", "op", "query", "verb", verb, "args", args);
	OWN(json) json_t *reply = NULL;
	int r = frame ? ask_twice(w, e->config->query, e->clock, frame, &reply) : E_NOMEM;
	if (r)
		return r;
	if (strcmp(json_str(reply, "op", ""), "rows") != 0) {
		*ret_error = json_incref(json_object_get(reply, "error"));
		return *ret_error ? E_REFUSED : E_PROTOCOL;
	}
	*ret = MOVE(reply);
	return 0;
}

static int page_failed(const struct errand *e, int r, const json_t *error)
{
	return error ? say_refused(e, error) : r == E_UNAVAILABLE ? r : desk_failed(e->desk, r, NULL);
}

static int query_one(struct errand *e, struct wire *w, const char *verb, const char *ticket)
{
	OWN(json) json_t *page = NULL;
	OWN(json) json_t *error = NULL;
	int r = ask_page(e, w, verb, e->args, ticket, &page, &error);
	if (r)
		return page_failed(e, r, error);
	const json_t *rows = json_object_get(page, "rows");
	bool one = json_array_size(rows) == 1 && !e->said->verb->list;
	return printer_print(e->desk, e->said->verb, one ? json_array_get(rows, 0) : rows);
}

/* Everything, page by page, or as much as --limit says. */
static int query_list(struct errand *e, struct wire *w, const char *verb)
{
	/* as typed: a number by now, the arguments were checked */
	const char *limit = json_str(e->args, "limit", NULL);
	int64_t left = limit ? strtoll(limit, NULL, 10) : INT64_MAX;
	struct printer p = printer_begin(e->desk, e->said->verb);
	int r = 0, code = 0;
	bool more = true;
	while (more && !code) {
		OWN(json) json_t *page = NULL;
		OWN(json) json_t *error = NULL;
		if (json_set_int(e->args, "limit", left < PAGE_ROWS ? left : PAGE_ROWS))
			return desk_failed(e->desk, E_NOMEM, NULL);
		r = ask_page(e, w, verb, e->args, NULL, &page, &error);
		if (r)
			return p.n_rows ? desk_failed(e->desk, r, NULL) : page_failed(e, r, error);
		const json_t *rows = json_object_get(page, "rows");
		left -= (int64_t)json_array_size(rows);
		more = json_flag(page, "more", false) && left > 0 && json_array_size(rows) > 0;
		if (more && json_object_set(e->args, "after", json_object_get(page, "next")))
			return desk_failed(e->desk, E_NOMEM, NULL);
		code = printer_rows(&p, rows);
	}
	return code ? code : printer_end(&p);
}

static int query(struct errand *e, const char *ticket)
{
	OWN(wire) struct wire w = { .fd = -1 };
	char verb[64];
	dotted_name(e->said->verb, verb);
	if (e->said->verb->list && !ticket)
		return query_list(e, &w, verb);
	return query_one(e, &w, verb, ticket);
}

/* ---- long work ---- */

static void wait_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

static int ask_job(struct errand *e, struct wire *w, int64_t id, json_t **ret, json_t **ret_error)
{
	OWN(json) json_t *args = json_pack("{s:I}", "id", (json_int_t)id);
	OWN(json) json_t *page = NULL;
	int r = args ? ask_page(e, w, "job.show", args, NULL, &page, ret_error) : E_NOMEM;
	if (!r)
		*ret = json_incref(json_array_get(json_object_get(page, "rows"), 0));
	return r;
}

/* A job's failure is this call's: what a rule refused is 4, what was not found 3, all else 1. */
static int job_exit_code(const json_t *error)
{
	int code = desk_exit_code(json_int(error, "status", 500));
	return code == 3 || (code == 4 && strcmp(json_str(error, "rule", ""), "import_refused") != 0) ? code : 1;
}

static int job_ended(struct errand *e, const json_t *job)
{
	const json_t *result = json_object_get(job, "result"), *error = json_object_get(job, "error");
	int code = 0;
	if (result && !json_is_null(result))
		code = printer_print(e->desk, e->said->verb, result);
	if (strcmp(json_str(job, "state", ""), "done") == 0)
		return code;
	if (json_is_object(error)) {
		desk_refused(e->desk, error);
		return job_exit_code(error);
	}
	return desk_failed(e->desk, E_IO, json_str(job, "state", ""));
}

static int await_job(struct errand *e, int64_t id)
{
	OWN(wire) struct wire w = { .fd = -1 };
	long pause_ms = POLL_FIRST_MS;
	char what[32];
	snprintf(what, sizeof(what), "%.12s %.16s", e->said->verb->noun, e->said->verb->name);
	for (;;) {
		OWN(json) json_t *job = NULL;
		OWN(json) json_t *error = NULL;
		int r = ask_job(e, &w, id, &job, &error);
		/* the query process may be replaced while we wait: the job is a row and goes on */
		if (r && r != E_UNAVAILABLE) {
			desk_progress_end(e->desk);
			return error ? say_refused(e, error) : desk_failed(e->desk, r, NULL);
		}
		if (r) {
			wire_close(&w);
			if (pause_ms >= POLL_MOST_MS * 8) {
				desk_progress_end(e->desk);
				fprintf(e->desk->err, "caunoi: job %" PRId64 ": %s\n", id, err_text(r));
				return err_exit_code(r);
			}
			pause_ms *= 2;
		} else if (strcmp(json_str(job, "state", ""), "running") != 0) {
			desk_progress_end(e->desk);
			return job_ended(e, job);
		} else {
			desk_progress(e->desk, what, json_int(job, "done", 0), json_int(job, "total", 0));
			pause_ms = pause_ms < POLL_MOST_MS ? pause_ms + pause_ms / 4 : POLL_MOST_MS;
		}
		wait_ms(pause_ms);
	}
}

/* ---- one errand ---- */

static bool is_job(const json_t *result)
{
	return json_object_size(result) == 1 && json_is_integer(json_object_get(result, "job"));
}

int errand_ask(struct errand *e, json_t **ret)
{
	OWN(wire) struct wire w = { .fd = -1 };
	int code, r = wire_open(e->config->control, e->clock, &w);
	if (r)
		return r == E_UNAVAILABLE ? r : desk_failed(e->desk, r, NULL);
	OWN(json) json_t *reply = command(e, &w, &code);
	if (code >= 0)
		return code;
	if (!json_flag(reply, "ok", false))
		return json_object_get(reply, "error") ? say_refused(e, json_object_get(reply, "error")) : desk_failed(e->desk, E_PROTOCOL, NULL);
	*ret = json_incref(json_object_get(reply, "result"));
	return 0;
}

static int command_and_print(struct errand *e)
{
	OWN(json) json_t *result = NULL;
	int code = errand_ask(e, &result); /* what follows asks elsewhere, perhaps for long */
	if (code)
		return code;
	const char *ticket = e->said->verb->kind == VERB_DISCLOSURE ? json_str(result, "ticket", NULL) : NULL;
	if (ticket)
		return query(e, ticket);
	if (is_job(result) && e->said->no_wait) /* for scripts, with and without --json */
		return printf("{\"job\":%lld}\n", (long long)json_int(result, "job", 0)) < 0 ? 1 : 0;
	if (is_job(result))
		return await_job(e, json_int(result, "job", 0));
	return printer_print(e->desk, e->said->verb, result);
}

int errand_run(struct errand *e)
{
	return e->said->verb->kind == VERB_QUERY ? query(e, NULL) : command_and_print(e);
}
