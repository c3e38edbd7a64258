/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking and remembering what was answered; judging is load_check.c. Called by tests that kill and cut. */
#include "tests/support/load.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"

#define STEP_MS 10000
#define LOOK_MS 20
#define TEXT "Tin BHYT moi cua xa. Tu choi: TC"
#define GROUP_FIRST 20000000 /* 0920000000 … */
#define GROUP_ROOM 100

#define LOAD_RETRY "retry = { first_s = 0.2; cap_s = 1; }; }"
#define LOAD_MODEM                                                                                                          \
	"{ name = \"sim1\"; driver = \"gammu\"; device = \"@MODEM@\"; connection = \"at115200\"; rate_per_minute = 100000; " \
	"receipts = true; daily_segments = 100000; monthly_persons = 100000; " LOAD_RETRY ","
#define LOAD_OTHERS                                                                                                          \
	"{ name = \"api\"; driver = \"http\"; provider = \"sim\"; base_url = \"@API@\"; rate_per_second = 300; in_flight = 64; " LOAD_RETRY \
	",{ name = \"once\"; driver = \"http\"; provider = \"sim-once\"; base_url = \"@ONCE@\"; rate_per_second = 250; in_flight = 8; " LOAD_RETRY \
	",{ name = \"may-ao\"; driver = \"loopback\"; rate_per_second = 1000; delivery_ms = 20; " LOAD_RETRY

const char load_channels[] = LOAD_MODEM LOAD_OTHERS;
const char load_channels_no_modem[] = LOAD_OTHERS;

struct load *load_new(struct gateway *g)
{
	struct load *l = calloc(1, sizeof(*l));
	char oracle[GATEWAY_PATH_MAX + 16];
	assert_non_null(l);
	*l = (struct load){ .g = g };
	snprintf(oracle, sizeof(oracle), "%s/oracle.db", g->dir);
	l->laws = invariants_new_on(g->engine.uri, g->data, oracle);
	invariants_watch_api(l->laws, g->api.journal);
	invariants_watch_api(l->laws, g->once.journal);
	if (g->has_modem)
		invariants_watch_modem(l->laws, g->modem.journal);
	return l;
}

void load_free(struct load *l)
{
	if (!l)
		return;
	invariants_free(l->laws);
	free(l);
}

/* ---- asking ---- */

static void ask(struct load *l, enum load_kind kind, int n, const char *verb, json_t *args, const char *key)
{
	int64_t id = client_send(&l->g->control, "command", verb, args, key);
	if (id)
		l->asked[(size_t)id % LOAD_ASKED] = (struct load_asked){ id, kind, n };
}

static void send_keyed(struct load *l, int n, const char *channel)
{
	char key[32], to[24], text[64];
	snprintf(key, sizeof(key), "k-%d", n);
	snprintf(to, sizeof(to), "+8491%07d", n);
	snprintf(text, sizeof(text), "Giay hen so %d-%d da xong", n, n * 7919);
	ask(l, LOAD_SEND, n, "message.send",
	    json_pack("{s:s,s:s,s:s,s:s}", "to", to, "text", text, "class", "service", "channel", channel), key);
}

void load_send(struct load *l, const char *channel)
{
	l->last_channel = channel;
	send_keyed(l, ++l->n_keys, channel);
}

void load_send_again(struct load *l)
{
	if (l->n_keys)
		send_keyed(l, l->n_keys, l->last_channel);
}

static void say(struct load *l, enum load_kind kind, const char *from, const char *text)
{
	ask(l, kind, 0, "loopback.say", json_pack("{s:s,s:s}", "from", from, "text", text), NULL);
}

void load_say(struct load *l)
{
	char from[24], text[64];
	int n = ++l->n_said;
	snprintf(from, sizeof(from), "+8493%07d", n);
	snprintf(text, sizeof(text), "Nha toi o thon Na Lang, cau hoi so %d", n);
	say(l, LOAD_SAY, from, text);
}

/* The person of the last group at place i. */
static void member(const struct load *l, int i, char ret[24])
{
	snprintf(ret, 24, "+84%d", 900000000 + GROUP_FIRST + l->n_groups * GROUP_ROOM + i);
}

void load_say_stop(struct load *l)
{
	char from[24];
	if (l->stop_word_of == l->n_groups)
		return;
	l->stop_word_of = l->n_groups;
	member(l, 0, from);
	say(l, LOAD_STOP_WORD, from, "TC");
}

void load_opt_out(struct load *l)
{
	char number[24];
	if (l->opt_out_of == l->n_groups)
		return;
	l->opt_out_of = l->n_groups;
	member(l, 1, number);
	ask(l, LOAD_OPT_OUT, 0, "consent.opt-out", json_pack("{s:s}", "number", number), NULL);
}

void load_deliver(struct load *l)
{
	char op[160];
	int n = ++l->n_delivered;
	snprintf(op, sizeof(op), "{\"op\":\"deliver\",\"from\":\"+8497%07d\",\"text\":\"Tin den may so %d cua dan\"}", n, n);
	simmodem_tell(&l->g->modem, op);
}

/* ---- answers ---- */

static void remember(struct load *l, const struct load_asked *a, const json_t *reply)
{
	const json_t *result = json_object_get(reply, "result");
	bool ok = json_flag(reply, "ok", false);
	char key[64];
	l->acknowledged[a->kind] += ok;
	if (a->kind == LOAD_SEND) {
		snprintf(key, sizeof(key), "uid:%u:k-%d", (unsigned)geteuid(), a->n);
		invariants_accepted(l->laws, key, ok ? 201 : (int)json_int(json_object_get(reply, "error"), "status", 500));
	} else if (ok && (a->kind == LOAD_SAY || a->kind == LOAD_STOP_WORD)) {
		invariants_mo(l->laws, json_str(result, "channel", ""), json_str(result, "id", ""));
	}
}

static bool any_open(const struct load *l)
{
	for (size_t i = 0; i < LOAD_ASKED; i++)
		if (l->asked[i].kind != LOAD_NOTHING)
			return true;
	return false;
}

static void settle(struct load *l, const json_t *reply)
{
	int64_t id = json_int(reply, "id", 0);
	struct load_asked *a = &l->asked[(size_t)id % LOAD_ASKED];
	if (a->id == id && a->kind != LOAD_NOTHING) {
		remember(l, a, reply);
		*a = (struct load_asked){ 0 };
	}
}

bool load_take(struct load *l, int limit_ms)
{
	json_t *reply;
	while (any_open(l) && (reply = client_reply(&l->g->control, limit_ms))) {
		settle(l, reply);
		json_decref(reply);
	}
	return !any_open(l);
}

void load_forget(struct load *l)
{
	load_take(l, 100);
	memset(l->asked, 0, sizeof(l->asked));
}

/* ---- a campaign ---- */

/* The reply to id, the others being settled on the way; NULL when nobody gives it. The caller's. */
static json_t *reply_to(struct load *l, struct client *c, int64_t id)
{
	int64_t until = gateway_mono_ms() + STEP_MS;
	while (id && c->fd >= 0 && gateway_mono_ms() < until && !(l->is_over && l->is_over(l->is_over_arg))) {
		json_t *reply = client_reply(c, LOOK_MS);
		if (reply && json_int(reply, "id", 0) == id)
			return reply;
		if (reply && c == &l->g->control)
			settle(l, reply);
		json_decref(reply);
	}
	return NULL;
}

/* What reply brings, which must be a yes; NULL when there is none. The caller's. */
static json_t *result_of(const char *verb, json_t *taken)
{
	OWN(json) json_t *reply = taken;
	if (!reply)
		return NULL;
	if (!json_flag(reply, "ok", false)) {
		OWN(mem) char *text = json_text(reply);
		fail_msg("%s: %s", verb, text);
	}
	return json_incref(json_object_get(reply, "result"));
}

static json_t *step(struct load *l, const char *verb, json_t *args)
{
	struct client *c = &l->g->control;
	return result_of(verb, reply_to(l, c, client_send(c, "command", verb, args, NULL)));
}

static bool did(struct load *l, const char *verb, json_t *args)
{
	OWN(json) json_t *result = step(l, verb, args);
	return result != NULL;
}

static bool wait_import(struct load *l, int64_t job)
{
	for (int64_t until = gateway_mono_ms() + STEP_MS; gateway_mono_ms() < until; gateway_pause_ms(5)) {
		struct client *c = &l->g->query;
		OWN(json) json_t *reply = reply_to(l, c, client_send(c, "query", "job.show", json_pack("{s:I}", "id", (json_int_t)job), NULL));
		if (!strcmp(json_str(json_array_get(json_object_get(reply, "rows"), 0), "state", ""), "done"))
			return true;
		if (!reply)
			return false;
	}
	return false;
}

/* The upload's id; 0 when the core went away. */
static int64_t upload(struct load *l, const char *text)
{
	char data[16384];
	assert_true(sodium_base64_ENCODED_LEN(strlen(text), sodium_base64_VARIANT_ORIGINAL) <= sizeof(data));
	sodium_bin2base64(data, sizeof(data), (const unsigned char *)text, strlen(text), sodium_base64_VARIANT_ORIGINAL);
	int64_t id = ++l->g->control.last;
	OWN(json) json_t *frame = json_pack("{s:s,s:I,s:I,s:s}", "op", "put", "id", (json_int_t)id, "upload", (json_int_t)0, "data", data);
	OWN(buffer) struct buffer line = { 0 };
	assert_int_equal(json_put_line(&line, frame), 0);
	if (l->g->control.fd < 0 || send(l->g->control.fd, buffer_text(&line), buffer_left(&line), MSG_NOSIGNAL) != (ssize_t)buffer_left(&line))
		return 0;
	OWN(json) json_t *result = result_of("put", reply_to(l, &l->g->control, id));
	return json_int(result, "upload", 0);
}

static bool import(struct load *l, const char *group, int n)
{
	OWN(buffer) struct buffer csv = { 0 };
	char number[24];
	assert_int_equal(buffer_puts(&csv, "sdt,ho ten,thon\n"), 0);
	for (int i = 0; i < n; i++) {
		member(l, i, number);
		assert_int_equal(buffer_printf(&csv, "0%s,Nguyen Van %d,Na Lang\n", number + 3, i), 0);
	}
	int64_t file = upload(l, buffer_text(&csv));
	if (!file)
		return false;
	OWN(json) json_t *started = step(l, "contact.import", json_pack("{s:I,s:s,s:s}", "file", (json_int_t)file, "group", group, "basis", "test"));
	if (!started || !wait_import(l, json_int(started, "job", 0)))
		return false;
	l->imported += n;
	return true;
}

bool load_campaign(struct load *l, const char *channel, int n)
{
	char group[32];
	assert_in_range(n, 1, GROUP_ROOM);
	snprintf(group, sizeof(group), "nhom-%d", ++l->n_groups);
	if (!import(l, group, n))
		return false;
	OWN(json) json_t *made = step(l, "campaign.new", json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", group, "text", TEXT, "group", group, "topic",
								   "BHYT", "channel", channel));
	json_int_t id = json_int(made, "id", 0);
	if (!made || !did(l, "campaign.submit", json_pack("{s:I}", "id", id)) || !did(l, "campaign.approve", json_pack("{s:I}", "id", id)) ||
	    !did(l, "campaign.start", json_pack("{s:I,s:i}", "id", id, "confirm", n)))
		return false;
	l->started++;
	return true;
}
