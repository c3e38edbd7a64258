/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request's passage between the two threads, and its answer in the library's terms. Called by site.c and the endpoints. */
#include "console/web/visit.h"

#include <ctype.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "console/web/events.h"
#include "console/web/login.h"
#include "console/web/packed.h"
#include "console/web/pace.h"
#include "console/web/problem.h"
#include "console/web/uplink.h"
#include "console/web/web.h"
#include "gateway/base/json.h"

#define SESSION_CHARS_MAX 256

void visit_ask(struct visit *v)
{
	MHD_suspend_connection(v->connection);
	uplink_put(v->web->uplink, v);
}

void visit_resume(struct visit *v)
{
	MHD_resume_connection(v->connection);
}

void visit_say(struct visit *v, int status, const char *type, const void *data, size_t n_bytes)
{
	buffer_done(&v->answer);
	v->answered = true;
	v->status = status;
	v->type = type;
	if (buffer_put(&v->answer, data, n_bytes)) {
		v->status = 503;
		v->retry_after_s = 1;
	}
}

static void say_problem(struct visit *v, int status, const char *rule, const char *field, const char *detail, const json_t *args)
{
	buffer_done(&v->answer);
	v->answered = true;
	v->status = status;
	v->type = PROBLEM_TYPE;
	if (status == 503 && !v->retry_after_s)
		v->retry_after_s = 1;
	if (problem_put(&v->answer, status, rule, field, detail, args))
		v->status = 503;
}

void visit_problem(struct visit *v, int status, const char *rule, const char *field, const char *detail)
{
	say_problem(v, status, rule, field, detail, NULL);
}

void visit_error(struct visit *v, const json_t *error)
{
	int64_t status = json_int(error, "status", 500);
	if (status < 400 || status > 599)
		status = 500;
	if (status == 429)
		v->retry_after_s = (int)json_int(json_object_get(error, "args"), "retry_after_s", 1);
	say_problem(v, (int)status, json_str(error, "rule", ""), json_str(error, "field", ""), json_str(error, "text", "refused"),
		    json_object_get(error, "args"));
}

const char *visit_header(struct visit *v, const char *name)
{
	return MHD_lookup_connection_value(v->connection, MHD_HEADER_KIND, name);
}

/* token68 of RFC 9110: nothing that could leave a JSON string. */
static bool is_session(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");
	return n > 0 && n <= SESSION_CHARS_MAX && text[n] == '\0';
}

static bool in_pace(struct visit *v)
{
	int64_t wait_ms = pace_ask(v->web->pace, v->session, clock_mono_ms(v->web->clock));
	if (!wait_ms)
		return true;
	v->retry_after_s = (int)((wait_ms + 999) / 1000);
	visit_problem(v, 429, "too_many", "", "too many requests with this token; wait a moment");
	return false;
}

static bool by_token(struct visit *v, const char *given)
{
	if ( !strncasecmp(given, "Bearer ", 7))
		given += 7 + strspn(given + 7, " ");
	else
		given = NULL;
	if (!given || !is_session(given)) {
		visit_problem(v, 401, "no_session", "", "send Authorization: Bearer TOKEN");
		return false;
	}
	free(v->session);
	v->session = strdup(given);
	if (!v->session)
		visit_problem(v, 503, "unavailable", "", "out of memory");
	return v->session != NULL;
}

bool visit_session(struct visit *v)
{
	const char *given = visit_header(v, "Authorization");
	return (given ? by_token(v, given) : login_by_cookie(v)) && in_pace(v);
}

/* Scripts and styles of this gateway alone; nothing may frame it; text that reaches a place where code could run is refused. */
#define POLICY "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; script-src 'self'; style-src 'self'; " \
	       "img-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

static bool add_page_fields(struct MHD_Response *response)
{
	return MHD_add_response_header(response, "Content-Security-Policy", POLICY) &&
	       MHD_add_response_header(response, "Referrer-Policy", "no-referrer") &&
	       MHD_add_response_header(response, "X-Frame-Options", "DENY") &&
	       MHD_add_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
}

/* Fields that every answer has are few on purpose: this runs for each message. */
static bool add_fields(const struct visit *v, struct MHD_Response *response)
{
	char seconds[16];
	bool ok = (!v->type || MHD_add_response_header(response, "Content-Type", v->type)) &&
		  MHD_add_response_header(response, "Cache-Control", v->cache && v->status == 200 ? v->cache : "no-store") &&
		  MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (ok && v->allow)
		ok = MHD_add_response_header(response, "Allow", v->allow);
	if (ok && v->status == 401)
		ok = MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	if (ok && v->retry_after_s) {
		snprintf(seconds, sizeof(seconds), "%d", v->retry_after_s);
		ok = MHD_add_response_header(response, "Retry-After", seconds);
	}
	if (ok && v->encoding)
		ok = MHD_add_response_header(response, "Content-Encoding", v->encoding);
	if (ok && v->varies)
		ok = MHD_add_response_header(response, "Vary", "Accept-Encoding");
	if (ok && v->type && !strncmp(v->type, "text/html", 9))
		ok = add_page_fields(response);
	return ok && login_fields(v, response);
}

#define PACKED_FROM_BYTES 1400 /* what fits into one packet is as fast without */

static void pack(struct visit *v)
{
	v->varies = true;
	if (v->status == 200 && buffer_left(&v->answer) >= PACKED_FROM_BYTES && packed_takes(visit_header(v, "Accept-Encoding"), "gzip") && !packed_gzip(&v->answer))
		v->encoding = "gzip";
}

int visit_respond(struct visit *v)
{
	struct MHD_Response *response;
	if (v->packs)
		pack(v);
	if (v->stream)
		response = events_response(v->web->events, v);
	else
		response = MHD_create_response_from_buffer(buffer_left(&v->answer), (void *)(uintptr_t)buffer_text(&v->answer),
							   MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	int done = MHD_NO;
	if (add_fields(v, response))
		done = (int)MHD_queue_response(v->connection, (unsigned)v->status, response);
	MHD_destroy_response(response);
	return done;
}

void visit_free(struct visit *v)
{
	if (!v)
		return;
	target_done(&v->target);
	free(v->session);
	free(v->key);
	free(v->opened);
	free(v->device);
	buffer_done(&v->body);
	buffer_done(&v->frame);
	buffer_done(&v->answer);
	json_decref(v->args);
	json_decref(v->rows);
	free(v);
}
