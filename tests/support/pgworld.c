/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting the parts together and keeping them busy. Called by the fault tests with a real server. */
#include "tests/support/pgworld.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"

#define STEP_MS 2
#define PAUSE_MS 15
#define SECOND "second"
#define COMMAND_MS 300

int pgworld_number(const char *name, int otherwise)
{
	const char *text = getenv(name);
	return text && *text ? (int)strtol(text, NULL, 10) : otherwise;
}

static struct random seed(void)
{
	uint64_t fresh;
	const char *given = getenv("CAUNOI_SEED");
	struct random real = random_real();
	random_fill(&real, &fresh, sizeof(fresh));
	fresh = given && *given ? strtoull(given, NULL, 10) : fresh % 1000000000;
	fprintf(stderr, "CAUNOI_SEED=%llu\n", (unsigned long long)fresh);
	return random_seeded(fresh);
}

/* ---- the gateway ---- */

void pgworld_set_store(const struct gateway *g, const char *uri)
{
	static const char key[] = "store = ";
	OWN(buffer) struct buffer out = { 0 };
	char line[ENGINE_URI_MAX + 64];
	OWN(file) FILE *f = fopen(g->config, "r+");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		assert_int_equal(strncmp(line, key, sizeof(key) - 1) ? buffer_puts(&out, line) : buffer_printf(&out, "%s\"%s\";\n", key, uri), 0);
	rewind(f);
	assert_int_equal(ftruncate(fileno(f), 0), 0);
	assert_true(fputs(buffer_text(&out), f) >= 0);
}

static void go_by_wire(struct pgworld *w)
{
	char uri[ENGINE_URI_MAX];
	snprintf(uri, sizeof(uri), "postgresql://caunoi@127.0.0.1:%d/caunoi?options=-csearch_path%%3D%s", w->proxy.port, w->g->engine.schema);
	pgworld_set_store(w->g, uri);
}

void pgworld_campaigns(struct pgworld *w, int people)
{
	int first = people * 2 / 3, rest = people - first;
	gateway_people(w->g, "api", 0, first);
	gateway_people(w->g, "once", 5000000, rest);
	gateway_campaign(w->g, "api", "api", "Tin BHYT moi cua xa. Tu choi: TC", first);
	gateway_campaign(w->g, "once", "once", "Lich tiem phong cua xa. Tu choi: TC", rest);
	w->load->imported += people;
	w->load->started += 2;
}

static void make_gateway(struct pgworld *w, const struct pgworld_options *o)
{
	static const char *const modem[] = { "--send-ms", "60", NULL };
	char uri[PGSERVER_URI_MAX];
	OWN(mem) char *more = NULL;
	pgserver_uri(&w->server, o->standby ? &w->second : NULL, uri);
	setenv("CAUNOI_TEST_STORE", uri, 1);
	assert_true(asprintf(&more, "node = \"mot\";\n%s", o->more ? o->more : "") > 0);
	w->g = gateway_new(&(struct gateway_options){ .channels = o->modem ? load_channels : load_channels_no_modem, .more = more,
						      .modem_arguments = modem, .no_init = true });
	if (o->proxied)
		go_by_wire(w);
	gateway_init(w->g);
	w->load = load_new(w->g);
	simapi_tell(&w->g->api, "{\"op\":\"mode\",\"latency_ms\":25}");
	simapi_tell(&w->g->once, "{\"op\":\"mode\",\"latency_ms\":25}");
}

struct pgworld *pgworld_new(const struct pgworld_options *o)
{
	struct pgworld *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	w->random = seed();
	pgserver_new(&w->server, o->room_bytes);
	if (o->standby)
		pgserver_clone(&w->second, &w->server, SECOND);
	if (o->proxied)
		pgproxy_new(&w->proxy, w->server.dir);
	make_gateway(w, o);
	gateway_start(w->g);
	if (o->people)
		pgworld_campaigns(w, o->people);
	w->epoch = gateway_scalar(w->g, "SELECT epoch FROM v_meta");
	return w;
}

void pgworld_free(struct pgworld *w)
{
	if (!w)
		return;
	load_free(w->load);
	if (w->g)
		w->g->engine.schema[0] = '\0'; /* goes with the server */
	gateway_free(w->g);
	pgproxy_free(&w->proxy);
	pgserver_free(&w->second);
	pgserver_free(&w->server);
	unsetenv("CAUNOI_TEST_STORE");
	free(w);
}

/* ---- another core ---- */

static void copy_key(const struct gateway *from, const struct gateway *to)
{
	char path[GATEWAY_PATH_MAX + 16], bytes[4096];
	snprintf(path, sizeof(path), "%s/identity.key", from->data);
	OWN(file) FILE *in = fopen(path, "r");
	snprintf(path, sizeof(path), "%s/identity.key", to->data);
	mode_t before = umask(077);
	if (mkdir(to->data, 0700))
		fail_msg("%s cannot be made", to->data);
	OWN(file) FILE *out = fopen(path, "w");
	umask(before);
	assert_true(in && out);
	size_t n = fread(bytes, 1, sizeof(bytes), in);
	assert_true(n > 0 && fwrite(bytes, 1, n, out) == n);
}

struct gateway *pgworld_join(struct pgworld *w, const char *node)
{
	OWN(mem) char *channels = NULL, *more = NULL;
	assert_true(asprintf(&channels,
			     "{ name = \"api\"; driver = \"http\"; provider = \"sim\"; base_url = \"http://127.0.0.1:%d\"; rate_per_second = 300; in_flight = 64; "
			     "retry = { first_s = 0.2; cap_s = 1; }; },{ name = \"once\"; driver = \"http\"; provider = \"sim-once\"; base_url = "
			     "\"http://127.0.0.1:%d\"; rate_per_second = 250; in_flight = 8; retry = { first_s = 0.2; cap_s = 1; }; },"
			     "{ name = \"may-ao\"; driver = \"loopback\"; rate_per_second = 1000; delivery_ms = 20; retry = { first_s = 0.2; cap_s = 1; }; }",
			     w->g->api.port, w->g->once.port) > 0);
	assert_true(asprintf(&more, "node = \"%s\";\n", node) > 0);
	struct gateway *other = gateway_new(&(struct gateway_options){ .channels = channels, .more = more, .no_init = true });
	engine_done(&other->engine);
	other->engine = w->g->engine;
	pgworld_set_store(other, w->g->engine.uri);
	copy_key(w->g, other);
	gateway_init(other);
	return other;
}

void pgworld_leave(struct gateway *other)
{
	if (!other)
		return;
	if (other->core > 0)
		kill(other->core, SIGCONT);
	other->engine.schema[0] = '\0'; /* the first core's */
	gateway_free(other);
}

/* ---- load ---- */

static void one_thing(struct pgworld *w)
{
	static const char *const channels[] = { "api", "once", "may-ao" };
	uint32_t dice = random_below(&w->random, 8);
	if (dice < 4)
		load_send(w->load, channels[random_below(&w->random, COUNT_OF(channels))]);
	else if (dice < 5)
		load_send_again(w->load);
	else
		load_say(w->load);
}

void pgworld_talk(struct pgworld *w, int ms)
{
	for (int64_t until = gateway_mono_ms() + ms; gateway_mono_ms() < until && w->g->control.fd >= 0;) {
		one_thing(w);
		load_take(w->load, STEP_MS);
		gateway_pause_ms((long)random_below(&w->random, PAUSE_MS));
	}
}

/* What was asked is answered, one way or the other, and a command is accepted. */
static void show_open(const struct load *l)
{
	for (size_t i = 0; i < LOAD_ASKED; i++)
		if (l->asked[i].kind != LOAD_NOTHING)
			fprintf(stderr, "without an answer: kind %d, id %lld\n", (int)l->asked[i].kind, (long long)l->asked[i].id);
}

void pgworld_wait_back(struct pgworld *w, int limit_ms)
{
	int64_t began = gateway_mono_ms(), took = 0, before = w->load->acknowledged[LOAD_SEND];
	for (bool quiet = false; !quiet || w->load->acknowledged[LOAD_SEND] == before; took = gateway_mono_ms() - began) {
		if (took > limit_ms) {
			show_open(w->load);
			fail_msg("%s within %d ms", quiet ? "no command was accepted" : "not everything that was asked was answered", limit_ms);
		}
		if (w->g->control.fd < 0 && !gateway_wait_ready(w->g, limit_ms))
			fail_msg("the core is gone");
		load_send(w->load, "may-ao");
		quiet = load_take(w->load, COMMAND_MS);
	}
	w->worst_back_ms = took > w->worst_back_ms ? took : w->worst_back_ms;
}

/* ---- judging ---- */

void pgworld_check(struct pgworld *w, int crashes, const char *where)
{
	if (waitpid(w->g->core, NULL, WNOHANG))
		fail_msg("%s: the core ended", where);
	load_check(w->load, crashes, where);
}

void pgworld_finish(struct pgworld *w, int limit_ms)
{
	assert_int_equal(gateway_scalar(w->g, "SELECT epoch FROM v_meta"), w->epoch);
	load_finish(w->load, limit_ms);
}
