/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fixture of everything that runs in a tick. Called by unit tests; holds nothing between two of them. */
#include "tests/support/fixture.h"

#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/query/secretary.h"
#include "gateway/address.h"
#include "gateway/base/json.h"
#include "gateway/init.h"
#include "gateway/registry.h"

#define CHECK(condition) check(condition, #condition, __LINE__)

static void check(bool good, const char *what, int line)
{
	if (good)
		return;
	fprintf(stderr, "fixture:%d: %s\n", line, what);
	abort();
}

static int no_start(void *loop, struct peer *p, const char *program, char *const argv[], pid_t *ret_pid)
{
	(void)loop;
	(void)p;
	(void)program;
	(void)argv;
	(void)ret_pid;
	return E_UNAVAILABLE;
}

static void no_kill(void *loop, pid_t pid, int sig)
{
	(void)loop;
	(void)pid;
	(void)sig;
}

const struct core_ops fixture_ops = { .start = no_start, .kill = no_kill };

static void write_config(struct fixture *f, const char *extra)
{
	FILE *out = fopen(f->file, "w");
	CHECK(out != NULL);
	fprintf(out, "data_dir = \"%s\";\ncontrol = \"%s/core.sock\";\ntimezone = \"Asia/Ho_Chi_Minh\";\ncountry = \"VN\";\nstore = \"%s\";\n", f->data_dir, f->dir,
		f->engine.uri);
	fputs("organisation = { name = \"MTTQ\"; unit = \"02269\"; reply_number = \"+84912345678\"; };\n", out);
	fputs(extra ? extra : "channels = ( { name = \"may-ao\"; driver = \"loopback\"; rate_per_second = 1000; } );\n", out);
	CHECK(fclose(out) == 0);
}

static void link_data(struct fixture *f)
{
	static const char *const names[] = { "numbers", "keywords", "topics", "units", "holidays", "menus", "contexts", "providers", "signups" };
	char here[PATH_MAX], from[PATH_MAX + 32], to[128];
	CHECK(getcwd(here, sizeof(here)) != NULL);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(from, sizeof(from), "%s/config/%s", here, names[i]);
		snprintf(to, sizeof(to), "%s/%s", f->dir, names[i]);
		CHECK(symlink(from, to) == 0);
	}
}

static void init_folder(struct fixture *f)
{
	struct local l = { .config = f->config, .clock = &f->clock, .random = &f->random };
	struct complaint c = { 0 };
	OWN(json) json_t *made = NULL;
	int r = init_run(&l, NULL, &made, &c);
	if (r)
		fprintf(stderr, "init: %s %s\n", c.file, c.text);
	CHECK(r == 0);
	snprintf(f->login, sizeof(f->login), "%s", json_str(made, "login", ""));
}

struct fixture *fixture_new(const char *extra)
{
	struct fixture *f = calloc(1, sizeof(*f));
	CHECK(f != NULL);
	/* in memory where there is such a folder: init waits for the disk many times */
	snprintf(f->dir, sizeof(f->dir), "%s/caunoi-tick-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	CHECK(mkdtemp(f->dir) != NULL);
	snprintf(f->data_dir, sizeof(f->data_dir), "%s/data", f->dir);
	snprintf(f->file, sizeof(f->file), "%s/caunoi.conf", f->dir);
	f->clock = clock_simulated(FIXTURE_NOW_MS);
	f->random = random_seeded(7);
	engine_init(&f->engine);
	write_config(f, extra);
	link_data(f);
	struct complaint c = { 0 };
	int r = config_load(f->file, true, &f->config, &c);
	if (r)
		fprintf(stderr, "%s:%d %s\n", c.file, c.line, c.text);
	CHECK(r == 0);
	init_folder(f);
	f->wiring = (struct wiring){ .registry = &caunoi_registry };
	fixture_open_core(f);
	return f;
}

void fixture_open_core(struct fixture *f)
{
	char key[128];
	struct complaint c = { 0 };
	snprintf(key, sizeof(key), "%s/identity.key", f->data_dir);
	CHECK(seal_open(key, &f->seal) == 0);
	CHECK(zone_load(f->config->timezone, &f->zone) == 0);
	int r = store_open(f->config->store, f->data_dir, STORE_READ_WRITE, &f->db, &c);
	if (r)
		fprintf(stderr, "%s %s\n", c.file, c.text);
	CHECK(r == 0);
	if (!engine_is_postgresql())
		CHECK(store_script(f->db, "PRAGMA synchronous=OFF") == 0); /* no test here cuts the power */
	if (f->opened)
		f->opened(f);
	CHECK(core_new(&fixture_ops, f, f->config, f->db, f->seal, &f->clock, &f->random, &f->wiring, &f->core) == 0);
	f->core->zone = f->zone;
	CHECK(core_recover(f->core) == 0);
	f->core->behind = false; /* nothing waits: with a server behind it the first tick would only look */
}

void fixture_close_core(struct fixture *f)
{
	core_free(f->core);
	store_close(f->db);
	seal_free(f->seal);
	zone_free(f->zone);
	f->core = NULL;
	f->db = NULL;
	f->seal = NULL;
	f->zone = NULL;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void fixture_free(struct fixture *f)
{
	if (f->core)
		fixture_close_core(f);
	config_free(f->config);
	engine_done(&f->engine);
	nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(f);
}

struct tick *fixture_begin(struct fixture *f)
{
	core_tick_begin(f->core, &f->tick);
	CHECK(store_begin(f->db) == 0);
	return &f->tick;
}

void fixture_commit(struct fixture *f)
{
	CHECK(core_tick_commit(f->core, &f->tick) == 0);
}

void fixture_undo(struct fixture *f)
{
	core_tick_undo(f->core, &f->tick);
}

struct scope fixture_scope(struct fixture *f)
{
	return (struct scope){ .db = f->db, .config = f->config, .seal = f->seal, .random = &f->random, .zone = f->zone,
			       .now_ms = clock_now_ms(&f->clock) };
}

static const struct verb *find(struct fixture *f, const char *dotted)
{
	const struct verb *v = registry_find_dotted(f->wiring.registry, dotted);
	CHECK(v != NULL);
	return v;
}

static int checked(struct fixture *f, const struct verb *v, const char *text, json_t **ret, struct refusal *why)
{
	OWN(json) json_t *args = NULL;
	CHECK(json_parse(text, strlen(text), &args) == 0);
	return verb_check(v, args, &f->config->plan, ret, why);
}

int fixture_command(struct fixture *f, const char *verb, const char *args, json_t **ret, struct refusal *why)
{
	struct refusal unused = { 0 };
	struct refusal *w = why ? why : &unused;
	const struct verb *v = find(f, verb);
	OWN(json) json_t *a = NULL;
	*ret = NULL;
	int r = checked(f, v, args, &a, w);
	if (!r) {
		struct call c = { .verb = v, .args = a, .actor = "uid:0", .role = ROLE_OPERATOR, .unit = "", .dotted = verb };
		struct tick *t = fixture_begin(f);
		r = v->command(t, &c, ret, w);
		if (r && r != E_AGAIN)
			fixture_undo(f);
		else
			fixture_commit(f);
	}
	refusal_done(&unused);
	return r;
}

/* What the core asked of the query process, answered. */
static json_t *hash_answer(struct peer *p)
{
	OWN(json) json_t *frame = NULL;
	const char *line = buffer_text(&p->out);
	CHECK(json_parse(line, strcspn(line, "\n"), &frame) == 0);
	buffer_take(&p->out, buffer_left(&p->out));
	const char *password = json_str(frame, "password", "");
	json_t *result = strcmp(json_str(frame, "op", ""), "hash") == 0 ? secretary_hash(password)
									: secretary_verify(password, json_str(frame, "hash", ""));
	return json_pack("{s:s,s:o}", "op", "answer", "result", result);
}

static int continue_pending(struct fixture *f, const char *verb, const json_t *answer, json_t **ret, struct refusal *why)
{
	struct pending *w = &f->core->pending[f->core->n_pending - 1];
	struct call c = { .verb = w->verb, .args = w->args, .actor = w->actor, .role = w->role, .unit = w->unit, .dotted = verb };
	int r = w->on_answer(fixture_begin(f), &c, answer, ret, why);
	if (r)
		fixture_undo(f);
	else
		fixture_commit(f);
	json_decref(w->args);
	f->core->n_pending--;
	return r;
}

int fixture_hashed(struct fixture *f, const char *verb, const char *args, json_t **ret, struct refusal *why)
{
	struct refusal unused = { 0 };
	struct peer *p = core_peer_add(f->core, PEER_QUERY);
	CHECK(p != NULL);
	int r = fixture_command(f, verb, args, ret, why);
	if (r == E_AGAIN) {
		OWN(json) json_t *answer = hash_answer(p);
		r = continue_pending(f, verb, answer, ret, why ? why : &unused);
	}
	p->doomed = true;
	refusal_done(&unused);
	return r;
}

int fixture_query(struct fixture *f, const char *verb, const char *args, json_t **ret, int64_t *ret_next)
{
	struct refusal why = { 0 };
	const struct verb *v = find(f, verb);
	OWN(json) json_t *a = NULL;
	int64_t next = 0;
	*ret = NULL;
	int r = checked(f, v, args, &a, &why);
	struct scope in = fixture_scope(f);
	struct call c = { .verb = v, .args = a, .actor = "uid:0", .role = ROLE_OPERATOR, .unit = "", .dotted = verb };
	if (!r)
		r = v->query(&in, &c, ret, &next, &why);
	if (ret_next)
		*ret_next = next;
	refusal_done(&why);
	return r;
}

int64_t fixture_address(struct fixture *f, const char *number)
{
	struct phone phone;
	int64_t id = 0;
	CHECK(phone_parse(&f->config->plan, number, &phone, NULL) == 0);
	CHECK(address_put(fixture_begin(f), &phone, &id) == 0);
	fixture_commit(f);
	return id;
}
