/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-query: answers queries from a read-only connection, hashes passwords, writes backups. Started and watched by the
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
#include "gateway/backup.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/seal.h"
#include "gateway/base/zone.h"
#include "gateway/registry.h"
#include "gateway/store/store.h"
#include "handlers/keywords.h"

struct options {
	const char *config, *socket, *backup;
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
		case 'k': ret->check = true; break;
		default: return E_CONFIG;
		}
	if (optind < argc || !ret->config || (!ret->socket && !ret->backup)) {
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

/* The child of a backup: one object on standard output. */
static int write_backup(const struct config *cfg, const char *file)
{
	struct complaint c = { 0 };
	int r = backup_write(cfg, file, &c);
	char text[1024];
	complaint_format(&c, text, sizeof(text));
	OWN(json) json_t *out = r ? json_pack("{s:s,s:s}", "rule", c.rule[0] ? c.rule : "backup", "text", text[0] ? text : err_text(r))
				  : json_pack("{s:s}", "file", file);
	OWN(buffer) struct buffer line = { 0 };
	if (!out || json_put_line(&line, out) || write(STDOUT_FILENO, line.data, line.n_bytes) < 0)
		return E_IO;
	return r;
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

static int serve(const struct config *cfg, const struct options *o)
{
	struct complaint c = { 0 };
	struct clock clock = clock_real();
	struct random random = random_real();
	struct seal *seal = NULL;
	struct zone *zone = NULL;
	struct keywords *keywords = NULL;
	struct store *db = NULL, *replica = NULL;
	OWN(mem) char *key = NULL;
	int r = asprintf(&key, "%s/identity.key", cfg->data_dir) < 0 ? E_NOMEM : seal_open(key, &seal);
	if (r)
		complaint_set(&c, "", "damaged", "the identity key is missing, damaged or open to others");
	if (!r)
		r = zone_load(cfg->timezone, &zone);
	if (!r)
		r = keywords_load(o->config, &keywords, &c);
	if (!r)
		r = store_open(cfg->store, cfg->data_dir, STORE_READ_ONLY, &db, &c);
	if (r)
		print_complaint(&c);
	else
		replica = open_replica(cfg);
	struct scope in = { .db = db, .config = cfg, .seal = seal, .random = &random, .zone = zone, .keywords = keywords };
	struct server_setup setup = { .in = &in, .replica = replica, .registry = &caunoi_registry, .clock = &clock, .config_file = o->config,
				      .socket = o->socket, .web_pid = o->web_pid, .core_in_fd = STDIN_FILENO,
				      .core_out_fd = STDOUT_FILENO };
	if (!r)
		r = server_run(&setup);
	store_close(replica);
	store_close(db);
	keywords_free(keywords);
	zone_free(zone);
	seal_free(seal);
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
		r = o.backup ? write_backup(cfg, o.backup) : serve(cfg, &o);
	config_free(cfg);
	return err_exit_code(r);
}
