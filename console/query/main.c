/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-query: answers queries from a read-only connection, hashes passwords, writes backups and reports. Started and watched by the
 * core; ends when the core does. Has the identity key and no network. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/config.h"
#include "console/query/server.h"
#include "console/report/report.h"
#include "gateway/backup.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/seal.h"
#include "gateway/base/zone.h"
#include "gateway/registry.h"
#include "gateway/store/store.h"
#include "handlers/keywords.h"

struct options {
	const char *config, *socket, *backup, *report;
	pid_t web_pid;
	bool check;
};

static int parse_options(int argc, char **argv, struct options *ret)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "socket", required_argument, NULL, 's' },
		{ "web-pid", required_argument, NULL, 'w' },
		{ "backup", required_argument, NULL, 'b' },
		{ "report", required_argument, NULL, 'r' },
		{ "check", no_argument, NULL, 'k' },
		{ 0 },
	};
	int c;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1)
		switch (c) {
		case 'c': ret->config = optarg; break;
		case 's': ret->socket = optarg; break;
		case 'w': ret->web_pid = (pid_t)strtol(optarg, NULL, 10); break;
		case 'b': ret->backup = optarg; break;
		case 'r': ret->report = optarg; break;
		case 'k': ret->check = true; break;
		default: return E_CONFIG;
		}
	if (optind < argc || !ret->config || (!ret->socket && !ret->backup && !ret->report)) {
		fputs("usage: caunoi-query --config FILE --socket PATH [--web-pid N] [--check]\n", stderr);
		return E_CONFIG;
	}
	return 0;
}

static void print_complaint(const struct complaint *c)
{
	char text[1024];
	complaint_format(c, text, sizeof(text));
	log_error("query.start", "%s", text);
}

/* A child says one object on standard output. */
static int say_once(json_t *object)
{
	OWN(json) json_t *out = object;
	OWN(buffer) struct buffer line = { 0 };
	return !out || json_put_line(&line, out) || write(STDOUT_FILENO, line.data, line.n_bytes) < 0 ? E_IO : 0;
}

static int write_backup(const struct config *cfg, const char *file)
{
	struct complaint c = { 0 };
	struct random random = random_real();
	int r = backup_write(cfg, file, &random, &c);
	char text[1024];
	complaint_format(&c, text, sizeof(text));
	int said = say_once(r ? json_pack("{s:s,s:s}", "rule", c.rule[0] ? c.rule : "backup", "text", text[0] ? text : err_text(r))
			      : json_pack("{s:s}", "file", file));
	return said ? said : r;
}

/* After an unclean stop: the whole file is looked at beside the work, by a child with a connection of its own, and the core is told.
 * Forked before any database is open here: no handle crosses. */
static void check_beside(const struct config *cfg)
{
	pid_t pid = fork();
	if (pid != 0) {
		if (pid > 0)
			waitpid(pid, NULL, 0);
		return;
	}
	if (fork() != 0) /* nobody's child: nobody has to wait for it */
		_exit(0);
	struct complaint c = { 0 };
	struct store *db = NULL;
	char text[2048] = "";
	int n = store_open(cfg->store, cfg->data_dir, STORE_READ_ONLY, &db, &c) ? 1 : store_check(db, false, text, sizeof(text));
	OWN(json) json_t *out = json_pack("{s:s,s:i,s:s}", "op", "checked", "problems", n, "text", text[0] ? text : c.text);
	OWN(buffer) struct buffer line = { 0 };
	if (out && !json_put_line(&line, out) && write(STDOUT_FILENO, line.data, line.n_bytes) < 0)
		log_error("query.check", "the core cannot be told");
	store_close(db);
	_exit(0);
}

/* A replica that cannot be opened is done without until the next start of this program. */
static struct store *open_replica(const struct config *cfg)
{
	struct complaint c = { 0 };
	struct store *db = NULL;
	if (cfg->replica[0] && store_open(cfg->replica, cfg->data_dir, STORE_READ_ONLY, &db, &c)) {
		log_warn("query.replica", "%s -- queries read the store itself", c.text);
		return NULL;
	}
	return db;
}

/* What queries and reports read with; main's to end. */
struct desk {
	struct clock clock;
	struct random random;
	struct seal *seal;
	struct zone *zone;
	struct keywords *keywords;
	struct store *db;
	struct scope in;
};

static int desk_open(struct desk *d, const struct config *cfg, const struct options *o, struct complaint *c)
{
	*d = (struct desk){ .clock = clock_real(), .random = random_real() };
	OWN(mem) char *key = NULL;
	int r = asprintf(&key, "%s/identity.key", cfg->data_dir) < 0 ? E_NOMEM : seal_open(key, &d->seal);
	if (r)
		complaint_set(c, "", "damaged", "the identity key is missing, damaged or open to others");
	if (!r)
		r = zone_load(cfg->timezone, &d->zone);
	if (!r)
		r = keywords_load(o->config, &d->keywords, c);
	if (!r)
		r = store_open(cfg->store, cfg->data_dir, STORE_READ_ONLY, &d->db, c);
	d->in = (struct scope){ .db = d->db, .config = cfg, .seal = d->seal, .random = &d->random, .zone = d->zone, .keywords = d->keywords,
				.now_ms = clock_now_ms(&d->clock) };
	return r;
}

static void desk_done(struct desk *d)
{
	store_close(d->db);
	keywords_free(d->keywords);
	zone_free(d->zone);
	seal_free(d->seal);
}

/* The child of a report. */
static int write_report(const struct config *cfg, const struct options *o)
{
	struct complaint c = { 0 };
	struct desk d;
	json_t *result = NULL;
	int r = desk_open(&d, cfg, o, &c);
	r = r ? r : report_run(&d.in, strtoll(o->report, NULL, 10), &result);
	if (r)
		result = json_pack("{s:s,s:s}", "rule", "report", "text", c.text[0] ? c.text : err_text(r));
	desk_done(&d);
	int said = say_once(result);
	return said ? said : r;
}

static int serve(const struct config *cfg, const struct options *o)
{
	struct complaint c = { 0 };
	struct desk d;
	struct store *replica = NULL;
	int r = desk_open(&d, cfg, o, &c);
	if (r)
		print_complaint(&c);
	else
		replica = open_replica(cfg);
	struct server_setup setup = { .in = &d.in, .replica = replica, .registry = &caunoi_registry, .clock = &d.clock, .config_file = o->config,
				      .socket = o->socket, .web_pid = o->web_pid, .core_in_fd = STDIN_FILENO,
				      .core_out_fd = STDOUT_FILENO };
	if (!r)
		r = server_run(&setup);
	store_close(replica);
	desk_done(&d);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct config *cfg = NULL;
	struct complaint c = { 0 };
	log_init("caunoi-query", LOG_LEVEL_INFO);
	prctl(PR_SET_DUMPABLE, 0);
	int r = parse_options(argc, argv, &o);
	if (!r && (r = config_load(o.config, false, &cfg, &c)))
		print_complaint(&c);
	if (!r && o.check)
		check_beside(cfg);
	if (!r)
		r = o.backup ? write_backup(cfg, o.backup) : o.report ? write_report(cfg, &o) : serve(cfg, &o);
	config_free(cfg);
	return err_exit_code(r);
}
