/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks the core and the query process for waiting requests. Queries wait while their process is started again and are
 * repeated once; a command is never repeated here: its key is the caller's. Called by web.c and visit.c. */
#include "console/web/uplink.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "console/web/events.h"
#include "console/web/visit.h"
#include "console/web/web.h"
#include "console/web/wire.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"

#define COMMAND_MS 75000 /* verbs that wait for an outcome take 60 s */
#define QUERY_MS 20000
#define HELD_MS 5000
#define FRESH_MS 15000 /* the core pings every 10 s */
#define ASK_MS 1000    /* while requests wait for the core it is asked whether it lives */
#define STALL_MS 5000
#define STEP_MS 200 /* a pause of our own is not the core's */
#define TRY_HELD_MS 50
#define TRY_MS 1000

struct uplink {
	struct web *web;
	struct wire wires[WIRE_COUNT];
	struct watch bell;
	pthread_mutex_t lock; /* first, last, stopped */
	struct visit *first, *last;
	bool stopped, core_gone;
	struct visit *held; /* queries while there is no query process */
	char query_path[108];
	int64_t tried_ms, now_ms;
	bool asking, stalled; /* a ping waits for its pong; in vain: the core is stopped or stuck */
	int64_t ask_at_ms, silent_ms;
	atomic_llong heard_ms;
	atomic_bool greeted;
};

static void give_up(void *self, struct visit *v)
{
	(void)self;
	visit_problem(v, 503, "unavailable", "",
		      v->wire == WIRE_CORE ? "the gateway does not answer now; whether it took the request is not known: repeat it with "
					     "the same Idempotency-Key"
					   : "queries are not answered now");
	visit_resume(v);
}

static void hold(struct uplink *u, struct visit *v)
{
	v->deadline_ms = u->now_ms + HELD_MS;
	v->next = u->held;
	u->held = v;
}

static void dispatch(struct uplink *u, struct visit *v)
{
	struct wire *w = &u->wires[v->wire];
	if (v->wire == WIRE_QUERY && !w->greeted && !u->stopped) {
		hold(u, v);
		return;
	}
	v->deadline_ms = u->now_ms + (v->wire == WIRE_CORE ? COMMAND_MS : QUERY_MS);
	if (!w->greeted || (v->wire == WIRE_CORE && u->stalled) || wire_send(w, v)) {
		visit_problem(v, 503, "unavailable", "", "the gateway is not ready now");
		visit_resume(v);
	}
}

static void bell_ready(void *self, uint32_t events)
{
	struct uplink *u = self;
	uint64_t n;
	(void)events;
	if (read(u->bell.fd, &n, sizeof(n)) < 0)
		return;
	pthread_mutex_lock(&u->lock);
	struct visit *v = u->first;
	u->first = u->last = NULL;
	pthread_mutex_unlock(&u->lock);
	while (v) {
		struct visit *next = v->next;
		v->next = NULL;
		dispatch(u, v);
		v = next;
	}
	for (int i = 0; i < WIRE_COUNT; i++)
		wire_flush(&u->wires[i]);
}

void uplink_put(struct uplink *u, struct visit *v)
{
	const uint64_t one = 1;
	v->next = NULL;
	pthread_mutex_lock(&u->lock);
	bool stopped = u->stopped, first = !u->first;
	if (!stopped) {
		if (u->last)
			u->last->next = v;
		else
			u->first = v;
		u->last = v;
	}
	pthread_mutex_unlock(&u->lock);
	if (stopped)
		give_up(u, v);
	else if (first && write(u->bell.fd, &one, sizeof(one)) < 0)
		log_warn("uplink.bell", "failed");
}

/* ---- what comes by itself ---- */

static void core_hello(struct uplink *u, const json_t *f)
{
	const char *path = json_str(f, "query", "");
	if (strlen(path) < sizeof(u->query_path))
		memcpy(u->query_path, path, strlen(path) + 1);
	u->wires[WIRE_CORE].greeted = true;
	atomic_store(&u->greeted, true);
}

static void pong(struct wire *w, const json_t *ping)
{
	OWN(buffer) struct buffer line = { 0 };
	if (!buffer_printf(&line, "{\"op\":\"pong\",\"n\":%lld}\n", (long long)json_int(ping, "n", 0)))
		wire_say(w, buffer_text(&line), buffer_left(&line));
}

static void core_said(void *self, const char *line, size_t n_bytes)
{
	struct uplink *u = self;
	OWN(json) json_t *f = NULL;
	if (json_parse(line, n_bytes, &f)) {
		log_warn("uplink.garbage", "wire=core bytes=%zu", n_bytes);
		return;
	}
	const char *op = json_str(f, "op", "");
	atomic_store(&u->heard_ms, clock_mono_ms(u->web->clock));
	if (!strcmp(op, "hello"))
		core_hello(u, f);
	else if (!strcmp(op, "ping"))
		pong(&u->wires[WIRE_CORE], f);
	else if (!strcmp(op, "pong"))
		u->asking = u->stalled = false;
	else if (!strcmp(op, "changed"))
		events_changed(u->web->events, json_int(f, "seq", 0), json_object_get(f, "nouns"));
}

static void core_closed(void *self)
{
	struct uplink *u = self;
	u->core_gone = true;
	atomic_store(&u->greeted, false);
}

static void query_said(void *self, const char *line, size_t n_bytes)
{
	struct uplink *u = self;
	OWN(json) json_t *f = NULL;
	if (json_parse(line, n_bytes, &f))
		return;
	const char *op = json_str(f, "op", "");
	if (!strcmp(op, "ping"))
		pong(&u->wires[WIRE_QUERY], f);
	if (strcmp(op, "hello"))
		return;
	u->wires[WIRE_QUERY].greeted = true;
	struct visit *v = u->held;
	u->held = NULL;
	while (v) {
		struct visit *next = v->next;
		v->next = NULL;
		dispatch(u, v);
		v = next;
	}
	wire_flush(&u->wires[WIRE_QUERY]);
}

/* A query that has answered nothing yet may be asked once more; one that killed its process twice may not. */
static void ask_again(void *self, struct visit *v)
{
	struct uplink *u = self;
	if (v->asked_again || v->rows || u->stopped) {
		give_up(u, v);
		return;
	}
	v->asked_again = true;
	hold(u, v);
}

static void query_closed(void *self)
{
	struct uplink *u = self;
	wire_recall(&u->wires[WIRE_QUERY], INT64_MAX, ask_again, u);
	u->tried_ms = u->now_ms;
}

static void connect_query(struct uplink *u)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	u->tried_ms = u->now_ms;
	if (!u->query_path[0])
		return;
	memcpy(at.sun_path, u->query_path, sizeof(at.sun_path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) || wire_connect(&u->wires[WIRE_QUERY], fd))
		close(fd);
}

/* ---- times ---- */

static void tend_held(struct uplink *u)
{
	struct visit **at = &u->held;
	while (*at) {
		struct visit *v = *at;
		if (v->deadline_ms > u->now_ms) {
			at = &v->next;
			continue;
		}
		*at = v->next;
		give_up(u, v);
	}
}

/* A core that is stopped or stuck is found out here, so that nobody waits for it as long as for a slow command. */
static void tend_core(struct uplink *u, int64_t step_ms)
{
	static const char ping[] = "{\"op\":\"ping\",\"n\":1}\n";
	struct wire *w = &u->wires[WIRE_CORE];
	if (!w->greeted)
		return;
	if (!u->asking) {
		if (w->n_free == WIRE_PENDING_MAX || u->now_ms < u->ask_at_ms)
			return;
		u->asking = true;
		u->silent_ms = 0;
		u->ask_at_ms = u->now_ms + ASK_MS;
		wire_say(w, ping, sizeof(ping) - 1);
		wire_flush(w);
		return;
	}
	u->silent_ms += step_ms < STEP_MS ? step_ms : STEP_MS;
	if (u->silent_ms <= STALL_MS || u->stalled)
		return;
	u->stalled = true;
	atomic_store(&u->heard_ms, u->now_ms - FRESH_MS);
	log_warn("uplink.stalled", "silent_ms=%lld", (long long)u->silent_ms);
	wire_recall(w, INT64_MAX, give_up, u);
}

bool uplink_tend(struct uplink *u, int64_t mono_ms)
{
	int64_t step_ms = mono_ms - u->now_ms;
	u->now_ms = mono_ms;
	tend_core(u, step_ms);
	if (u->wires[WIRE_QUERY].watch.fd < 0 && mono_ms - u->tried_ms >= (u->held ? TRY_HELD_MS : TRY_MS))
		connect_query(u);
	tend_held(u);
	for (int i = 0; i < WIRE_COUNT; i++)
		wire_recall(&u->wires[i], mono_ms, give_up, u);
	return !u->core_gone;
}

bool uplink_healthy(const struct uplink *u, int64_t mono_ms)
{
	return atomic_load(&u->greeted) && mono_ms - atomic_load(&u->heard_ms) < FRESH_MS;
}

int uplink_new(struct web *web, int core, struct uplink **ret)
{
	struct uplink *u = calloc(1, sizeof(*u));
	if (!u) {
		close(core);
		return E_NOMEM;
	}
	u->web = web;
	pthread_mutex_init(&u->lock, NULL);
	u->bell = (struct watch){ .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), .ready = bell_ready, .self = u };
	int r = u->bell.fd < 0 ? E_IO : reactor_add(web->reactor, &u->bell, EPOLLIN);
	for (int i = 0; !r && i < WIRE_COUNT; i++) {
		r = wire_init(&u->wires[i], web->reactor);
		u->wires[i].self = u;
		u->wires[i].said = i == WIRE_CORE ? core_said : query_said;
		u->wires[i].closed = i == WIRE_CORE ? core_closed : query_closed;
	}
	if (!r)
		r = wire_connect(&u->wires[WIRE_CORE], core);
	if (r)
		uplink_free(u);
	else
		*ret = u;
	return r;
}

void uplink_stop(struct uplink *u)
{
	pthread_mutex_lock(&u->lock);
	u->stopped = true;
	struct visit *v = u->first;
	u->first = u->last = NULL;
	pthread_mutex_unlock(&u->lock);
	while (v) {
		struct visit *next = v->next;
		give_up(u, v);
		v = next;
	}
	while ((v = u->held)) {
		u->held = v->next;
		give_up(u, v);
	}
	for (int i = 0; i < WIRE_COUNT; i++)
		wire_recall(&u->wires[i], INT64_MAX, give_up, u);
}

void uplink_free(struct uplink *u)
{
	if (!u)
		return;
	for (int i = 0; i < WIRE_COUNT; i++)
		wire_done(&u->wires[i]);
	reactor_drop(&u->bell);
	pthread_mutex_destroy(&u->lock);
	free(u);
}
