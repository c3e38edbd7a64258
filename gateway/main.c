/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoid: the only place that knows the whole. Reads the configuration, opens the store, gathers the tables (duties, verbs, handlers),
 * recovers, runs the loop. Also runs, for the CLI, the verbs that need no core (--local). */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "campaigns/course.h"
#include "campaigns/dnc_import.h"
#include "campaigns/headcount.h"
#include "campaigns/import.h"
#include "campaigns/poll.h"
#include "campaigns/unit_import.h"
#include "campaigns/preview.h"
#include "campaigns/response.h"
#include "config/config.h"
#include "gateway/base/json.h"
#include "gateway/backup.h"
#include "gateway/base/log.h"
#include "gateway/base/seal.h"
#include "gateway/base/zone.h"
#include "gateway/init.h"
#include "gateway/job.h"
#include "gateway/ledger.h"
#include "gateway/local.h"
#include "gateway/lock.h"
#include "gateway/loop.h"
#include "gateway/standby.h"
#include "gateway/supervisor.h"
#include "handlers/about.h"
#include "handlers/ballot.h"
#include "handlers/casecare.h"
#include "handlers/chain.h"
#include "handlers/kept.h"
#include "handlers/keywords.h"
#include "handlers/signup.h"
#include "handlers/ussd.h"
#include "handlers/ussdcall.h"

#define CONFIG_FILE "/etc/caunoi/caunoi.conf"
#define DRIVERS_WAIT_MS 5000

struct gateway {
	const char *file;
	struct config *config;
	struct store *db;
	struct seal *seal;
	struct zone *zone;
	struct keywords *keywords;
	struct clock clock;
	struct random random;
	struct loop *loop;
	struct core *core;
	struct standby *standby;
	int lock_fd, drivers_fd;
	struct job_kind jobs[6];
	struct duty duties[7];
	struct wiring wiring;
};

static int complain(const struct complaint *c, int err)
{
	char text[1024];
	complaint_format(c, text, sizeof(text));
	fprintf(stderr, "caunoid: %s\n", c->text[0] ? text : err_text(err));
	return err_exit_code(err);
}

/* ---- verbs without a core ---- */

static int print_local(int err, json_t *result, const char *rule, const char *field, const char *text)
{
	OWN(json) json_t *line = err ? json_pack("{s:b,s:i,s:{s:s,s:s,s:s}}", "ok", 0, "exit", err_exit_code(err), "error", "rule", rule, "field",
						 field, "text", text)
				     : json_pack("{s:b,s:i,s:O}", "ok", 1, "exit", 0, "result", result);
	OWN(mem) char *out = line ? json_text(line) : NULL;
	if (!out || puts(out) == EOF)
		return 1;
	return err_exit_code(err);
}

static int read_args(const struct verb *v, const struct phone_plan *plan, json_t **ret, struct refusal *why)
{
	OWN(buffer) struct buffer in = { 0 };
	OWN(json) json_t *args = NULL;
	size_t n;
	do {
		if (buffer_reserve(&in, 65536))
			return E_NOMEM;
		n = fread(in.data + in.n_bytes, 1, 65536, stdin);
		in.n_bytes += n;
	} while (n > 0 && in.n_bytes < (1 << 20));
	if (!in.n_bytes)
		args = json_object();
	else if (json_parse(in.data, in.n_bytes, &args))
		return refuse(why, E_INVALID, 400, "malformed", "", "the arguments are no JSON object");
	return verb_check(v, args, plan, ret, why);
}

static int run_query_verb(struct gateway *g, const struct verb *v, const json_t *args, json_t **ret, struct refusal *why)
{
	struct scope in = { .config = g->config, .random = &g->random, .keywords = g->keywords, .now_ms = clock_now_ms(&g->clock) };
	struct call c = { .verb = v, .args = args, .actor = "local", .role = ROLE_OPERATOR, .unit = "", .dotted = "" };
	int64_t next = 0;
	return v->query(&in, &c, ret, &next, why);
}

static int local_main(struct gateway *g, const char *dotted)
{
	const struct verb *v = registry_find_dotted(&caunoi_registry, dotted);
	if (!v || v->kind == VERB_QUERY)
		return print_local(E_INVALID, NULL, "unknown_verb", "", "no such verb runs without the core");
	struct complaint c = { 0 };
	bool words = !strcmp(v->noun, "text");
	int r = config_load(g->file, !words && strcmp(dotted, "init"), &g->config, &c);
	if (r && !(words && access(g->file, F_OK))) {
		char text[1024];
		complaint_format(&c, text, sizeof(text));
		return print_local(E_CONFIG, NULL, c.rule[0] ? c.rule : "configuration", c.field, text);
	}
	struct refusal why = { 0 };
	OWN(json) json_t *args = NULL, *result = NULL;
	r = read_args(v, g->config ? &g->config->plan : NULL, &args, &why);
	if (!r && v->query) {
		r = run_query_verb(g, v, args, &result, &why);
	} else if (!r) {
		struct complaint bad = { 0 };
		struct local l = { .config = g->config, .clock = &g->clock, .random = &g->random };
		r = local_run(&l, dotted, args, &result, &bad);
		if (r) {
			complaint_format(&bad, why.text, sizeof(why.text));
			snprintf(why.rule, sizeof(why.rule), "%s", bad.rule);
		}
	}
	int code = print_local(r, result, why.rule[0] ? why.rule : "failed", why.field, why.text[0] ? why.text : err_text(r));
	refusal_done(&why);
	return code;
}

/* ---- the core ---- */

/* What handlers made of a message, and what it means to the campaign it answers. */
static int take_in(struct tick *t, const struct inbound *in, struct handled *ret)
{
	struct response found;
	int r = response_find(t, in, &found);
	r = r ? r : poll_invite(t, in, &found);
	r = r ? r : chain_intake(t, in, ret);
	return r ? r : response_count(t, in, &found, ret);
}

static void take_in_ahead(struct tick *t, const struct inbound *in)
{
	response_ahead(t, in);
	chain_ahead(t, in);
}

/* The same around a menu, which asks and counts by itself. */
static int invite(struct tick *t, const struct inbound *in)
{
	struct response to = { 0 };
	int r = response_find(t, in, &to);
	return r ? r : poll_invite(t, in, &to);
}

static int respond(struct tick *t, const struct inbound *in, const struct handled *h)
{
	struct response to = { 0 };
	int r = response_find(t, in, &to);
	return r ? r : response_count(t, in, &to, h);
}

static const char *topic_of(const struct scope *in, const char *said)
{
	return in->keywords ? keywords_topic_said(in->keywords, said) : said;
}

static int topic_of_text(const struct scope *in, const char *text, const char **ret)
{
	*ret = NULL;
	return in->keywords ? about_topic(in->keywords, text, ret) : 0;
}

static const char *topic_of_programme(const struct scope *in, const char *name)
{
	const json_t *programme = signup_programme(in, name);
	return programme ? json_str(programme, "topic", "") : in->keywords ? NULL : "";
}

static void wire(struct gateway *g)
{
	g->jobs[0] = import_job;
	g->jobs[1] = preview_job;
	g->jobs[2] = dnc_import_job;
	g->jobs[3] = unit_import_job;
	g->jobs[4] = headcount_job;
	g->jobs[5] = headcount_units_job;
	g->duties[0] = (struct duty){ "job", job_duty, job_ahead };
	g->duties[1] = (struct duty){ "ledger", ledger_duty, NULL };
	g->duties[2] = course_duty;
	g->duties[3] = kept_duty;
	g->duties[4] = ballot_duty;
	g->duties[5] = casecare_duty;
	g->duties[6] = ussd_duty;
	g->wiring = (struct wiring){ .registry = &caunoi_registry, .duties = g->duties, .n_duties = COUNT_OF(g->duties), .jobs = g->jobs, .n_jobs = COUNT_OF(g->jobs),
				     .intake = take_in, .intake_ahead = take_in_ahead, .invite = invite, .respond = respond,
				     .topic = topic_of, .about = topic_of_text, .programme = topic_of_programme, .ussd = ussdcall_hear };
}

static int check_key(struct gateway *g, struct complaint *c)
{
	int r = init_check_key(g->db, g->seal, g->config->data_dir, c);
	if (r == E_NOT_FOUND) {
		complaint_set(c, "store", "not_initialised", "the database holds nothing of caunoi yet; run: caunoi init");
		r = E_CORRUPT;
	}
	return r;
}

static int open_data(struct gateway *g, struct complaint *c)
{
	char file[600];
	snprintf(file, sizeof(file), "%s/identity.key", g->config->data_dir);
	int r = lock_check_folder(g->config->data_dir, c);
	if (!r)
		r = init_check(g->config, c);
	if (r == E_NOT_FOUND && !c->text[0]) {
		snprintf(c->file, sizeof(c->file), "%s", g->config->data_dir);
		complaint_set(c, "data_dir", "not_initialised", "is no data folder of caunoi yet; run: caunoi init");
	}
	if (r == E_NOT_FOUND)
		r = E_CORRUPT;
	if (!r)
		r = lock_take(g->config->data_dir, &g->lock_fd, c);
	if (!r)
		backup_tidy(g->config->data_dir);
	if (!r && !store_is_shared(g->config->store))
		r = lock_take_drivers(g->config->data_dir, DRIVERS_WAIT_MS, &g->drivers_fd, c);
	if (!r && (r = seal_open(file, &g->seal))) {
		snprintf(c->file, sizeof(c->file), "%.255s", file);
		complaint_set(c, "", "key", "cannot be read as the identity key; it must be whole and 0600: chmod 600, or put it back from where the keys are kept");
	}
	if (!r)
		r = store_open(g->config->store, g->config->data_dir, STORE_READ_WRITE, &g->db, c);
	if (!r && store_is_shared(g->config->store))
		r = check_key(g, c);
	return r == E_EXISTS ? E_IO : r; /* another core: exit 1 */
}

static int open_rest(struct gateway *g, struct complaint *c)
{
	int r = zone_load(g->config->timezone, &g->zone);
	if (r) {
		complaint_set(c, "timezone", "unknown_zone", "there is no time zone %s", g->config->timezone);
		return E_CONFIG;
	}
	r = keywords_load(g->file, &g->keywords, c);
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	wire(g);
	r = loop_new(&g->loop);
	if (!r)
		r = core_new(&loop_ops, g->loop, g->config, g->db, g->seal, &g->clock, &g->random, &g->wiring, &g->core);
	if (!r) {
		g->core->zone = g->zone;
		g->core->keywords = g->keywords;
		loop_attach(g->loop, g->core);
		store_wait_by(g->db, loop_wait, g->loop);
		r = loop_listen(g->loop, g->config->control, c);
	}
	return r;
}

/* ---- one core is active, others stand by ---- */

static void reload(void *arg);

/* Until the lease is ours, or the end is asked for. */
static int stand_by(struct gateway *g, bool *ret_end, struct complaint *c)
{
	struct loop_turn turn = { .tick = standby_tick, .due_mono_ms = standby_due_mono_ms, .self = g->standby, .reload = reload, .arg = g };
	int r = loop_listen_query(g->loop, g->config->query, c);
	if (r)
		return r;
	log_info("core.standby", "node=%s %s", g->core->node, standby_active(g->standby));
	sd_notifyf(0, "READY=1\nSTATUS=standing by: %s", standby_active(g->standby));
	r = loop_turn(g->loop, &turn, ret_end);
	loop_unlisten_query(g->loop);
	if (r != E_EXISTS && r)
		*c = *standby_complaint(g->standby);
	return r == E_EXISTS ? 0 : r;
}

/* The right to write is ours when this returns 0 and *ret_end stays false. */
static int take_lease(struct gateway *g, bool *ret_end, struct complaint *c)
{
	int r = standby_new(g->core, &g->standby);
	if (!r)
		r = standby_ask(g->standby, c);
	if (r == E_AGAIN)
		r = stand_by(g, ret_end, c);
	standby_free(MOVE(g->standby)); /* its spool is the core's now */
	if (!r && !*ret_end && g->drivers_fd < 0)
		r = lock_take_drivers(g->config->data_dir, DRIVERS_WAIT_MS, &g->drivers_fd, c);
	loop_inherit(g->loop, g->drivers_fd);
	return r;
}

static int start_core(struct gateway *g)
{
	int r = core_recover(g->core);
	if (!r)
		r = supervisor_plan(g->core->supervisor, g->core, g->config->web.listen && g->config->web.listen[0]);
	return r;
}

static void close_all(struct gateway *g)
{
	loop_free(g->loop);
	core_free(g->core);
	store_close(g->db);
	seal_free(g->seal);
	zone_free(g->zone);
	keywords_free(g->keywords);
	config_free(g->config);
	if (g->drivers_fd >= 0)
		close(g->drivers_fd);
	if (g->lock_fd >= 0)
		close(g->lock_fd);
}

/* SIGHUP: a faulty file is refused and reported, the old one stays. */
static void reload(void *arg)
{
	struct gateway *g = arg;
	struct config *cfg = NULL;
	struct keywords *words = NULL;
	struct complaint c = { 0 };
	char text[1024];
	int r = config_load(g->file, true, &cfg, &c);
	if (!r)
		r = keywords_load(g->file, &words, &c);
	if (!r && (strcmp(cfg->data_dir, g->config->data_dir) || strcmp(cfg->control, g->config->control) ||
		   strcmp(cfg->store, g->config->store) || strcmp(cfg->node, g->config->node))) {
		complaint_set(&c, "data_dir", "needs_restart", "data_dir, control, store and node cannot change while the gateway runs");
		r = E_CONFIG;
	}
	if (!r && core_reload(g->core, cfg)) {
		complaint_set(&c, "channels", "busy", "a channel that was taken out still has messages under way, or its driver has just ended: pause it, wait until none is in flight, then reload");
		r = E_CONFIG;
	}
	if (r) {
		complaint_format(&c, text, sizeof(text));
		log_error("config.refused", "%s (the old configuration stays)", text);
		config_free(cfg);
		keywords_free(words);
		return;
	}
	config_free(g->config);
	keywords_free(g->keywords);
	g->config = cfg;
	g->core->keywords = g->keywords = words;
	log_info("config.reloaded", "file=%s", g->file);
}

/* The words alone, after a command that checked them. */
static void reload_words(void *arg)
{
	struct gateway *g = arg;
	struct keywords *fresh = NULL;
	struct complaint c = { 0 };
	char text[1024];
	if (keywords_load(g->file, &fresh, &c)) {
		complaint_format(&c, text, sizeof(text));
		log_error("words.refused", "%s (the old words stay)", text);
		return;
	}
	keywords_free(g->keywords);
	g->core->keywords = g->keywords = fresh;
	supervisor_restart_query(g->core->supervisor, g->core);
	log_info("words.reloaded", "file=%s", g->file);
}

/* A start that failed where the store said no more than a code. */
static int explain(struct gateway *g, int err, struct complaint *c)
{
	bool shared = store_is_shared(g->config->store);
	if (!c->text[0] && err == E_BROKEN && store_damaged(g->db)) {
		snprintf(c->file, sizeof(c->file), "%s/caunoi.db", g->config->data_dir);
		complaint_set(c, "", "damaged", "is damaged; restore a backup: caunoi restore FILE");
		return E_CORRUPT;
	}
	if (c->text[0] || (err != E_UNAVAILABLE && err != E_UNKNOWN))
		return err;
	if (!shared)
		snprintf(c->file, sizeof(c->file), "%s/caunoi.db", g->config->data_dir);
	complaint_set(c, shared ? "store" : "", shared ? "lost" : "locked", shared ?
		      "the connection to the database was lost during the start; it is started again by the service manager, or start it again" :
		      "is locked by another program, or its disk is full; end that program (fuser names it), make room, then start again");
	return E_IO;
}

static int run(struct gateway *g)
{
	sd_notify(0, "READY=1\nSTATUS=active");
	log_info("core.ready", "channels=%d", g->core->n_channels);
	int r = loop_run(g->loop, reload, reload_words, g);
	if (r) {
		log_error("core.stopped", "error=%s%s", err_text(r),
			  store_is_shared(g->config->store) ? " -- the database failed, or another core has taken over; this one starts again and stands by" : "");
		struct complaint c = { 0 };
		bool damaged = store_damaged(g->db);
		_exit(damaged ? complain(&c, explain(g, r, &c)) : 1); /* a failed store: nothing more is written, the next start recovers */
	}
	r = core_end(g->core);
	if (r)
		log_error("core.end", "error=%s", err_text(r));
	long long worst_ms = g->core->worst_tick_ms, ticks = g->core->ticks, trips = g->core->round_trips;
	long long full = g->core->pulse.n, median_ms = pulse_percentile(&g->core->pulse, 50), p99_ms = pulse_percentile(&g->core->pulse, 99);
	close_all(g);
	log_info("core.ended", "in good order, worst_tick_ms=%lld ticks=%lld round_trips=%lld full_ticks=%lld full_p50_ms=%lld full_p99_ms=%lld", worst_ms,
		 ticks, trips, full, median_ms, p99_ms);
	return 0;
}

static int serve(struct gateway *g)
{
	struct complaint c = { 0 };
	/* numbers and keys are in this process's memory: no core file may hold them */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	prctl(PR_SET_DUMPABLE, 0);
	int r = config_load(g->file, true, &g->config, &c);
	if (r)
		return complain(&c, E_CONFIG);
	for (size_t i = 0; i < g->config->n_warnings; i++)
		log_warn("config.warning", "%s: %s", g->config->warnings[i].field, g->config->warnings[i].text);
	r = open_data(g, &c);
	if (!r)
		r = open_rest(g, &c);
	bool end = false;
	if (!r)
		r = take_lease(g, &end, &c);
	if (!r && !end)
		r = start_core(g);
	if (r) {
		int code = complain(&c, explain(g, r, &c));
		close_all(g);
		return code;
	}
	if (end) {
		close_all(g);
		log_info("core.ended", "in good order, standing by");
		return 0;
	}
	return run(g);
}

struct arguments {
	const char *local;
	bool check, version;
};

static int read_arguments(struct gateway *g, int argc, char **argv, struct arguments *ret)
{
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		if (!strcmp(a, "--check"))
			ret->check = true;
		else if (!strcmp(a, "--version"))
			ret->version = true;
		else if (!strncmp(a, "--config=", 9))
			g->file = a + 9;
		else if (!strcmp(a, "--config") && i + 1 < argc)
			g->file = argv[++i];
		else if (!strcmp(a, "--local") && i + 1 < argc)
			ret->local = argv[++i];
		else {
			fprintf(stderr, "caunoid: unexpected argument %s; usage: caunoid --config FILE [--check]\n", a);
			return 2;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *environment = getenv("CAUNOI_CONFIG");
	struct gateway g = { .file = environment && *environment ? environment : CONFIG_FILE, .clock = clock_real(), .random = random_real(), .lock_fd = -1, .drivers_fd = -1 };
	struct arguments a = { 0 };
	int r = read_arguments(&g, argc, argv, &a);
	if (r)
		return r;
	if (a.version)
		return puts("caunoid 0.1") == EOF;
	const char *level = getenv("CAUNOI_LOG");
	log_init("caunoid", level && !strcmp(level, "debug") ? LOG_LEVEL_DEBUG : a.local ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO);
	if (sodium_init() < 0)
		return 1;
	if (a.check)
		return config_check_report(g.file, stdout);
	if (!a.local)
		return serve(&g);
	r = local_main(&g, a.local);
	keywords_free(g.keywords);
	config_free(g.config);
	return r;
}
