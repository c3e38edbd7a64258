/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of territory on a whole gateway: for every verb that names a thing, as every role of a commune, what lies in another commune is
 * not found, changes nothing and does not show in any list; the same thing of the own commune is found, so that the law is not empty.
 * A verb that is new fails here until it is said whose its things are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/registry.h"
#include "tests/support/gateway.h"

#define LIMIT_MS 30000
#define HERE "02269"
#define THERE "02270"
#define NUMBER_HERE "+84912000001"
#define NUMBER_THERE "+84912000002"
#define SURVEY "name = \"hop\"; steps = ( { id = \"den\"; kind = \"yes_no\"; text = { vi = \"Ong/ba den duoc khong?\"; }; } );"

/* The things of one commune, as each noun names them. */
struct things {
	char campaign[24], message[24], contact[24], group[24], job[24], case_[24], inbox[24], session[24], token[24], user[24], signup[24];
	const char *number;
};

struct world {
	struct gateway *g;
	struct things here, there;
	char token[ROLE_COUNT][64];
};

/* ---- asking ---- */

static json_t *ask_as(struct world *w, const struct verb *v, json_t *args, const char *token)
{
	char name[80];
	bool query = v->kind == VERB_QUERY;
	snprintf(name, sizeof(name), "%s.%s", v->noun, v->name);
	OWN(json) json_t *frame = json_pack("{s:s,s:i,s:s,s:o,s:s}", "op", query ? "query" : "command", "id", 1000000, "verb", name, "args", args, "session", token);
	json_t *reply = client_ask(query ? &w->g->query : &w->g->control, frame, LIMIT_MS);
	assert_non_null(reply);
	return reply;
}

static int status_of(const json_t *reply)
{
	return (int)json_int(json_object_get(reply, "error"), "status", 200);
}

static json_t *must(struct world *w, const char *verb, json_t *args, const char *token)
{
	OWN(json) json_t *reply = ask_as(w, registry_find_dotted(&caunoi_registry, verb), args, token);
	if (status_of(reply) != 200) {
		OWN(mem) char *text = json_dumps(reply, 0);
		fail_msg("%s: %s", verb, text);
	}
	return json_incref(json_object_get(reply, strstr(verb, ".list") ? "rows" : "result"));
}

static void take_id(json_t *thing, const char *field, char ret[24])
{
	OWN(json) json_t *t = thing;
	const json_t *id = json_object_get(t, field);
	if (json_is_string(id))
		snprintf(ret, 24, "%s", json_string_value(id));
	else
		snprintf(ret, 24, "%lld", (long long)json_integer_value(id));
	assert_string_not_equal(ret, "0");
}

/* ---- the world ---- */

static void add_user(struct world *w, const char *name, enum role role, const char *unit, char ret_token[64])
{
	OWN(json) json_t *user = gateway_do(w->g, "user.add", json_pack("{s:s,s:s,s:s}", "name", name, "role", role_name(role), "unit", unit));
	OWN(json) json_t *token = gateway_do(w->g, "token.add", json_pack("{s:s}", "user", name));
	snprintf(ret_token, 64, "%s", json_str(token, "token", ""));
}

static int64_t upload_as(struct world *w, const char *text, const char *token)
{
	char data[512];
	OWN(json) json_t *frame = NULL;
	sodium_bin2base64(data, sizeof(data), (const unsigned char *)text, strlen(text), sodium_base64_VARIANT_ORIGINAL);
	frame = json_pack("{s:s,s:i,s:s,s:s}", "op", "put", "id", 1000001, "data", data, "session", token);
	OWN(json) json_t *reply = client_ask(&w->g->control, frame, LIMIT_MS);
	return json_int(json_object_get(reply, "result"), "upload", 0);
}

static void import_one(struct world *w, struct things *t, const char *unit, const char *token)
{
	char csv[200];
	snprintf(csv, sizeof(csv), "phone,name,unit\n%s,Nguyen Thi %s,%s\n", t->number, unit, unit);
	json_t *args = json_pack("{s:I,s:s,s:s}", "file", (json_int_t)upload_as(w, csv, token), "group", unit, "basis", "hop thon");
	OWN(json) json_t *job = must(w, "contact.import", args, token);
	OWN(json) json_t *done = gateway_wait_job(w->g, json_int(job, "job", 0), LIMIT_MS);
	assert_string_equal(json_str(done, "state", ""), "done");
	snprintf(t->job, sizeof(t->job), "%lld", (long long)json_int(job, "job", 0));
}

/* Somebody of the commune made, sent, imported and heard one of each. */
static void fill(struct world *w, struct things *t, const char *unit, const char *number)
{
	char name[24], token[64], sql[160];
	snprintf(name, sizeof(name), "lan-%s", unit);
	add_user(w, name, ROLE_OUTREACH, unit, token);
	snprintf(t->user, sizeof(t->user), "%s", name);
	t->number = number;
	import_one(w, t, unit, token);
	OWN(json) json_t *contacts = must(w, "contact.list", json_object(), token);
	assert_int_equal(json_array_size(contacts), 1);
	snprintf(t->contact, sizeof(t->contact), "%lld", (long long)json_int(json_array_get(contacts, 0), "id", 0));
	snprintf(t->group, sizeof(t->group), "%s", unit);
	take_id(must(w, "campaign.new", json_pack("{s:s,s:s,s:s,s:s}", "name", "Hop", "text", "Moi ba con di hop", "group", unit, "survey", SURVEY), token), "id", t->campaign);
	take_id(must(w, "message.send", json_pack("{s:s,s:s}", "to", number, "text", "Chao"), token), "id", t->message);
	OWN(json) json_t *said = gateway_do(w->g, "loopback.say", json_pack("{s:s,s:s}", "from", number, "text", "duong thon hong nang, de nghi xa xem lai"));
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM casefile WHERE unit = '%s'", unit);
	gateway_wait(w->g, "a case", sql, LIMIT_MS);
	snprintf(sql, sizeof(sql), "SELECT id FROM casefile WHERE unit = '%s'", unit);
	snprintf(t->case_, sizeof(t->case_), "%lld", (long long)gateway_scalar(w->g, sql));
	snprintf(sql, sizeof(sql), "SELECT max(id) FROM inbound");
	snprintf(t->inbox, sizeof(t->inbox), "%lld", (long long)gateway_scalar(w->g, sql));
	OWN(json) json_t *link = gateway_do(w->g, "token.add", json_pack("{s:s,s:s}", "user", name, "scopes", "login"));
	OWN(json) json_t *s = gateway_do(w->g, "session.open", json_pack("{s:s}", "token", json_str(link, "token", "")));
	snprintf(t->session, sizeof(t->session), "%lld", (long long)gateway_scalar(w->g, "SELECT max(id) FROM session"));
	take_id(gateway_do(w->g, "token.add", json_pack("{s:s}", "user", name)), "id", t->token);
	take_id(gateway_do(w->g, "signup.new", json_pack("{s:s,s:s,s:s,s:s}", "programme", "nha-tam", "head", strcmp(unit, HERE) ? "Giang A Pao" : "Hoang Van Huy", "hamlet", "Na Lang", "unit", unit)), "id", t->signup);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	*state = w;
	w->g = gateway_new(NULL);
	gateway_start(w->g);
	for (unsigned r = 0; r < ROLE_COUNT; r++) {
		char name[32];
		snprintf(name, sizeof(name), "%s-here", role_name((enum role)r));
		add_user(w, name, (enum role)r, HERE, w->token[r]);
	}
	fill(w, &w->here, HERE, NUMBER_HERE);
	fill(w, &w->there, THERE, NUMBER_THERE);
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	gateway_free(w->g);
	free(w);
	return 0;
}

/* ---- things ---- */

/* These name what belongs to the organisation as a whole, or what the call itself makes. */
static bool is_nobodys(const struct verb *v)
{
	static const char *const verbs[] = { "user.add", "group.add", "contact.import", "contact.add", "consent.dnc-import", "consent.opt-out", "group.import", "group.count", "unit.", "fact.", "topic.", "setting.", "template.", "keyword.", "signup.new", "loopback.heard", "channel.", "ussd.", "webhook.", "report.", "dialogue.", ".backup", "indicator.", "case.references" };
	char name[80];
	snprintf(name, sizeof(name), "%s.%s", v->noun, v->name);
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (!strncmp(name, verbs[i], strlen(verbs[i])))
			return true;
	return false;
}

static const char *thing_of(const struct things *t, const char *noun)
{
	const struct {
		const char *noun, *id;
	} all[] = {
		{ "campaign", t->campaign }, { "message", t->message }, { "contact", t->contact }, { "group", t->group }, { "job", t->job }, { "case", t->case_ },
		{ "inbox", t->inbox },	     { "session", t->session }, { "token", t->token },	   { "user", t->user },	  { "consent", t->number },
		{ "survey", t->campaign },  { "signup", t->signup },   { "indicator", THERE },
	};
	for (size_t i = 0; i < COUNT_OF(all); i++)
		if (!strcmp(all[i].noun, noun))
			return all[i].id;
	fail_msg("%s: whose are they? Say it in this test", noun);
	return NULL;
}

static const struct verb_arg *first_arg(const struct verb *v)
{
	for (size_t i = 0; i < v->n_args; i++)
		if (v->args[i].rank == 1)
			return &v->args[i];
	return NULL;
}

/* Something that passes for the argument. */
static const char *filled(const struct verb_arg *a)
{
	static const char *const values[][2] = {
		{ "role", "auditor" }, { "password", "một mật khẩu dài" }, { "due", "2026-12-30" }, { "unit", HERE }, { "by", "2026-12-30" }, { "to", "lan-" HERE },
	};
	if (a->choices)
		return a->choices[0];
	if (a->type == ARG_PHONE)
		return "+84912000003";
	for (size_t i = 0; i < COUNT_OF(values); i++)
		if (!strcmp(a->name, values[i][0]))
			return values[i][1];
	return "ly do";
}

static json_t *args_for(const struct verb *v, const struct things *t)
{
	json_t *args = json_object();
	for (size_t i = 0; i < v->n_args; i++)
		if (v->args[i].rank == 1)
			json_object_set_new(args, v->args[i].name, json_string(thing_of(t, v->noun)));
		else if (v->args[i].required)
			json_object_set_new(args, v->args[i].name, json_string(filled(&v->args[i])));
	return args;
}

struct trial {
	struct world *w;
	int n;
};

static int is_not_found_there(void *arg, const struct verb *v)
{
	struct trial *t = arg;
	bool remote = v->kind == VERB_COMMAND || v->kind == VERB_QUERY || v->kind == VERB_DISCLOSURE;
	if (!remote || !first_arg(v) || is_nobodys(v))
		return 0;
	for (unsigned r = 0; r < ROLE_COUNT; r++) {
		OWN(json) json_t *reply = ask_as(t->w, v, args_for(v, &t->w->there), t->w->token[r]);
		int wanted = verb_allowed(v, (enum role)r) ? 404 : 403, status = status_of(reply);
		/* others' accounts are for administrators, wherever they are */
		if (status != wanted && !(wanted == 404 && status == 403 && !strcmp(v->noun, "user"))) {
			OWN(mem) char *text = json_dumps(reply, 0);
			fail_msg("%s %s as %s: %s", v->noun, v->name, role_name((enum role)r), text);
		}
		t->n++;
	}
	return 0;
}

/* A stop is taken wherever it is said, and the answer is the one that a number nobody knows gets. */
static void a_stop_of_another_commune_is_taken_and_tells_nothing(void **state)
{
	struct world *w = *state;
	const struct verb *v = registry_find_dotted(&caunoi_registry, "consent.opt-out");
	const char *const numbers[] = { NUMBER_THERE, "+84912000099" };
	char *told[2];
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		OWN(json) json_t *reply = ask_as(w, v, json_pack("{s:s}", "number", numbers[i]), w->token[ROLE_OUTREACH]);
		assert_int_equal(status_of(reply), 200);
		json_t *scope = json_array_get(json_object_get(json_object_get(reply, "result"), "scopes"), 0);
		assert_string_equal(json_str(scope, "state", ""), "opted_out");
		json_object_del(scope, "at");
		told[i] = json_dumps(json_object_get(reply, "result"), JSON_SORT_KEYS);
	}
	assert_string_equal(told[0], told[1]);
	free(told[0]);
	free(told[1]);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM consent WHERE state = 'opted_out'"), 2);
}

static void what_lies_in_another_commune_is_not_found(void **state)
{
	struct trial t = { .w = *state };
	const char *const traces = "SELECT count(*) FROM audit WHERE actor LIKE 'user:%-here'";
	assert_int_equal(gateway_scalar(t.w->g, traces), 0);
	registry_each(&caunoi_registry, is_not_found_there, &t);
	print_message("%d calls\n", t.n);
	assert_true(t.n > 150);
	/* nothing is left of it but that they tried to get at a case */
	assert_true(gateway_scalar(t.w->g, traces) > 20);
	assert_int_equal(gateway_scalar(t.w->g, "SELECT count(*) FROM audit WHERE actor LIKE 'user:%-here' AND subject NOT LIKE 'case:%'"), 0);
	assert_int_equal(gateway_scalar(t.w->g, "SELECT count(*) FROM case_event WHERE who LIKE 'user:%-here'"), 0);
}

/* Reading is tried with the own things: they are there. */
static int is_found_here(void *arg, const struct verb *v)
{
	struct trial *t = arg;
	if (v->kind != VERB_QUERY || !first_arg(v) || is_nobodys(v) || !strcmp(v->noun, "job"))
		return 0;
	for (unsigned r = 0; r < ROLE_COUNT; r++) {
		OWN(json) json_t *reply = ask_as(t->w, v, args_for(v, &t->w->here), t->w->token[r]);
		int wanted = verb_allowed(v, (enum role)r) ? 200 : 403;
		if (status_of(reply) != wanted)
			fail_msg("%s %s as %s: %d", v->noun, v->name, role_name((enum role)r), status_of(reply));
		t->n++;
	}
	return 0;
}

static void what_lies_in_the_own_commune_is_found(void **state)
{
	struct trial t = { .w = *state };
	registry_each(&caunoi_registry, is_found_here, &t);
	assert_true(t.n > 40);
}

/* ---- lists ---- */

/* Names of the other commune in what a list says, at any depth. */
static const char *foreign(const struct world *w, const char *noun, const json_t *rows)
{
	size_t i;
	const json_t *row, *id;
	const char *mine = thing_of(&w->there, noun);
	static const char *const keys[] = { "id", "name", "user" };
	json_array_foreach(rows, i, row)
		for (size_t k = 0; k < COUNT_OF(keys); k++) {
			char text[24] = "";
			id = json_object_get(row, keys[k]);
			if (json_is_integer(id))
				snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(id));
			if (!strcmp(json_is_string(id) ? json_string_value(id) : text, mine))
				return mine;
		}
	OWN(mem) char *all = json_dumps(rows, 0);
	return strstr(all, THERE) || strstr(all, NUMBER_THERE) ? all[0] ? "the unit or the number" : NULL : NULL;
}

static int lists_no_stranger(void *arg, const struct verb *v)
{
	struct trial *t = arg;
	static const char *const shared[] = { "audit", "channel", "report", "webhook", "unit", "fact", "topic", "dialogue", "setting", "template", "keyword" };
	if (v->kind != VERB_QUERY || !v->list || first_arg(v)) /* of one thing: asked above, by the stranger's name */
		return 0;
	for (size_t i = 0; i < COUNT_OF(shared); i++)
		if (!strcmp(v->noun, shared[i]))
			return 0;
	for (unsigned r = 0; r < ROLE_COUNT; r++) {
		if (!verb_allowed(v, (enum role)r))
			continue;
		OWN(json) json_t *reply = ask_as(t->w, v, json_object(), t->w->token[r]);
		assert_int_equal(status_of(reply), 200);
		const json_t *rows = json_object_get(reply, "rows");
		const char *seen = foreign(t->w, v->noun, rows);
		if (seen) {
			OWN(mem) char *all = json_dumps(rows, 0);
			fail_msg("%s %s as %s shows %s: %.600s", v->noun, v->name, role_name((enum role)r), seen, all);
		}
		t->n++;
	}
	return 0;
}

static void lists_show_nothing_of_another_commune(void **state)
{
	struct trial t = { .w = *state };
	registry_each(&caunoi_registry, lists_no_stranger, &t);
	print_message("%d lists\n", t.n);
	assert_true(t.n > 30);
}

/* ---- asking for another unit by name ---- */

static int is_refused_or_empty(void *arg, const struct verb *v)
{
	struct trial *t = arg;
	static const char *const free_to_name[] = { "case.refer", "unit.", "user." }; /* giving away, reading the list of units, see governed accounts */
	char name[80];
	bool asks = false;
	snprintf(name, sizeof(name), "%s.%s", v->noun, v->name);
	for (size_t i = 0; i < v->n_args; i++)
		asks = asks || (!strcmp(v->args[i].name, "unit") && !v->args[i].rank);
	for (size_t i = 0; i < COUNT_OF(free_to_name); i++)
		asks = asks && strncmp(name, free_to_name[i], strlen(free_to_name[i])) != 0;
	for (unsigned r = 0; asks && v->kind != VERB_LOCAL && r < ROLE_COUNT; r++) {
		if (!verb_allowed(v, (enum role)r))
			continue;
		json_t *args = args_for(v, &t->w->here);
		json_object_set_new(args, "unit", json_string(THERE));
		OWN(json) json_t *reply = ask_as(t->w, v, args, t->w->token[r]);
		if (status_of(reply) == 200 && (v->kind != VERB_QUERY || json_array_size(json_object_get(reply, "rows")))) {
			OWN(mem) char *text = json_dumps(reply, 0);
			fail_msg("%s as %s: %.600s", name, role_name((enum role)r), text);
		}
		t->n++;
	}
	return 0;
}

static void naming_another_unit_shows_nothing_of_it(void **state)
{
	struct trial t = { .w = *state };
	registry_each(&caunoi_registry, is_refused_or_empty, &t);
	assert_true(t.n > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_in_another_commune_is_not_found),
		cmocka_unit_test(what_lies_in_the_own_commune_is_found),
		cmocka_unit_test(lists_show_nothing_of_another_commune),
		cmocka_unit_test(naming_another_unit_shows_nothing_of_it),
		cmocka_unit_test(a_stop_of_another_commune_is_taken_and_tells_nothing),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
