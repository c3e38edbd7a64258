/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folder and life of a throw-away server. Called by fault tests; the server is started without pg_ctl, so that it is the test's own child. */
#include "tests/support/pgserver.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/own.h"

#define START_MS 60000
#define STOP_MS 30000
#define STEP_MS 10
#define CHILDREN_MAX 128
#define SWEEPS 100

static const char settings[] =
	"listen_addresses = ''\nfsync = on\nfull_page_writes = on\nmax_connections = 40\nshared_buffers = 32MB\nmin_wal_size = 32MB\n"
	"max_wal_size = 128MB\nwal_level = replica\nmax_wal_senders = 4\nhot_standby = on\nlog_min_messages = fatal\n"
	"log_min_error_statement = panic\nrestart_after_crash = on\n";

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* ---- the folder ---- */

static int sweep_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)where;
	return kind == FTW_DP ? rmdir(path) && errno != ENOTEMPTY : unlink(path) && errno != ENOENT;
}

/* Waits for the end of the test, then removes the folder, whoever still writes into it. */
static void keep(const char *dir, int fd)
{
	char c;
	setpgid(0, 0);
	dup2(fd, 0);
	close_range(3, ~0u, 0);
	int null = open("/dev/null", O_RDWR);
	dup2(null, 1);
	dup2(null, 2);
	while (read(0, &c, 1) < 0 && errno == EINTR)
		;
	for (int i = 0; i < SWEEPS && !access(dir, F_OK); i++) {
		umount2(dir, MNT_DETACH);
		if (nftw(dir, sweep_one, 16, FTW_DEPTH | FTW_PHYS) || !access(dir, F_OK))
			pause_ms(50);
	}
	_exit(0);
}

static void start_keeper(struct pgserver *s)
{
	int end[2];
	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	s->keeper = fork();
	assert_true(s->keeper >= 0);
	if (!s->keeper)
		keep(s->dir, end[0]);
	close(end[0]);
	s->keeper_fd = end[1];
}

static const struct passwd *user(void)
{
	const struct passwd *pw = geteuid() ? getpwuid(geteuid()) : getpwnam("postgres");
	assert_non_null(pw);
	return pw;
}

static void make_folder(struct pgserver *s, int64_t room_bytes)
{
	char options[64];
	snprintf(s->dir, sizeof(s->dir), "/tmp/caunoi-pg-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	start_keeper(s);
	snprintf(options, sizeof(options), "size=%lld", (long long)room_bytes);
	if (room_bytes && mount("tmpfs", s->dir, "tmpfs", 0, options))
		fail_msg("a file system of its own cannot be mounted: %s", strerror(errno));
	s->is_mount = room_bytes > 0;
	assert_int_equal(chmod(s->dir, 0755), 0);
	if (!geteuid())
		assert_int_equal(chown(s->dir, user()->pw_uid, user()->pw_gid), 0);
}

/* ---- programs ---- */

static void program_path(const char *name, char *ret, size_t room)
{
	OWN(mem) char *best = NULL;
	glob_t found = { 0 };
	if (!glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) && found.gl_pathc)
		best = strdup(found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
	if (!best)
		fail_msg("PostgreSQL is not installed: make deps-test");
	snprintf(ret, room, "%s/%s", best, name);
}

/* In a child: never returns. */
static void become(const struct pgserver *s, char *const argv[], pid_t test)
{
	char path[160], log[PGSERVER_PATH_MAX + 8];
	const struct passwd *pw = user();
	program_path(argv[0], path, sizeof(path));
	if (!geteuid() && (initgroups(pw->pw_name, pw->pw_gid) || setgid(pw->pw_gid) || setuid(pw->pw_uid)))
		_exit(126);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != test)
		_exit(126); /* it ended before the line above */
	snprintf(log, sizeof(log), "%s/log", s->dir);
	int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600), null = open("/dev/null", O_RDONLY);
	if (chdir(s->dir) || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	close_range(3, ~0u, 0);
	umask(077);
	execv(path, argv);
	_exit(127);
}

static pid_t spawn(const struct pgserver *s, char *const argv[])
{
	pid_t test = getpid(), pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		become(s, argv, test);
	return pid;
}

static void show_log(const struct pgserver *s)
{
	char path[PGSERVER_PATH_MAX + 8], line[512];
	snprintf(path, sizeof(path), "%s/log", s->dir);
	OWN(file) FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		fputs(line, stderr);
}

static void run(const struct pgserver *s, char *const argv[])
{
	int status = 0;
	pid_t pid = spawn(s, argv);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status) {
		show_log(s);
		fail_msg("%s failed (%d)", argv[0], status);
	}
}

static void write_settings(const struct pgserver *s)
{
	char path[PGSERVER_PATH_MAX + 32];
	snprintf(path, sizeof(path), "%s/data/postgresql.conf", s->dir);
	OWN(file) FILE *f = fopen(path, "a");
	assert_non_null(f);
	assert_true(fputs(settings, f) >= 0);
}

/* ---- talking ---- */

static PGconn *connect_admin(const struct pgserver *s, const char *database)
{
	char address[160];
	snprintf(address, sizeof(address), "host=%s user=admin dbname=%s connect_timeout=5", s->dir, database);
	return PQconnectdb(address);
}

static int64_t ask(const struct pgserver *s, const char *database, const char *sql)
{
	PGconn *conn = connect_admin(s, database);
	if (PQstatus(conn) != CONNECTION_OK)
		fail_msg("the server: %s", PQerrorMessage(conn));
	PGresult *res = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(res);
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(conn));
	const char *text = status == PGRES_TUPLES_OK && PQntuples(res) ? PQgetvalue(res, 0, 0) : "";
	int64_t value = text[0] == 't' ? 1 : strtoll(text, NULL, 10);
	PQclear(res);
	PQfinish(conn);
	return value;
}

int64_t pgserver_sql(const struct pgserver *s, const char *sql)
{
	return ask(s, "postgres", sql);
}

int64_t pgserver_relations(const struct pgserver *s)
{
	return ask(s, "caunoi", "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace");
}

static bool answers(const struct pgserver *s)
{
	PGconn *conn = connect_admin(s, "postgres");
	bool good = PQstatus(conn) == CONNECTION_OK;
	PQfinish(conn);
	return good;
}

void pgserver_uri(const struct pgserver *s, const struct pgserver *other, char ret[PGSERVER_URI_MAX])
{
	if (other)
		snprintf(ret, PGSERVER_URI_MAX, "postgresql://caunoi@/caunoi?host=%s,%s&target_session_attrs=read-write", s->dir, other->dir);
	else
		snprintf(ret, PGSERVER_URI_MAX, "postgresql://caunoi@/caunoi?host=%s", s->dir);
}

/* ---- life ---- */

/* Whatever is left of an earlier life may still be on its way out. */
void pgserver_start(struct pgserver *s)
{
	char data[PGSERVER_PATH_MAX + 8];
	char *const argv[] = { "postgres", "-D", data, "-k", s->dir, NULL };
	snprintf(data, sizeof(data), "%s/data", s->dir);
	assert_int_equal(s->pid, 0);
	for (int waited = 0; waited < START_MS; waited += STEP_MS) {
		if (!s->pid)
			s->pid = spawn(s, argv);
		if (answers(s))
			return;
		pause_ms(STEP_MS);
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
			s->pid = 0;
	}
	show_log(s);
	fail_msg("the server did not start");
}

static void wait_end(struct pgserver *s)
{
	for (int waited = 0; waited < STOP_MS; waited += STEP_MS) {
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid) {
			s->pid = 0;
			return;
		}
		pause_ms(STEP_MS);
	}
	fail_msg("the server did not stop");
}

/* Everybody stands still first, or those left would notice the end of the others and say so. */
static void cut_power(struct pgserver *s)
{
	char path[64], list[4096] = "";
	pid_t children[CHILDREN_MAX];
	int n = 0;
	kill(s->pid, SIGSTOP);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)s->pid, (int)s->pid);
	OWN(file) FILE *f = fopen(path, "r");
	if (f && fgets(list, sizeof(list), f))
		for (char *p = list, *end; n < CHILDREN_MAX && (children[n] = (pid_t)strtol(p, &end, 10)) > 0 && end != p; p = end)
			n++;
	for (int i = 0; i < n; i++)
		kill(children[i], SIGSTOP);
	for (int i = 0; i < n; i++)
		kill(children[i], SIGKILL);
	kill(s->pid, SIGKILL);
	wait_end(s);
}

void pgserver_stop(struct pgserver *s, enum pgserver_end how)
{
	assert_true(s->pid > 0);
	if (how == PGSERVER_POWER) {
		cut_power(s);
		return;
	}
	kill(s->pid, (int)how);
	wait_end(s);
}

bool pgserver_has_ended(struct pgserver *s)
{
	if (s->pid > 0 && waitpid(s->pid, NULL, WNOHANG) == s->pid)
		s->pid = 0;
	return s->pid == 0;
}

void pgserver_promote(struct pgserver *s)
{
	assert_int_equal(pgserver_sql(s, "SELECT pg_promote(true, 60)"), 1);
}

void pgserver_new(struct pgserver *s, int64_t room_bytes)
{
	char data[PGSERVER_PATH_MAX + 8];
	*s = (struct pgserver){ .keeper_fd = -1 };
	make_folder(s, room_bytes);
	snprintf(data, sizeof(data), "%s/data", s->dir);
	run(s, (char *const[]){ "initdb", "-D", data, "-A", "trust", "-U", "admin", "--locale=C", "-E", "UTF8", "-N", "--wal-segsize=4", NULL });
	write_settings(s);
	pgserver_start(s);
	pgserver_sql(s, "CREATE ROLE caunoi LOGIN");
	pgserver_sql(s, "CREATE DATABASE caunoi OWNER caunoi");
}

void pgserver_clone(struct pgserver *s, struct pgserver *of, const char *name)
{
	char data[PGSERVER_PATH_MAX + 8], from[160], sql[160];
	*s = (struct pgserver){ .keeper_fd = -1 };
	make_folder(s, 0);
	snprintf(data, sizeof(data), "%s/data", s->dir);
	snprintf(from, sizeof(from), "host=%s user=admin application_name=%s", of->dir, name);
	run(s, (char *const[]){ "pg_basebackup", "-d", from, "-D", data, "-R", "-X", "stream", "-c", "fast", "-N", NULL });
	pgserver_start(s);
	snprintf(sql, sizeof(sql), "ALTER SYSTEM SET synchronous_standby_names = '%s'", name);
	pgserver_sql(of, sql);
	pgserver_sql(of, "SELECT pg_reload_conf()");
	for (int waited = 0; !pgserver_sql(of, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"); waited += STEP_MS) {
		if (waited > START_MS)
			fail_msg("the standby does not follow");
		pause_ms(STEP_MS);
	}
}

void pgserver_free(struct pgserver *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGQUIT);
		waitpid(s->pid, NULL, 0);
		s->pid = 0;
	}
	if (s->keeper <= 0)
		return;
	close(s->keeper_fd);
	waitpid(s->keeper, NULL, 0);
	s->keeper = 0;
}

void pgserver_ask_password(const struct pgserver *s, const char *role)
{
	char path[PGSERVER_PATH_MAX + 32], rest[8192];
	snprintf(path, sizeof(path), "%s/data/pg_hba.conf", s->dir);
	OWN(file) FILE *f = fopen(path, "r+");
	assert_non_null(f);
	size_t n = fread(rest, 1, sizeof(rest), f);
	assert_true(n < sizeof(rest));
	rewind(f);
	assert_true(fprintf(f, "local all %s scram-sha-256\n", role) > 0 && fwrite(rest, 1, n, f) == n);
	assert_int_equal(fflush(f), 0);
	pgserver_sql(s, "SELECT pg_reload_conf()");
}

/* ---- a full disk ---- */

static void ballast(const struct pgserver *s, char *ret, size_t room)
{
	snprintf(ret, room, "%s/ballast", s->dir);
}

void pgserver_fill(const struct pgserver *s)
{
	static const char zeros[65536];
	char path[PGSERVER_PATH_MAX + 16];
	size_t n = sizeof(zeros);
	assert_true(s->is_mount);
	ballast(s, path, sizeof(path));
	OWN(fd) int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	while (n >= 512)
		if (write(fd, zeros, n) <= 0)
			n /= 2;
}

void pgserver_unfill(const struct pgserver *s)
{
	char path[PGSERVER_PATH_MAX + 16];
	ballast(s, path, sizeof(path));
	assert_int_equal(unlink(path), 0);
}
