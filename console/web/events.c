/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ring of events and the streams that wait for the next one. Both threads come here, under one lock. A stream ends after
 * ten minutes and when anybody's rights change: the browser comes back with its last id, and its token is looked at again. */
#include "console/web/events.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/web/api.h"
#include "console/web/visit.h"
#include "console/web/web.h"
#include "gateway/base/json.h"

#define KEPT 256
#define EVENT_BYTES 512
#define STREAMS_MAX 64
#define STREAM_MS 600000
#define BEAT_MS 15000

struct event {
	uint64_t seq;
	char text[EVENT_BYTES];
	size_t n_bytes;
};
struct events {
	const struct clock *clock;
	pthread_mutex_t lock;
	struct event *ring;
	uint64_t n, last_seq; /* events ever; the newest's */
	struct visit *streams;
	int n_streams;
	bool stopped;
	int64_t beat_ms;
};

int events_new(const struct clock *clock, struct events **ret)
{
	struct events *e = calloc(1, sizeof(*e));
	if (e)
		e->ring = calloc(KEPT, sizeof(*e->ring));
	if (!e || !e->ring) {
		free(e);
		return E_NOMEM;
	}
	e->clock = clock;
	pthread_mutex_init(&e->lock, NULL);
	*ret = e;
	return 0;
}

void events_free(struct events *e)
{
	if (!e)
		return;
	pthread_mutex_destroy(&e->lock);
	free(e->ring);
	free(e);
}

static void wake(struct events *e, bool beat)
{
	for (struct visit *v = e->streams; v; v = v->next) {
		v->stream_beat = v->stream_beat || beat;
		if (v->stream_waits) {
			v->stream_waits = false;
			MHD_resume_connection(v->connection);
		}
	}
}

/* Somebody's rights changed, or a session ended. */
static bool is_of_rights(const json_t *nouns)
{
	static const char *const rights[] = { "user", "session", "token" };
	size_t i;
	const json_t *noun;
	json_array_foreach(nouns, i, noun)
		for (size_t k = 0; k < COUNT_OF(rights); k++)
			if (json_is_string(noun) && !strcmp(json_string_value(noun), rights[k]))
				return true;
	return false;
}

/* Each comes back, and its session is looked at again. */
static void end_streams(struct events *e)
{
	for (struct visit *v = e->streams; v; v = v->next)
		v->stream_until_ms = 0;
}

void events_changed(struct events *e, int64_t seq, const json_t *nouns)
{
	OWN(mem) char *list = json_is_array(nouns) ? json_text(nouns) : strdup("[]");
	if (!list || seq <= 0)
		return;
	pthread_mutex_lock(&e->lock);
	struct event *slot = &e->ring[e->n % KEPT];
	int n = snprintf(slot->text, sizeof(slot->text), "id: %lld\nevent: changed\ndata: {\"seq\":%lld,\"nouns\":%s}\n\n", (long long)seq,
			 (long long)seq, strlen(list) < EVENT_BYTES - 128 ? list : "[]");
	slot->n_bytes = (size_t)n;
	slot->seq = e->last_seq = (uint64_t)seq;
	e->n++;
	if (is_of_rights(nouns))
		end_streams(e);
	wake(e, false);
	pthread_mutex_unlock(&e->lock);
}

void events_tend(struct events *e, int64_t mono_ms)
{
	if (mono_ms - e->beat_ms < BEAT_MS)
		return;
	e->beat_ms = mono_ms;
	pthread_mutex_lock(&e->lock);
	wake(e, true);
	pthread_mutex_unlock(&e->lock);
}

void events_stop(struct events *e)
{
	pthread_mutex_lock(&e->lock);
	e->stopped = true;
	wake(e, false);
	pthread_mutex_unlock(&e->lock);
}

/* The oldest kept event behind seq; NULL = none is newer. */
static const struct event *next_event(const struct events *e, uint64_t seq)
{
	uint64_t from = e->n > KEPT ? e->n - KEPT : 0;
	for (uint64_t i = from; i < e->n; i++)
		if (e->ring[i % KEPT].seq > seq)
			return &e->ring[i % KEPT];
	return NULL;
}

static ssize_t copy(char *out, size_t room, const char *text, size_t n)
{
	if (n > room)
		return 0;
	memcpy(out, text, n);
	return (ssize_t)n;
}

/* Called by the library whenever it can write; suspends the request when there is nothing to say. */
static ssize_t read_stream(void *self, uint64_t at, char *out, size_t room)
{
	struct visit *v = self;
	struct events *e = v->web->events;
	ssize_t n = 0;
	(void)at;
	pthread_mutex_lock(&e->lock);
	const struct event *next = next_event(e, v->seen_seq);
	if (e->stopped || clock_mono_ms(e->clock) > v->stream_until_ms) {
		n = MHD_CONTENT_READER_END_OF_STREAM;
	} else if (next) {
		n = copy(out, room, next->text, next->n_bytes);
		v->seen_seq = n > 0 ? next->seq : v->seen_seq;
	} else if (v->stream_beat) {
		v->stream_beat = false;
		n = copy(out, room, ": beat\n\n", 8);
	} else {
		v->stream_waits = true;
		MHD_suspend_connection(v->connection);
	}
	pthread_mutex_unlock(&e->lock);
	return n;
}

struct MHD_Response *events_response(struct events *e, struct visit *v)
{
	(void)e;
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1024, read_stream, v, NULL);
}

/* Where a stream begins: behind what the caller saw; when that is no longer kept (or was of another run of the core), the
 * whole ring, so that nothing is missed. */
static uint64_t begin_at(const struct events *e, const char *last_id)
{
	if (!last_id || !*last_id)
		return e->last_seq;
	char *end;
	unsigned long long seen = strtoull(last_id, &end, 10);
	return *end || seen > e->last_seq ? 0 : seen;
}

static bool enter(struct events *e, struct visit *v, const char *last_id)
{
	pthread_mutex_lock(&e->lock);
	bool room = e->n_streams < STREAMS_MAX;
	if (room) {
		v->stream_until_ms = clock_mono_ms(e->clock) + STREAM_MS;
		v->stream_beat = true; /* the head and a first line leave at once */
		v->seen_seq = begin_at(e, last_id);
		v->next = e->streams;
		e->streams = v;
		e->n_streams++;
		v->stream = true;
	}
	pthread_mutex_unlock(&e->lock);
	return room;
}

/* Whoever may ask for the status, or is known and may not, may listen. */
static bool status_heard(struct visit *v, const char *line, size_t n_bytes)
{
	OWN(json) json_t *f = NULL;
	json_t *error = NULL;
	if (!json_parse(line, n_bytes, &f))
		error = json_object_get(f, "error");
	if (!f || (error && json_int(error, "status", 0) != 403)) {
		visit_error(v, error);
	} else if (json_flag(f, "more", false) && json_is_null(json_object_get(f, "next"))) {
		return true;
	} else if (enter(v->web->events, v, v->id)) {
		v->answered = true;
		v->status = 200;
		v->type = EVENTS_TYPE;
	} else {
		visit_problem(v, 503, "too_many", "", "too many streams are open");
	}
	visit_resume(v);
	return false;
}

static bool run(struct visit *v)
{
	OWN(json) json_t *args = json_object();
	if (!args || api_query_frame(v, "status", args, status_heard)) {
		visit_problem(v, 503, "unavailable", "", "out of memory");
		return true;
	}
	v->id = visit_header(v, "Last-Event-ID"); /* stays while the request lasts */
	visit_ask(v);
	return false;
}

bool events_begin(struct visit *v)
{
	if (!visit_session(v))
		return true;
	v->run = run;
	return false;
}

void events_leave(struct events *e, struct visit *v)
{
	pthread_mutex_lock(&e->lock);
	struct visit **at = &e->streams;
	while (*at && *at != v)
		at = &(*at)->next;
	if (*at) {
		*at = v->next;
		e->n_streams--;
	}
	pthread_mutex_unlock(&e->lock);
}
