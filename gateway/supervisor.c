/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which child should run, since when it is silent, when it may start again. Called by core.c after each tick and by loop.c for
 * children that ended; never forks itself. */
#include "gateway/supervisor.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/seal.h"
#include "gateway/core.h"

#define CHILDREN_MAX (2 * CHANNELS_MAX + 2 * WEBHOOKS_MAX + 2) /* with those of channels taken out that have not ended */
#define BACKOFF_FIRST_MS 200
#define BACKOFF_CAP_MS 30000
#define ENDS_A_MINUTE 5
#define PING_EVERY_MS 10000
#define PONG_LIMIT_MS 10000

struct child {
	enum peer_kind kind;
	int channel;   /* drivers and webhooks: place among the core's; -1: taken out, it only has to end */
	pid_t pid;     /* 0 = not running */
	int64_t peer;
	int64_t start_at_mono_ms, started_mono_ms, backoff_ms;
	int64_t ends[ENDS_A_MINUTE]; /* when it ended lately */
	int n_ends;
	bool killed;
	bool renewed; /* killed to begin anew: that is no failure, and it is not waited for */
};

struct supervisor {
	struct child children[CHILDREN_MAX];
	int n;
	bool stopping;
};

int supervisor_new(struct supervisor **ret)
{
	struct supervisor *s = calloc(1, sizeof(*s));
	if (!s)
		return E_NOMEM;
	*ret = s;
	return 0;
}

void supervisor_free(struct supervisor *s)
{
	free(s);
}

static void add(struct supervisor *s, enum peer_kind kind, int channel)
{
	if (s->n < CHILDREN_MAX)
		s->children[s->n++] = (struct child){ .kind = kind, .channel = channel, .backoff_ms = BACKOFF_FIRST_MS };
}

int supervisor_plan(struct supervisor *s, struct core *core, bool web)
{
	add(s, PEER_QUERY, -1);
	for (int i = 0; i < core->n_channels; i++)
		add(s, PEER_DRIVER, i);
	for (int i = 0; i < core->n_webhooks; i++)
		add(s, PEER_WEBHOOK, i);
	if (web)
		add(s, PEER_WEB, -1);
	return 0;
}

pid_t supervisor_web_pid(const struct supervisor *s)
{
	for (int i = 0; i < s->n; i++)
		if (s->children[i].kind == PEER_WEB)
			return s->children[i].pid;
	return 0;
}

static struct child *of_pid(struct supervisor *s, pid_t pid)
{
	for (int i = 0; i < s->n; i++)
		if (s->children[i].pid == pid && pid > 0)
			return &s->children[i];
	return NULL;
}

static struct child *of_peer(struct supervisor *s, int64_t peer)
{
	for (int i = 0; i < s->n; i++)
		if (s->children[i].peer == peer && s->children[i].pid > 0)
			return &s->children[i];
	return NULL;
}

static bool is_out(const struct child *c)
{
	return (c->kind == PEER_DRIVER || c->kind == PEER_WEBHOOK) && c->channel < 0;
}

static const char *name_of(const struct core *core, const struct child *c)
{
	if (is_out(c))
		return "(taken out)";
	if (c->kind == PEER_WEBHOOK)
		return core->webhooks[c->channel].config->name;
	return c->kind == PEER_DRIVER ? core->channels[c->channel].config->name : c->kind == PEER_WEB ? "web" : "query";
}

static json_t *webhook_hello(const struct webhook_config *cfg)
{
	return json_pack("{s:s,s:i,s:s,s:O,s:{s:s}}", "op", "hello", "version", 1, "channel", cfg->name, "config", cfg->settings, "secrets", "webhook",
			 cfg->secret);
}

static json_t *hello_of(struct core *core, const struct child *c)
{
	if (c->kind == PEER_WEBHOOK)
		return webhook_hello(core->webhooks[c->channel].config);
	if (c->kind != PEER_DRIVER)
		return json_pack("{s:s,s:i,s:i,s:s}", "op", "hello", "version", 1, "schema", STORE_SCHEMA, "query", core->config->query);
	const struct channel_config *cfg = core->channels[c->channel].config;
	OWN(json) json_t *secrets = cfg->secrets ? json_deep_copy(cfg->secrets) : json_object();
	if (secrets && !strcmp(cfg->driver, "loopback")) {
		/* the simulated phones keep what they heard in a sealed file beside the database */
		uint8_t key[32];
		char hex[65], purpose[64];
		snprintf(purpose, sizeof(purpose), "loopback %s", cfg->name);
		seal_derive(core->seal, purpose, key);
		for (size_t i = 0; i < sizeof(key); i++)
			snprintf(hex + 2 * i, 3, "%02x", key[i]);
		json_set_str(secrets, "journal_key", hex);
	}
	sim_withhold_pin(core, &core->channels[c->channel], secrets);
	json_t *config = json_deep_copy(cfg->settings);
	if (config)
		json_set_str(config, "data_dir", core->config->data_dir);
	return json_pack("{s:s,s:i,s:s,s:o,s:O}", "op", "hello", "version", 1, "channel", cfg->name, "config", config, "secrets", secrets);
}

static int say(struct peer *p, json_t *frame)
{
	OWN(json) json_t *f = frame;
	OWN(buffer) struct buffer line = { 0 };
	int r = f ? json_put_line(&line, f) : E_NOMEM;
	return r ? r : peer_output(p, line.data, line.n_bytes, 0);
}

static int run_program(struct core *core, struct child *c, struct peer *p)
{
	const struct config *cfg = core->config;
	char web_pid[16];
	snprintf(web_pid, sizeof(web_pid), "%d", (int)supervisor_web_pid(core->supervisor));
	if (c->kind == PEER_QUERY) {
		char *const argv[] = { (char *)"caunoi-query", (char *)"--config", cfg->file, (char *)"--socket", cfg->query, (char *)"--web-pid", web_pid,
				       core->checking ? (char *)"--check" : NULL, NULL };
		return core->ops->start(core->loop, p, "caunoi-query", argv, &c->pid);
	}
	if (c->kind == PEER_WEB) {
		char *const argv[] = { (char *)"caunoi-web", (char *)"--config", cfg->file, NULL };
		return core->ops->start(core->loop, p, "caunoi-web", argv, &c->pid);
	}
	if (c->kind == PEER_WEBHOOK) {
		char *const argv[] = { (char *)"caunoi-http", NULL };
		return core->ops->start(core->loop, p, "caunoi-http", argv, &c->pid);
	}
	const struct channel_config *ch = core->channels[c->channel].config;
	if (!strcmp(ch->driver, "exec")) {
		char *argv[66] = { ch->program };
		for (int i = 0; ch->arguments && ch->arguments[i] && i < 64; i++)
			argv[i + 1] = ch->arguments[i];
		return core->ops->start(core->loop, p, ch->program, argv, &c->pid);
	}
	char program[32];
	snprintf(program, sizeof(program), "caunoi-%s", ch->driver);
	char *const argv[] = { program, NULL };
	return core->ops->start(core->loop, p, program, argv, &c->pid);
}

static void delay(struct child *c, int64_t mono_ms)
{
	if (c->renewed) {
		c->renewed = false;
		c->start_at_mono_ms = mono_ms;
		return;
	}
	if (c->started_mono_ms && mono_ms - c->started_mono_ms > 60000)
		c->backoff_ms = BACKOFF_FIRST_MS;
	c->start_at_mono_ms = mono_ms + c->backoff_ms;
	c->backoff_ms = c->backoff_ms * 2 > BACKOFF_CAP_MS ? BACKOFF_CAP_MS : c->backoff_ms * 2;
	for (int i = ENDS_A_MINUTE - 1; i > 0; i--)
		c->ends[i] = c->ends[i - 1];
	c->ends[0] = mono_ms;
	c->n_ends = c->n_ends < ENDS_A_MINUTE ? c->n_ends + 1 : c->n_ends;
	if (c->n_ends == ENDS_A_MINUTE && mono_ms - c->ends[ENDS_A_MINUTE - 1] < 60000)
		c->start_at_mono_ms = mono_ms + 60000;
}

static void start(struct core *core, struct child *c, int64_t mono_ms)
{
	struct peer *p = core_peer_add(core, c->kind);
	if (!p)
		return;
	p->channel = c->kind == PEER_DRIVER ? c->channel : -1;
	c->killed = false;
	c->started_mono_ms = mono_ms;
	int r = say(p, hello_of(core, c));
	if (!r)
		r = run_program(core, c, p);
	if (r) {
		log_error("child.start", "child=%s error=%s", name_of(core, c), err_text(r));
		c->pid = 0;
		delay(c, mono_ms);
		core_peer_gone(core, p);
		return;
	}
	p->pid = c->pid;
	c->peer = p->id;
	if (c->kind == PEER_DRIVER)
		core->channels[c->channel].peer = p->id;
	if (c->kind == PEER_WEBHOOK)
		core->webhooks[c->channel].peer = p->id;
	log_info("child.started", "child=%s pid=%d", name_of(core, c), (int)c->pid);
	if (c->kind != PEER_WEB)
		return;
	for (struct peer *q = core->peers; q; q = q->next)
		if (q->kind == PEER_QUERY && say(q, json_pack("{s:s,s:i}", "op", "web", "pid", (int)c->pid)))
			peer_doom(q, "out of memory");
}

static void kill_child(struct core *core, struct child *c, const char *why)
{
	if (c->pid <= 0 || c->killed)
		return;
	log_warn("child.killed", "child=%s reason=%s", name_of(core, c), why);
	if (c->kind == PEER_DRIVER && c->channel >= 0) {
		trouble_note(&core->channels[c->channel], "driver killed: %s", why);
	}
	c->killed = true;
	core->ops->kill(core->loop, c->pid, SIGKILL);
}

static void watch(struct core *core, struct child *c, int64_t mono_ms)
{
	struct peer *p = core_peer_find(core, c->peer);
	if (!p) {
		kill_child(core, c, "its connection ended");
		return;
	}
	if (p->doomed) {
		kill_child(core, c, p->why);
		return;
	}
	/* its pong may stand behind frames that we have not come to */
	if (p->ping_sent_mono_ms > p->pong_mono_ms && mono_ms - p->ping_sent_mono_ms > PONG_LIMIT_MS && !peer_has_line(p)) {
		kill_child(core, c, "no pong for 10 s");
		return;
	}
	int64_t last = p->ping_sent_mono_ms > c->started_mono_ms ? p->ping_sent_mono_ms : c->started_mono_ms;
	if (p->ping_sent_mono_ms <= p->pong_mono_ms && mono_ms - last > PING_EVERY_MS) {
		p->ping_sent_mono_ms = mono_ms;
		if (say(p, json_pack("{s:s,s:I}", "op", "ping", "n", (json_int_t)++p->ping_n)))
			peer_doom(p, "out of memory");
	}
	if (c->kind != PEER_DRIVER || c->channel < 0)
		return;
	struct channel *ch = &core->channels[c->channel];
	if (channel_overdue(ch, mono_ms))
		kill_child(core, c, "an attempt passed its deadline");
}

void supervisor_tend(struct supervisor *s, struct core *core)
{
	int64_t mono_ms = clock_mono_ms(core->clock);
	if (!core->accepting)
		return;
	for (int i = 0; i < s->n; i++) {
		struct child *c = &s->children[i];
		if (c->pid > 0)
			watch(core, c, mono_ms);
		else if (is_out(c))
			s->children[i--] = s->children[--s->n];
		else if (!s->stopping && mono_ms >= c->start_at_mono_ms && !core_peer_find(core, c->peer))
			start(core, c, mono_ms);
	}
}

void supervisor_reaped(struct supervisor *s, struct core *core, pid_t pid, int status)
{
	struct child *c = of_pid(s, pid);
	if (!c)
		return;
	log_info("child.ended", "child=%s pid=%d status=0x%x", name_of(core, c), (int)pid, (unsigned)status);
	c->pid = 0;
	delay(c, clock_mono_ms(core->clock));
	if (c->kind == PEER_DRIVER && c->channel >= 0 && !s->stopping) {
		struct channel *ch = &core->channels[c->channel];
		if (!c->killed)
			trouble_note(ch, "driver ended (status 0x%x), starting again", (unsigned)status);
		ch->dirty = true;
	}
}

void supervisor_pong(struct supervisor *s, struct core *core, struct peer *p, const char *busy, long long busy_ms)
{
	struct child *c = of_peer(s, p->id);
	p->pong_mono_ms = clock_mono_ms(core->clock);
	if (!c || !busy[0] || c->kind != PEER_DRIVER || c->channel < 0)
		return;
	struct channel *ch = &core->channels[c->channel];
	double limit_s = json_num(ch->limits, busy, 0);
	if (limit_s > 0 && (double)busy_ms > limit_s * 1000)
		kill_child(core, c, "an operation passed its limit");
}

void supervisor_stop(struct supervisor *s, struct core *core)
{
	s->stopping = true;
	for (struct peer *p = core->peers; p; p = p->next)
		if (p->kind == PEER_DRIVER && say(p, json_pack("{s:s}", "op", "stop")))
			peer_doom(p, "out of memory");
}

void supervisor_kill_all(struct supervisor *s, struct core *core)
{
	for (int i = 0; i < s->n; i++)
		if (s->children[i].pid > 0)
			core->ops->kill(core->loop, s->children[i].pid, SIGKILL);
}

void supervisor_kill_query(struct supervisor *s, struct core *core)
{
	for (int i = 0; i < s->n; i++)
		if (s->children[i].kind == PEER_QUERY)
			kill_child(core, &s->children[i], "held the log open");
}

static bool has_child(const struct supervisor *s, int channel)
{
	for (int i = 0; i < s->n; i++)
		if (s->children[i].kind == PEER_DRIVER && s->children[i].channel == channel)
			return true;
	return false;
}

void supervisor_reindex(struct supervisor *s, struct core *core, const int *to)
{
	if (!s->n)
		return;
	for (int i = 0; i < s->n; i++) {
		struct child *c = &s->children[i];
		if (c->kind != PEER_DRIVER || c->channel < 0)
			continue;
		c->channel = to[c->channel];
		if (c->channel < 0)
			kill_child(core, c, "its channel was taken out");
	}
	for (int i = 0; i < core->n_channels; i++)
		if (!has_child(s, i))
			add(s, PEER_DRIVER, i);
}

bool supervisor_hand_secrets(struct supervisor *s, struct core *core, int channel)
{
	const struct channel_config *cfg = core->channels[channel].config;
	if (strcmp(cfg->driver, "http") != 0 || !core->channels[channel].ready)
		return false;
	for (int i = 0; i < s->n; i++) {
		struct child *c = &s->children[i];
		struct peer *p = c->kind == PEER_DRIVER && c->channel == channel && c->pid > 0 ? core_peer_find(core, c->peer) : NULL;
		if (p)
			return !say(p, json_pack("{s:s,s:O}", "op", "secrets", "secrets", cfg->secrets));
	}
	return false;
}

void supervisor_restart_channel(struct supervisor *s, struct core *core, int channel)
{
	for (int i = 0; i < s->n; i++)
		if (s->children[i].kind == PEER_DRIVER && s->children[i].channel == channel)
			kill_child(core, &s->children[i], "configuration changed");
}

void supervisor_plan_webhooks(struct supervisor *s, struct core *core, unsigned changed)
{
	unsigned there = 0;
	if (!s->n)
		return;
	for (int i = 0; i < s->n; i++) {
		struct child *c = &s->children[i];
		if (c->kind != PEER_WEBHOOK || c->channel < 0)
			continue;
		if (c->channel < core->n_webhooks) {
			there |= 1u << c->channel;
			if (changed >> c->channel & 1)
				kill_child(core, c, "configuration changed");
			continue;
		}
		c->channel = -1;
		kill_child(core, c, "its webhook was taken out");
	}
	for (int i = 0; i < core->n_webhooks; i++)
		if (!(there >> i & 1))
			add(s, PEER_WEBHOOK, i);
}

static void restart(struct supervisor *s, struct core *core, enum peer_kind kind)
{
	for (int i = 0; i < s->n; i++)
		if (s->children[i].kind == kind && s->children[i].pid > 0) {
			s->children[i].renewed = true;
			kill_child(core, &s->children[i], "configuration changed");
		}
}

void supervisor_restart_web(struct supervisor *s, struct core *core)
{
	restart(s, core, PEER_WEB);
	restart(s, core, PEER_QUERY);
}

void supervisor_restart_query(struct supervisor *s, struct core *core)
{
	restart(s, core, PEER_QUERY);
}

bool supervisor_empty(const struct supervisor *s)
{
	for (int i = 0; i < s->n; i++)
		if (s->children[i].pid > 0)
			return false;
	return true;
}
