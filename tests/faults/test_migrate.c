/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An installation moved onto a PostgreSQL server and back, by the real programs: it goes on where it was, whatever killed the move, and
 * at no moment is there more than one database on which a core would start. Needs $CAUNOI_TEST_STORE (tests/engine.sh); the full disk
 * also root and the server's administrator. CAUNOI_KILLS says how often the move is killed (20, half as often on the way back). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/random.h"
#include "gateway/store/store.h"
#include "tests/support/engine.h"
#include "tests/support/load.h"

#define KILLS 20
#define ROWS "5000"
#define SETTLE_MS 60000

struct moving {
	struct gateway *g;
	struct engine there;
	char file_config[GATEWAY_PATH_MAX], server_config[GATEWAY_PATH_MAX];
	json_t *answer; /* of the last run */
};

/* ---- two configurations of one gateway ---- */

static void write_server_config(struct moving *m, const char *uri)
{
	char line[1024];
	OWN(file) FILE *in = fopen(m->file_config, "r");
	OWN(file) FILE *out = fopen(m->server_config, "w");
	assert_true(in && out);
	while (fgets(line, sizeof(line), in))
		assert_true(!strncmp(line, "store =", 7) || fputs(line, out) >= 0);
	assert_true(fprintf(out, "store = \"%s\";\n", uri) > 0);
}

static struct moving *moving_new(const struct gateway_options *o)
{
	struct moving *m = calloc(1, sizeof(*m));
	m->g = gateway_new(o);
	snprintf(m->file_config, sizeof(m->file_config), "%s", m->g->config);
	snprintf(m->server_config, sizeof(m->server_config), "%.100s/server.conf", m->g->dir);
	engine_init(&m->there);
	write_server_config(m, m->there.uri);
	return m;
}

static void moving_free(struct moving *m)
{
	gateway_free(m->g);
	engine_done(&m->there);
	json_decref(m->answer);
	free(m);
}

static void use(struct moving *m, const char *config)
{
	snprintf(m->g->config, sizeof(m->g->config), "%s", config);
}

/* ---- the verb ---- */

static pid_t start(struct moving *m, const char *to, int out)
{
	char program[600], text[1024];
	OWN(fd) int in = memfd_create("in", MFD_CLOEXEC);
	int n = snprintf(text, sizeof(text), "{\"to\":\"%s\"}", to);
	assert_true(pwrite(in, text, (size_t)n, 0) == n);
	snprintf(program, sizeof(program), "%s/caunoid", m->g->build);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(in, 0);
	dup2(out, 1);
	dup2(m->g->log_fd, 2);
	execl(program, "caunoid", "--config", m->g->config, "--local", "db.migrate", (char *)NULL);
	_exit(127);
}

static int run_once(struct moving *m, const char *to)
{
	OWN(fd) int out = memfd_create("out", MFD_CLOEXEC);
	char text[65536];
	int status;
	pid_t pid = start(m, to, out);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ssize_t n = pread(out, text, sizeof(text), 0);
	json_decref(m->answer);
	m->answer = NULL;
	assert_int_equal(json_parse(text, n > 0 ? (size_t)n : 0, &m->answer), 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static const char *rule(const struct moving *m)
{
	return json_str(json_object_get(m->answer, "error"), "rule", "");
}

/* The session of one that was killed may live a moment longer on the server. */
static int run(struct moving *m, const char *to)
{
	int code;
	for (int64_t until = gateway_mono_ms() + 10000;
	     (code = run_once(m, to)) == 4 && !strcmp(rule(m), "in_use") && gateway_mono_ms() < until;)
		gateway_pause_ms(50);
	return code;
}

static void must_run(struct moving *m, const char *to)
{
	int code = run(m, to);
	if (code) {
		OWN(mem) char *text = json_text(m->answer);
		fail_msg("exit %d: %s", code, text);
	}
	const json_t *lines = json_object_get(json_object_get(m->answer, "result"), "tables");
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);
		if (json_int(line, "rows", -1) != json_int(line, "copied", -2) ||
		    strcmp(json_str(line, "checksum", "a"), json_str(line, "checksum_copied", "b")))
			fail_msg("%s: not the same, and no complaint", json_str(line, "table", ""));
	}
}

static int64_t rows_of(const struct moving *m, const char *table)
{
	const json_t *lines = json_object_get(json_object_get(m->answer, "result"), "tables");
	for (size_t i = 0; i < json_array_size(lines); i++)
		if (!strcmp(json_str(json_array_get(lines, i), "table", ""), table))
			return json_int(json_array_get(lines, i), "copied", -1);
	return -1;
}

/* ---- looking from outside ---- */

static void hash_file(const char *path, uint8_t ret[32])
{
	OWN(buffer) struct buffer all = { 0 };
	OWN(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char some[65536];
	ssize_t n;
	while (fd >= 0 && (n = read(fd, some, sizeof(some))) > 0)
		assert_int_equal(buffer_put(&all, some, (size_t)n), 0);
	crypto_generichash(ret, 32, (const uint8_t *)buffer_text(&all), buffer_left(&all), NULL, 0);
}

static void path_of(const struct moving *m, const char *name, char ret[200])
{
	snprintf(ret, 200, "%s/%s", m->g->data, name);
}

static bool is_there(const struct moving *m, const char *name)
{
	char path[200];
	path_of(m, name, path);
	return access(path, F_OK) == 0;
}

/* May a core work on the database of the server? Else rule says why not. */
static struct store *open_server(const char *uri, char ret_rule[48])
{
	struct store *db = NULL;
	struct complaint c = { 0 };
	bool good = store_open(uri, "", STORE_READ_ONLY, &db, &c) == 0;
	snprintf(ret_rule, 48, "%s", c.rule);
	return good ? db : NULL;
}

/* A core on the file: refused, with these words. */
static void core_is_refused(struct moving *m, const char *config, int code, const char *words)
{
	OWN(mem) char *text = NULL;
	use(m, config);
	assert_int_equal(gateway_run(m->g, 5000, &text, NULL), code);
	if (!strstr(text, words))
		fail_msg("said: %s", text);
}

/* Forgets what arrived, so that it may be moved there again. */
static void start_over(struct moving *m)
{
	char path[200];
	engine_done(&m->there);
	engine_init(&m->there);
	write_server_config(m, m->there.uri);
	path_of(m, "migrated-to", path);
	unlink(path);
}

/* ---- it goes on where it was ---- */

static void talk(struct load *l)
{
	static const char *const channels[] = { "api", "once", "may-ao" };
	for (int i = 0; i < 30; i++) {
		load_send(l, channels[i % 3]);
		if (i % 5 == 0)
			load_say(l);
	}
	load_say_stop(l);
	load_opt_out(l);
	load_send_again(l);
}

static int64_t waiting(struct gateway *g)
{
	static const char *const states[] = { "held", "queued", "sending", "retry" };
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(states); i++) {
		OWN(json) json_t *rows = gateway_rows(g, "message.list", json_pack("{s:s}", "state", states[i]));
		n += json_array_size(rows);
	}
	return (int64_t)n;
}

/* Everything that waited when the file was left goes out from the server. */
static void settle_on_server(struct gateway *g)
{
	for (int64_t until = gateway_mono_ms() + SETTLE_MS; waiting(g); gateway_pause_ms(100))
		if (gateway_mono_ms() > until)
			fail_msg("%lld messages still wait", (long long)waiting(g));
	OWN(json) json_t *chain = gateway_row(g, "audit.verify", NULL);
	assert_true(json_flag(chain, "ok", false));
}

/* The next id comes after those of the file; answers to what was said before the move may have taken some between. */
static void ids_go_on(struct gateway *g, int64_t last)
{
	enum { ANSWERS_OWED = 100 };
	OWN(json)
	json_t *sent = gateway_do(
		g, "message.send",
		json_pack("{s:s,s:s,s:s,s:s}", "to", "0912345678", "text", "Giay hen cua ba con", "class", "service", "channel", "may-ao"));
	assert_in_range(json_int(sent, "id", 0), last + 1, last + ANSWERS_OWED);
}

static void moved_gateway_goes_on_where_it_was(void **state)
{
	(void)state;
	if (!engine_is_postgresql())
		skip();
	struct moving *m = moving_new(&(struct gateway_options){ .channels = load_channels_no_modem, .on_file = true });
	struct load *l = load_new(m->g);
	gateway_start(m->g);
	assert_true(load_campaign(l, "api", 40));
	talk(l);
	assert_true(load_take(l, 5000));
	assert_true(load_campaign(l, "once", 60));
	talk(l);
	load_take(l, 20); /* some answers only: the rest is open */
	gateway_kill(m->g);
	load_forget(l);
	gateway_db_close(m->g);
	load_check(l, 1, "on the file");
	int64_t last = invariants_scalar(l->laws, "SELECT seq FROM sqlite_sequence WHERE name = 'message'");
	assert_true(invariants_scalar(l->laws, "SELECT count(*) FROM v_msg WHERE state IN ('held', 'queued', 'sending', 'retry')") > 0);
	invariants_let_go(l->laws);
	assert_true(gateway_children_gone(m->g, 5000));
	must_run(m, m->there.uri);
	core_is_refused(m, m->file_config, 4, "migrated-to");

	use(m, m->server_config);
	gateway_start(m->g);
	ids_go_on(m->g, last);
	assert_true(load_campaign(l, "api", 30));
	talk(l);
	assert_true(load_take(l, 5000));
	settle_on_server(m->g);
	talk(l);
	load_take(l, 20);
	gateway_kill(m->g);
	load_forget(l);
	assert_true(gateway_children_gone(m->g, 5000));
	must_run(m, "sqlite");
	core_is_refused(m, m->server_config, 4, "moved from this database");

	use(m, m->file_config);
	invariants_open_again(l->laws);
	gateway_start(m->g); /* decides what was open at either kill */
	load_check(l, 2, "back on the file");
	load_finish(l, SETTLE_MS);
	load_free(l);
	moving_free(m);
}

/* ---- backups ---- */

static int file_verb(struct moving *m, const char *verb, const char *file)
{
	const char *const arguments[] = { verb, file, "--config", m->g->config, NULL };
	return gateway_program(m->g, "caunoi", arguments, NULL, NULL);
}

/* The number that somebody stopped after the backup was made. */
#define STOPPED "+84901112223"

static void check_restored(struct gateway *g, int64_t last)
{
	OWN(json) json_t *stop = gateway_row(g, "consent.show", json_pack("{s:s}", "number", STOPPED));
	OWN(json) json_t *chain = gateway_row(g, "audit.verify", NULL);
	OWN(json)
	json_t *sent = gateway_do(g, "message.send",
				  json_pack("{s:s,s:s,s:s}", "to", "0912345678", "text", "Giay hen cua ba con", "class", "service"));
	const json_t *scopes = json_object_get(stop, "scopes");
	assert_true(json_array_size(scopes) == 1);
	assert_string_equal(json_str(json_array_get(scopes, 0), "state", ""), "opted_out");
	assert_true(json_flag(chain, "ok", false));
	assert_true(json_int(sent, "id", 0) > last + 1000); /* numbers that may have been used since are not used again */
}

static void backup_of_a_server_is_put_onto_an_empty_one_or_into_a_file(void **state)
{
	(void)state;
	if (!engine_is_postgresql())
		skip();
	struct moving *m = moving_new(&(struct gateway_options){ .on_file = true });
	char backup[200];
	snprintf(backup, sizeof(backup), "%s/backup.db", m->g->dir);
	must_run(m, m->there.uri);
	use(m, m->server_config);
	gateway_start(m->g);
	int64_t last =
		gateway_do_id(m->g, "message.send", json_pack("{s:s,s:s,s:s}", "to", "0912345679", "text", "Giay hen", "class", "service"));
	assert_int_equal(file_verb(m, "backup", backup), 0); /* while it runs */
	json_decref(gateway_do(m->g, "consent.opt-out", json_pack("{s:s}", "number", STOPPED)));
	assert_int_equal(file_verb(m, "restore", backup), 4);
	gateway_stop(m->g);
	assert_int_equal(file_verb(m, "restore", backup), 4); /* not empty */
	start_over(m);
	assert_int_equal(file_verb(m, "restore", backup), 0);
	assert_int_equal(file_verb(m, "backup", backup), 0); /* and without a core */
	gateway_start(m->g);
	check_restored(m->g, last);
	gateway_stop(m->g);
	use(m, m->file_config);
	assert_int_equal(file_verb(m, "restore", backup), 0);
	gateway_start(m->g);
	check_restored(m->g, last + 1000000);
	gateway_stop(m->g);
	moving_free(m);
}

/* ---- killed ---- */

static void put_rows(const struct moving *m)
{
	static const char rows[] =
		"INSERT INTO address (hash, hash_key, sealed, seal_key, kind, network, created_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION "
		"ALL SELECT i + 1 FROM n WHERE i < " ROWS
		") SELECT randomblob(32), 1, randomblob(40), 1, 'mobile', 'viettel', 9007199254740991 - i FROM n;"
		"INSERT INTO person (address, name, fold, basis, imported_at) SELECT id, 'Nguyễn Văn ' || id, 'nguyen van ' || id, 'danh "
		"sách', id FROM address;"
		"INSERT INTO message (key, flow, person, address, class, state, state_since, text, due_at, expires_at, queued_at) "
		"SELECT 'k' || id, 1, id, id, 'service', 'delivered', id, 'Thông báo số ' || id, 0, 0, id FROM address;"
		"INSERT INTO attempt (seq, message, part, n, channel, kind, idempotent, epoch, outcome, not_before) "
		"SELECT id, id, 1, 1, 'api', 'http', 1, 1, 'accepted', 0 FROM message";
	struct store *db = NULL;
	struct complaint c = { 0 };
	assert_int_equal(store_open("sqlite", m->g->data, STORE_READ_WRITE, &db, &c), 0);
	assert_int_equal(store_script(db, "BEGIN"), 0);
	assert_int_equal(store_script(db, rows), 0);
	assert_int_equal(store_script(db, "COMMIT"), 0);
	store_close(db);
}

static int64_t took_ms(struct moving *m, const char *to)
{
	int64_t from = gateway_mono_ms();
	must_run(m, to);
	return gateway_mono_ms() - from;
}

/* True when it was killed, false when it had ended before. */
static bool run_and_kill(struct moving *m, const char *to, int64_t after_ms)
{
	OWN(fd) int out = memfd_create("out", MFD_CLOEXEC);
	int status;
	pid_t pid = start(m, to, out);
	gateway_pause_ms((long)after_ms);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status);
}

/* Never two; and one that may be used is whole. */
static void look_between(const struct moving *m)
{
	static const char count[] = "SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM attempt)";
	char why[48];
	struct store *db = open_server(m->there.uri, why);
	bool file = is_there(m, "caunoi.db") && !is_there(m, "migrated-to");
	assert_false(db && file);
	if (db)
		assert_true(store_scalar(db, count, 0) == 2 * strtoll(ROWS, NULL, 10));
	else if (strcmp(why, "unfinished") && strcmp(why, "missing") && strcmp(why, "moved"))
		fail_msg("the server's database is %s", why);
	store_close(db);
}

static int kills(void)
{
	const char *text = getenv("CAUNOI_KILLS");
	return text && *text ? (int)strtol(text, NULL, 10) : KILLS;
}

static void move_killed_anywhere_ends_whole(void **state)
{
	(void)state;
	if (!engine_is_postgresql())
		skip();
	struct moving *m = moving_new(&(struct gateway_options){ .on_file = true });
	struct random random = random_seeded(11);
	uint8_t before[32], after[32];
	int killed = 0;
	put_rows(m);
	int64_t whole_ms = took_ms(m, m->there.uri);
	start_over(m);
	hash_file(m->g->database, before);
	for (int i = 0; killed < kills() && i < 10 * KILLS; i++) {
		bool was = run_and_kill(m, m->there.uri, 1 + random_below(&random, (uint32_t)(whole_ms * (i % 3 == 0 ? 11 : 3) / 10)));
		killed += was;
		look_between(m);
		if (!was)
			start_over(m);
	}
	assert_true(killed >= kills());
	must_run(m, m->there.uri);
	assert_true(rows_of(m, "message") == strtoll(ROWS, NULL, 10) ||
		    json_is_false(json_object_get(json_object_get(m->answer, "result"), "changed")));
	hash_file(m->g->database, after);
	assert_memory_equal(before, after, 32);
	look_between(m);
	must_run(m, m->there.uri); /* once more changes nothing */
	assert_true(json_is_false(json_object_get(json_object_get(m->answer, "result"), "changed")));
	moving_free(m);
}

static void way_back_killed_anywhere_ends_whole(void **state)
{
	(void)state;
	if (!engine_is_postgresql())
		skip();
	struct moving *m = moving_new(&(struct gateway_options){ .on_file = true });
	struct random random = random_seeded(12);
	int killed = 0;
	put_rows(m);
	int64_t whole_ms = took_ms(m, m->there.uri);
	use(m, m->server_config);
	for (int i = 0; killed < kills() / 2 && i < 10 * KILLS; i++) {
		bool was = run_and_kill(m, "sqlite", 1 + random_below(&random, (uint32_t)(whole_ms * 11 / 10)));
		killed += was;
		look_between(m);
		if (is_there(m, "migrated-to"))
			continue;
		use(m, m->file_config); /* it had arrived: there again, and on */
		start_over(m);
		must_run(m, m->there.uri);
		use(m, m->server_config);
	}
	assert_true(killed >= kills() / 2);
	must_run(m, "sqlite");
	look_between(m);
	assert_false(is_there(m, "migrated-to"));
	struct store *db = NULL;
	struct complaint c = { 0 };
	char found[2048];
	assert_int_equal(store_open("sqlite", m->g->data, STORE_READ_ONLY, &db, &c), 0);
	assert_int_equal(store_check(db, true, found, sizeof(found)), 0);
	assert_true(store_scalar(db, "SELECT count(*) FROM attempt a JOIN message m ON m.id = a.message", 0) == strtoll(ROWS, NULL, 10));
	store_close(db);
	moving_free(m);
}

/* ---- refused ---- */

static void move_refuses_what_it_must_and_changes_nothing(void **state)
{
	(void)state;
	if (!engine_is_postgresql())
		skip();
	struct moving *m = moving_new(&(struct gateway_options){ .on_file = true });
	struct engine foreign, installed;
	struct complaint c = { 0 };
	struct store *db = NULL;
	engine_init(&foreign);
	engine_sql(&foreign, "CREATE TABLE payroll (who text)");
	engine_init(&installed);
	assert_int_equal(store_open(installed.uri, "", STORE_CREATE, &db, &c), 0);
	store_close(db);
	const struct {
		const char *label, *to;
		int code;
		const char *rule;
	} cases[] = {
		{ "unknown engine", "mysql://may1/caunoi", 2, "unknown_engine" },
		{ "its own engine", "sqlite", 4, "same_engine" },
		{ "malformed", "postgresql://may1:x:y@[/z", 2, "malformed" },
		{ "no server there", "postgresql://caunoi@/caunoi?host=/nonexistent", 5, "unreachable" },
		{ "no such database", "postgresql://caunoi@/gone?host=/nonexistent", 5, "unreachable" },
		{ "another program's", foreign.uri, 4, "not_empty" },
		{ "an installation", installed.uri, 4, "not_empty" },
	};
	uint8_t before[32], after[32];
	hash_file(m->g->database, before);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int code = run_once(m, cases[i].to);
		if (code != cases[i].code || strcmp(rule(m), cases[i].rule))
			fail_msg("%s: exit %d, %s", cases[i].label, code, rule(m));
		assert_false(is_there(m, "migrated-to"));
	}
	hash_file(m->g->database, after);
	assert_memory_equal(before, after, 32);
	engine_sql(&foreign, "DROP TABLE payroll"); /* nothing else was put beside it */
	assert_null(open_server(foreign.uri, c.rule));
	assert_string_equal(c.rule, "missing");
	gateway_start(m->g);
	assert_int_equal(run_once(m, m->there.uri), 4); /* the core runs */
	assert_string_equal(rule(m), "in_use");
	gateway_stop(m->g);
	gateway_db_close(m->g);
	assert_int_equal(truncate(m->g->database, 5000), 0);
	assert_int_equal(run_once(m, m->there.uri), 6);
	assert_null(open_server(m->there.uri, c.rule));
	assert_string_equal(c.rule, "missing"); /* the target was not touched */
	engine_done(&foreign);
	engine_done(&installed);
	moving_free(m);
}

/* ---- a full disk ---- */

struct disk {
	char dir[64], uri[512];
	bool mounted, ready;
};

/* A database of its own on so much memory. */
static bool disk_init(struct disk *d)
{
	const char *uri = getenv("CAUNOI_TEST_STORE"), *name = uri ? strstr(uri, "/caunoi?") : NULL;
	const struct passwd *owner = getpwnam("postgres");
	char sql[256];
	*d = (struct disk){ .dir = "/tmp/caunoi-disk-XXXXXX" };
	if (!engine_is_postgresql() || !name || !owner || geteuid() || !mkdtemp(d->dir))
		return false;
	d->mounted = mount("tmpfs", d->dir, "tmpfs", 0, "size=9m,mode=0700") == 0;
	if (!d->mounted || chown(d->dir, owner->pw_uid, owner->pw_gid))
		return false;
	snprintf(sql, sizeof(sql), "CREATE TABLESPACE small OWNER caunoi LOCATION '%s'", d->dir);
	if (!engine_admin_sql(sql) || !engine_admin_sql("CREATE DATABASE small OWNER caunoi TABLESPACE small"))
		return false;
	snprintf(d->uri, sizeof(d->uri), "%.*s/small%s", (int)(name - uri), uri, name + strlen("/caunoi"));
	return true;
}

static void disk_done(struct disk *d)
{
	if (d->uri[0]) {
		engine_admin_sql("DROP DATABASE small WITH (FORCE)");
		engine_admin_sql("DROP TABLESPACE small");
	}
	if (d->mounted)
		umount2(d->dir, MNT_DETACH);
	rmdir(d->dir);
}

static int disk_up(void **state)
{
	struct disk *d = calloc(1, sizeof(*d));
	d->ready = disk_init(d);
	*state = d;
	return 0;
}

/* Also after a test that failed: nothing stays mounted. */
static int disk_down(void **state)
{
	disk_done(*state);
	free(*state);
	return 0;
}

static void move_onto_a_full_disk_goes_on_when_there_is_room(void **state)
{
	struct disk *d = *state;
	if (!d->ready)
		skip();
	struct moving *m = moving_new(&(struct gateway_options){ .on_file = true });
	char why[48];
	put_rows(m);
	assert_int_equal(run(m, d->uri), 5);
	assert_string_equal(rule(m), "interrupted");
	assert_int_equal(run(m, d->uri), 5); /* still full */
	for (int i = 0; i < 300; i++) { /* a server that met a full disk may be starting again */
		assert_null(open_server(d->uri, why));
		if (strcmp(why, "unreachable") != 0)
			break;
		usleep(100000);
	}
	assert_string_equal(why, "unfinished");
	assert_false(is_there(m, "migrated-to"));
	assert_int_equal(mount("tmpfs", d->dir, "tmpfs", MS_REMOUNT, "size=400m,mode=0700"), 0);
	must_run(m, d->uri);
	assert_true(rows_of(m, "message") == strtoll(ROWS, NULL, 10));
	moving_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moved_gateway_goes_on_where_it_was),
		cmocka_unit_test(backup_of_a_server_is_put_onto_an_empty_one_or_into_a_file),
		cmocka_unit_test(move_killed_anywhere_ends_whole),
		cmocka_unit_test(way_back_killed_anywhere_ends_whole),
		cmocka_unit_test(move_refuses_what_it_must_and_changes_nothing),
		cmocka_unit_test_setup_teardown(move_onto_a_full_disk_goes_on_when_there_is_room, disk_up, disk_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
