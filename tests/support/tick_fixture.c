/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. Used by the tests of modules that need rows, ticks and jobs but no drivers. */
#include "tests/support/tick_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaigns/course.h"
#include "campaigns/dnc_import.h"
#include "campaigns/headcount.h"
#include "campaigns/import.h"
#include "campaigns/unit_import.h"
#include "campaigns/preview.h"
#include "gateway/base/json.h"
#include "gateway/init.h"
#include "gateway/job.h"
#include "gateway/local.h"
#include "gateway/registry.h"
#include "tests/support/fixture.h"

#define START_MS INT64_C(1795000000000) /* 2026-11-18, in the morning in Vietnam */

static const char base_config[] = "data_dir = \"%s/data\";\ncontrol = \"%s/core.sock\";\nstore = \"%s\";\n"
				  "organisation = { name = \"Thử\"; unit = \"02269\"; reply_number = \"\"; };\n"
				  "channels = ( { name = \"may-ao\"; driver = \"loopback\"; rate_per_second = 100; } );\n%s\n";

static void start(struct tick_fixture *f)
{
	struct complaint c = { 0 };
	char key[128];
	snprintf(key, sizeof(key), "%s/data/identity.key", f->folder);
	assert_int_equal(seal_open(key, &f->seal), 0);
	assert_int_equal(store_open(f->config->store, f->config->data_dir, STORE_READ_WRITE, &f->db, &c), 0);
	assert_int_equal(core_new(&fixture_ops, NULL, f->config, f->db, f->seal, &f->clock, &f->random, &f->wiring, &f->core), 0);
	f->core->zone = f->zone;
	assert_int_equal(core_recover(f->core), 0);
}

static void stop(struct tick_fixture *f)
{
	core_free(f->core);
	store_close(f->db);
	seal_free(f->seal);
}

/* The shipped data files stand beside the configuration. Tests run in the root of the source tree. */
static void link_data(const struct tick_fixture *f, const char *name)
{
	char from[128], to[128];
	snprintf(from, sizeof(from), "config/%s", name);
	snprintf(to, sizeof(to), "%s/%s", f->folder, name);
	OWN(mem) char *real = realpath(from, NULL);
	assert_non_null(real);
	assert_int_equal(symlink(real, to), 0);
}

struct tick_fixture *tick_fixture_new(const char *more)
{
	struct tick_fixture *f = calloc(1, sizeof(*f));
	struct complaint c = { 0 };
	char file[128];
	assert_non_null(f);
	snprintf(f->folder, sizeof(f->folder), "/tmp/caunoi-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(file, sizeof(file), "%s/caunoi.conf", f->folder);
	engine_init(&f->engine);
	FILE *out = fopen(file, "w");
	assert_non_null(out);
	fprintf(out, base_config, f->folder, f->folder, f->engine.uri, more ? more : "");
	assert_int_equal(fclose(out), 0);
	link_data(f, "numbers");
	f->clock = clock_simulated(START_MS);
	f->random = random_seeded(7);
	if (config_load(file, true, &f->config, &c))
		fail_msg("%s:%d: %s", c.file, c.line, c.text);
	assert_int_equal(zone_load("Asia/Ho_Chi_Minh", &f->zone), 0);
	struct local l = { .config = f->config, .clock = &f->clock, .random = &f->random };
	OWN(json) json_t *args = json_object(), *answer = NULL;
	if (init_run(&l, args, &answer, &c))
		fail_msg("%s: %s", c.file, c.text);
	f->jobs[0] = import_job;
	f->jobs[1] = preview_job;
	f->jobs[2] = dnc_import_job;
	f->jobs[3] = unit_import_job;
	f->jobs[4] = headcount_job;
	f->jobs[5] = headcount_units_job;
	f->duties[0] = (struct duty){ .name = "job", .run = job_duty, .ahead = job_ahead };
	f->duties[1] = course_duty;
	f->wiring = (struct wiring){ .registry = &caunoi_registry, .duties = f->duties, .n_duties = 2, .jobs = f->jobs, .n_jobs = 6 };
	start(f);
	return f;
}

static void remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	for (struct dirent *e; dir && (e = readdir(dir));) {
		char name[512];
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (unlink(name))
			remove_folder(name);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

void tick_fixture_free(struct tick_fixture *f)
{
	stop(f);
	refusal_done(&f->why);
	zone_free(f->zone);
	config_free(f->config);
	engine_done(&f->engine);
	remove_folder(f->folder);
	free(f);
}

int tick_fixture_set_up(void **state)
{
	*state = tick_fixture_new(NULL);
	return 0;
}

int tick_fixture_tear_down(void **state)
{
	tick_fixture_free(*state);
	return 0;
}

void tick_fixture_restart(struct tick_fixture *f)
{
	stop(f);
	start(f);
}

/* As the core does: a command that fails leaves nothing. */
static int run_command(struct tick_fixture *f, const struct call *c, json_t **ret)
{
	struct tick t;
	core_tick_begin(f->core, &t);
	assert_int_equal(store_begin(f->db), 0);
	int r = c->verb->command(&t, c, ret, &f->why);
	if (r) {
		core_tick_undo(f->core, &t);
		return r;
	}
	assert_int_equal(core_tick_commit(f->core, &t), 0);
	return 0;
}

static int run_query(struct tick_fixture *f, const struct call *c, json_t **ret)
{
	int64_t next = 0;
	struct scope in = { .db = f->db, .config = f->config, .seal = f->seal, .random = &f->random, .zone = f->zone,
			    .now_ms = clock_now_ms(&f->clock) };
	return c->verb->query(&in, c, ret, &next, &f->why);
}

int tick_fixture_call(struct tick_fixture *f, const char *actor, enum role role, const char *dotted, json_t *args, json_t **ret)
{
	OWN(json) json_t *given = args, *checked = NULL, *answer = NULL;
	refusal_done(&f->why);
	const struct verb *v = registry_find_dotted(&caunoi_registry, dotted);
	assert_non_null(v);
	assert_non_null(given);
	int r = verb_check(v, given, &f->config->plan, &checked, &f->why);
	if (r)
		return r;
	struct call c = { .verb = v, .dotted = dotted, .args = checked, .actor = actor, .role = role, .unit = "" };
	r = v->command ? run_command(f, &c, &answer) : run_query(f, &c, &answer);
	if (!r && v->kind == VERB_DISCLOSURE) {
		assert_non_null(json_object_get(answer, "ticket"));
		json_decref(answer);
		answer = NULL;
		r = run_query(f, &c, &answer);
	}
	if (!r)
		assert_non_null(answer);
	if (!r && ret)
		*ret = MOVE(answer);
	return r;
}

int tick_fixture_ask(struct tick_fixture *f, const char *dotted, json_t *args, json_t **ret)
{
	return tick_fixture_call(f, "uid:0", ROLE_OPERATOR, dotted, args, ret);
}

void tick_fixture_run(struct tick_fixture *f, int n, int64_t after_ms)
{
	for (int i = 0; i < n; i++) {
		clock_advance(&f->clock, after_ms);
		assert_int_equal(core_tick(f->core), 0);
	}
}

int64_t tick_fixture_upload(struct tick_fixture *f, const char *actor, const void *bytes, size_t n_bytes, size_t n_chunk)
{
	assert_int_equal(store_begin(f->db), 0);
	struct statement *st = store_prepare_text(f->db, "INSERT INTO upload (actor, created_at, n_bytes) VALUES ($a, $now, $n)");
	bind_text(st, "$a", actor);
	bind_int(st, "$now", clock_now_ms(&f->clock));
	bind_int(st, "$n", (int64_t)n_bytes);
	assert_int_equal(store_run(st), 0);
	store_drop(st);
	int64_t id = store_last_id(f->db), n = 0;
	st = store_prepare_text(f->db, "INSERT INTO upload_chunk (upload, n, data) VALUES ($u, $n, $d)");
	for (size_t at = 0; at < n_bytes; at += n_chunk, n++) {
		bind_int(st, "$u", id);
		bind_int(st, "$n", n);
		bind_blob(st, "$d", (const char *)bytes + at, n_bytes - at < n_chunk ? n_bytes - at : n_chunk);
		assert_int_equal(store_run(st), 0);
	}
	store_drop(st);
	assert_int_equal(store_commit(f->db), 0);
	return id;
}

json_t *tick_fixture_job(struct tick_fixture *f, int64_t job)
{
	struct scope in = { .db = f->db, .zone = f->zone };
	for (int i = 0; i < 100000; i++) {
		json_t *shape = NULL;
		assert_int_equal(job_json(&in, job, &shape), 0);
		if (strcmp(json_str(shape, "state", ""), "running"))
			return shape;
		json_decref(shape);
		tick_fixture_run(f, 1, 5);
	}
	fail_msg("job %lld does not end", (long long)job);
	return NULL;
}

void tick_fixture_import(struct tick_fixture *f, const char *group, const char *csv)
{
	OWN(json) json_t *answer = NULL;
	int64_t file = tick_fixture_upload(f, "uid:0", csv, strlen(csv), 100000);
	assert_int_equal(tick_fixture_ask(f, "contact.import",
					  json_pack("{s:I, s:s, s:s}", "file", (json_int_t)file, "group", group, "basis", "b"), &answer),
			 0);
	OWN(json) json_t *job = tick_fixture_job(f, json_int(answer, "job", 0));
	assert_string_equal(json_str(job, "state", ""), "done");
}

int64_t tick_fixture_scalar(struct tick_fixture *f, const char *sql)
{
	return store_scalar(f->db, sql, -1);
}
