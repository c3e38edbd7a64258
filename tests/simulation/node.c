/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lives of the core. Called by world.c. Wires the core as the real program does; what never changes between lives is read once. */
#include "tests/simulation/node.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "campaigns/course.h"
#include "campaigns/import.h"
#include "campaigns/poll.h"
#include "campaigns/preview.h"
#include "campaigns/response.h"
#include "gateway/init.h"
#include "gateway/ledger.h"
#include "gateway/supervisor.h"
#include "handlers/ballot.h"
#include "handlers/casecare.h"
#include "handlers/chain.h"
#include "handlers/kept.h"
#include "handlers/keywords.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/inside.h"
#include "tests/simulation/model_store.h"
#include "tests/simulation/vfs.h"

#define ROOT "/sim"
#define SECRET_FILE "mot-cua.hook"
#define ASK_AGAIN_MS 500
#define ASK_TIMES 400

/* ---- made once ---- */

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

static const char *topic_of(const struct scope *in, const char *said)
{
	return in->keywords ? keywords_topic_said(in->keywords, said) : said;
}

static void wire(struct node *n)
{
	n->jobs[0] = import_job;
	n->jobs[1] = preview_job;
	n->duties[0] = (struct duty){ .name = "job", .run = job_duty, .ahead = job_ahead };
	n->duties[1] = (struct duty){ .name = "ledger", .run = ledger_duty };
	n->duties[2] = course_duty;
	n->duties[3] = kept_duty;
	n->duties[4] = ballot_duty;
	n->duties[5] = casecare_duty;
	n->wiring = (struct wiring){
		.registry = &caunoi_registry, .duties = n->duties, .n_duties = COUNT_OF(n->duties), .jobs = n->jobs, .n_jobs = COUNT_OF(n->jobs), .intake = take_in, .intake_ahead = take_in_ahead,
		.topic = topic_of
	};
}

static int write_config(const struct node *n, bool shared, int version)
{
	static const char *const rates[CHANNELS] = { "rate_per_minute = 120; burst = 6", "rate_per_second = 20", "rate_per_second = 100" };
	OWN(file) FILE *out = fopen(n->file, "w");
	if (!out)
		return E_IO;
	fprintf(out, "data_dir = \"%s\";\ncontrol = \"%s/core.sock\";\ntimezone = \"Asia/Ho_Chi_Minh\";\ncountry = \"VN\";\n", n->data_dir,
		n->dir);
	if (shared)
		fputs("store = \"" MODEL_STORE_URI "\";\nnode = \"main\";\n", out);
	fputs("organisation = { name = \"MTTQ\"; unit = \"02269\"; reply_number = \"+84912345678\"; };\nchannels = (\n", out);
	for (int i = 0; i < CHANNELS; i++)
		fprintf(out,
			"{ name = \"%s\"; driver = \"exec\"; program = \"/bin/true\"; receipts = true; %s; settings = { n = %d; }; }%s\n",
			(const char *[]){ "sim1", "esms", "vendor" }[i], rates[i], i == 1 ? version : 0, i < CHANNELS - 1 ? "," : ");");
	fputs("webhooks = ( { name = \"" RECEIVER_NAME "\"; url = \"https://mot-cua.invalid/\"; secret = \"" SECRET_FILE "\"; events = [ \"message\", "
	      "\"inbound\" ]; in_flight = 4; } );\n",
	      out);
	return ferror(out) ? E_IO : 0;
}

/* Secrets stand beside the settings, readable by their owner alone. */
static int write_secret(const struct node *n)
{
	char path[160];
	snprintf(path, sizeof(path), "%s/secrets", n->dir);
	if (mkdir(path, 0700))
		return E_IO;
	snprintf(path, sizeof(path), "%s/secrets/" SECRET_FILE, n->dir);
	mode_t before = umask(077);
	OWN(file) FILE *out = fopen(path, "w");
	umask(before);
	return out && fputs(RECEIVER_SECRET, out) != EOF ? 0 : E_IO;
}

static int link_data(const struct node *n)
{
	static const char *const names[] = { "numbers", "keywords", "topics", "units", "holidays", "menus", "contexts", "providers" };
	char here[PATH_MAX - 64], from[PATH_MAX], to[160];
	if (!getcwd(here, sizeof(here)))
		return E_IO;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(from, sizeof(from), "%s/config/%s", here, names[i]);
		snprintf(to, sizeof(to), "%s/%s", n->dir, names[i]);
		if (symlink(from, to))
			return E_IO;
	}
	return 0;
}

static int complain(int r, const struct complaint *c)
{
	if (r)
		fprintf(stderr, "simulate: %s:%d %s %s\n", c->file, c->line, c->text, err_text(r));
	return r;
}

static int make_folder(struct world *w)
{
	struct node *n = &w->node;
	struct complaint c = { 0 };
	OWN(json) json_t *made = NULL;
	char key[160];
	struct local l = { .config = n->config, .clock = &w->clock, .random = &w->random };
	int r = complain(init_run(&l, NULL, &made, &c), &c);
	snprintf(key, sizeof(key), "%s/identity.key", n->data_dir);
	if (!r)
		r = seal_open(key, &n->seal);
	if (!r && disk_sync_all(n->disk))
		r = E_IO;
	return r;
}

int node_make(struct world *w)
{
	struct node *n = &w->node;
	struct complaint c = { 0 };
	snprintf(n->dir, sizeof(n->dir), "%s/caunoi-sim-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(n->dir) || disk_new(ROOT, &w->random, &n->disk))
		return E_IO;
	vfs_use(&w->clock, &w->random, n->disk);
	snprintf(n->data_dir, sizeof(n->data_dir), ROOT "/data");
	snprintf(n->file, sizeof(n->file), "%s/caunoi.conf", n->dir);
	int r = w->plan.postgresql_rules ? model_store_start(&w->clock, &w->random) : 0;
	if (!r)
		r = write_config(n, w->plan.postgresql_rules, 0);
	if (!r)
		r = link_data(n);
	if (!r)
		r = write_secret(n);
	if (!r)
		r = complain(config_load(n->file, true, &n->config, &c), &c);
	if (!r)
		r = zone_load(n->config->timezone, &n->zone);
	if (!r)
		r = complain(keywords_load(n->file, &n->keywords, &c), &c);
	if (!r)
		r = make_folder(w);
	wire(n);
	return r;
}

static void remove_folder(const struct node *n)
{
	static const char *const names[] = { "numbers", "keywords", "topics",	 "units",      "holidays",
					     "menus",	"contexts", "providers", "caunoi.conf", "secrets/" SECRET_FILE };
	char path[160];
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", n->dir, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/secrets", n->dir);
	rmdir(path);
	rmdir(n->dir);
}

void node_free(struct world *w)
{
	struct node *n = &w->node;
	core_free(n->core);
	store_close(n->db);
	n->core = NULL;
	seal_free(n->seal);
	zone_free(n->zone);
	keywords_free(n->keywords);
	config_free(n->config);
	vfs_use(&w->clock, &w->random, NULL);
	disk_free(n->disk);
	model_store_stop();
	remove_folder(n);
}

/* ---- one life ---- */

static int begin_life(struct world *w)
{
	struct node *n = &w->node;
	struct complaint c = { 0 };
	int r = store_open(n->config->store, n->data_dir, STORE_READ_WRITE, &n->db, &c);
	if (!r)
		r = store_lease(n->db, "main", "sim", &c);
	if (!r)
		r = core_new(&process_ops, w, n->config, n->db, n->seal, &w->clock, &w->random, &n->wiring, &n->core);
	if (r)
		return r;
	n->core->zone = n->zone;
	n->core->keywords = n->keywords;
	r = core_recover(n->core);
	return r ? r : supervisor_plan(n->core->supervisor, n->core, true);
}

/* The service manager starts a core again until its server answers and no other core is active. */
int node_start(struct world *w)
{
	struct node *n = &w->node;
	int r = begin_life(w);
	for (int i = 0; r && w->plan.postgresql_rules && !disk_fault_struck(n->disk) && i < ASK_TIMES; i++) {
		core_free(MOVE(n->core));
		store_close(MOVE(n->db));
		clock_advance(&w->clock, ASK_AGAIN_MS);
		w->figures.simulated_ms += ASK_AGAIN_MS;
		r = begin_life(w);
	}
	return r;
}

void node_let_server_fail(struct world *w, bool may)
{
	static const struct model_odds never, often = {
		.lost_at_begin = 40, .lost_inside = 60, .lost_at_commit = 60, .unknown = 80, .lease_taken = 15, .away_ms = 40000
	};
	if (w->plan.postgresql_rules)
		model_store_set_odds(may ? &often : &never);
}

static void leave(struct world *w)
{
	struct node *n = &w->node;
	processes_end_all(w);
	laws_close(w);
	core_free(n->core);
	store_close(n->db);
	n->core = NULL;
	n->db = NULL;
}

void node_die(struct world *w, bool power)
{
	disk_halt(w->node.disk);
	leave(w);
	disk_start(w->node.disk, power ? DISK_POWER_CUT : DISK_KILLED);
}

int node_tick(struct world *w)
{
	int64_t before = w->node.core->tick_n;
	int r = core_tick(w->node.core);
	w->figures.ticks++;
	w->figures.refused_ticks += !r && w->node.core->tick_n == before;
	return r;
}

int node_end(struct world *w)
{
	struct core *core = w->node.core;
	supervisor_kill_all(core->supervisor, core);
	int r = core_end(core);
	leave(w);
	return r;
}

int node_reload(struct world *w)
{
	struct node *n = &w->node;
	struct config *cfg = NULL;
	struct complaint c = { 0 };
	int r = write_config(n, w->plan.postgresql_rules, dice_below(&w->dice, 2));
	if (!r)
		r = complain(config_load(n->file, true, &cfg, &c), &c);
	if (!r)
		r = core_reload(n->core, cfg);
	if (r) {
		config_free(cfg);
		return r;
	}
	config_free(n->config);
	n->config = cfg;
	return 0;
}
