/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the library's callbacks to the endpoints and back. Called by web.c and front.c; the callbacks run on the library's
 * own thread. */
#include "console/web/site.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "console/web/api.h"
#include "console/web/events.h"
#include "console/web/hook.h"
#include "console/web/metrics.h"
#include "console/web/pages.h"
#include "console/web/relay.h"
#include "console/web/uplink.h"
#include "console/web/ussd.h"
#include "console/web/visit.h"
#include "console/web/web.h"
#include "gateway/base/log.h"

#define POOL_BYTES 24576    /* a connection's; a head is 16 KiB at most */
#define CONNECTIONS_MAX 272 /* those that the library has not yet seen closed among them */
/* 0.9.75 locks itself up for good when its own limit is reached: it must never be. */
#define LIBRARY_LIMIT 1000000u
#define STACK_BYTES ((size_t)512 * 1024)
#define API_BYTES_MAX (1 << 20)
#define HOOK_BYTES_MAX (256 * 1024)
#define DISCARD_BYTES_MAX 65536 /* a refused body up to this is read, so that the connection lives on */

struct site {
	struct web *web;
	struct MHD_Daemon *daemon;
	atomic_int n_connections;
};

/* ---- what stands where ---- */

static bool show_health(struct visit *v)
{
	static const char fine[] = "{\"status\":\"ok\"}\n";
	if (uplink_healthy(v->web->uplink, clock_mono_ms(v->web->clock)))
		visit_say(v, 200, JSON_TYPE, fine, sizeof(fine) - 1);
	else
		visit_problem(v, 503, "unavailable", "", "the gateway does not answer");
	return true;
}

static bool begin(struct visit *v)
{
	const struct target *t = &v->target;
	bool get = !strcmp(v->method, "GET") || !strcmp(v->method, "HEAD");
	if (t->n >= 3 && !strcmp(t->segments[0], "api") && !strcmp(t->segments[1], "v1"))
		return api_begin(v);
	if (t->n >= 1 && !strcmp(t->segments[0], "hooks"))
		return hook_begin(v);
	if (t->n >= 1 && !strcmp(t->segments[0], "ussd"))
		return ussd_begin(v);
	if (get && t->n == 1 && !strcmp(t->segments[0], "healthz"))
		return show_health(v);
	if (get && t->n == 1 && !strcmp(t->segments[0], "metrics"))
		return metrics_begin(v);
	if (!get || !pages_answer(v))
		pages_lost(v);
	return true;
}

static bool is_large_upload(const struct web *w, const char *method, const char *target, size_t n)
{
	char raw[256];
	struct target t;
	const char *id;
	if (n >= sizeof(raw) || strcmp(method, "POST") != 0 || n < 8 || memcmp(target, "/api/v1/", 8) != 0)
		return false;
	memcpy(raw, target, n);
	raw[n] = '\0';
	if (target_parse(raw, &t))
		return false;
	bool is = t.n > 2 && api_is_upload(api_verb(w->registry, method, t.segments + 2, t.n - 2, &id));
	target_done(&t);
	return is;
}

int64_t site_limit(struct web *w, const char *method, const char *target, size_t n_bytes, enum guest_class *ret_class)
{
	bool receipt, hook = n_bytes > 7 && !memcmp(target, "/hooks/", 7);
	const char *query = memchr(target, '?', n_bytes);
	bool ussd = n_bytes > 6 && !memcmp(target, "/ussd/", 6);
	*ret_class = (hook && hook_find(w, target, n_bytes, &receipt)) || (ussd && ussd_find(w, target, n_bytes)) ? GUEST_HOOK : GUEST_API;
	if (hook || ussd)
		return HOOK_BYTES_MAX;
	return is_large_upload(w, method, target, query ? (size_t)(query - target) : n_bytes) ? -1 : API_BYTES_MAX;
}

/* ---- the library's callbacks ---- */

static void *on_target(void *self, const char *uri, struct MHD_Connection *connection)
{
	struct site *s = self;
	struct visit *v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	v->web = s->web;
	v->connection = connection;
	int r = target_parse(uri, &v->target);
	if (!r)
		return v;
	if (r == E_NOT_FOUND)
		visit_problem(v, 404, "not_found", "", "no such path");
	else
		visit_problem(v, 503, "unavailable", "", "out of memory");
	return v;
}

static void read_ticket(struct visit *v)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(v->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (info && info->client_addr && info->client_addr->sa_family == AF_UNIX)
		memcpy(&v->ticket, ((const struct sockaddr_un *)info->client_addr)->sun_path, sizeof(v->ticket));
}

/* A refusal of a small body waits until the body is read: then the connection can be used again. */
static bool answers_at_once(struct visit *v)
{
	const char *length = visit_header(v, "Content-Length");
	return visit_header(v, "Transfer-Encoding") || visit_header(v, "Expect") ||
	       (length && strtoll(length, NULL, 10) > DISCARD_BYTES_MAX);
}

static int first_call(struct visit *v, const char *method)
{
	v->begun = true;
	snprintf(v->method, sizeof(v->method), "%s", method);
	read_ticket(v);
	bool refused = v->answered || begin(v);
	return refused && answers_at_once(v) ? visit_respond(v) : MHD_YES;
}

static int body_call(struct visit *v, const char *data, size_t *n_bytes)
{
	if (v->answered) {
		*n_bytes = 0;
		return MHD_YES;
	}
	if (v->take) {
		v->take(v, data, n_bytes);
		return MHD_YES;
	}
	int r = buffer_put(&v->body, data, *n_bytes);
	*n_bytes = 0;
	return r ? MHD_NO : MHD_YES;
}

static int last_call(struct visit *v)
{
	if (!v->answered) {
		v->whole = true;
		if (!v->run(v))
			return MHD_YES;
	}
	return visit_respond(v);
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
				  const char *data, size_t *n_bytes, void **visit)
{
	struct visit *v = *visit;
	(void)self;
	(void)connection;
	(void)url;
	(void)version;
	if (!v)
		return MHD_NO;
	if (!v->begun)
		return (enum MHD_Result)first_call(v, method);
	return (enum MHD_Result)(*n_bytes ? body_call(v, data, n_bytes) : last_call(v));
}

static void on_completed(void *self, struct MHD_Connection *connection, void **visit, enum MHD_RequestTerminationCode why)
{
	struct site *s = self;
	struct visit *v = *visit;
	(void)connection;
	(void)why;
	if (!v)
		return;
	*visit = NULL;
	if (v->stream)
		events_leave(s->web->events, v);
	if (v->status >= 200 && v->status < 600)
		atomic_fetch_add(&s->web->counts.by_class[v->status / 100], 1);
	if (v->begun)
		front_completed(s->web->front, &v->ticket);
	visit_free(v);
}

static void on_connection(void *self, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode what)
{
	struct site *s = self;
	(void)connection;
	(void)context;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED)
		atomic_fetch_sub(&s->n_connections, 1);
}

static void on_log(void *self, const char *fmt, va_list ap)
{
	char text[256];
	(void)self;
	vsnprintf(text, sizeof(text), fmt, ap);
	log_debug("site.library", "%s", text);
}

/* Paths and arguments are decoded by their readers, from the target as it came. */
static size_t keep(void *self, struct MHD_Connection *connection, char *text)
{
	(void)self;
	(void)connection;
	return strlen(text);
}

int site_start(struct web *web, struct site **ret)
{
	struct site *s = calloc(1, sizeof(*s));
	if (!s)
		return E_NOMEM;
	s->web = web;
	unsigned flags = MHD_USE_POLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
			 MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	s->daemon =
		MHD_start_daemon(flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, s, MHD_OPTION_NOTIFY_COMPLETED,
				 on_completed, s, MHD_OPTION_URI_LOG_CALLBACK, on_target, s, MHD_OPTION_UNESCAPE_CALLBACK, keep, s,
				 MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_CONNECTION_LIMIT, LIBRARY_LIMIT,
				 MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_CONNECTION_TIMEOUT, 0u,
				 MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (!s->daemon) {
		free(s);
		return E_IO;
	}
	*ret = s;
	return 0;
}

void site_stop(struct site *s)
{
	if (!s)
		return;
	MHD_stop_daemon(s->daemon);
	free(s);
}

int site_serve(struct site *s, int fd, const struct front_ticket *ticket)
{
	struct sockaddr_un from = { .sun_family = AF_UNIX };
	if (atomic_load(&s->n_connections) >= CONNECTIONS_MAX) {
		close(fd);
		return E_AGAIN;
	}
	memcpy(from.sun_path, ticket, sizeof(*ticket));
	atomic_fetch_add(&s->n_connections, 1);
	if (MHD_add_connection(s->daemon, fd, (const struct sockaddr *)&from, sizeof(from)) == MHD_YES)
		return 0;
	atomic_fetch_sub(&s->n_connections, 1);
	return E_UNAVAILABLE;
}
