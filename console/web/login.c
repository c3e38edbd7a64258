/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cookies and what guards them. Called by visit.c, api.c and relay.c. Keeps nothing: the CSRF token follows from the session. */
#include "console/web/login.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "console/web/api.h"
#include "console/web/relay.h"
#include "console/web/visit.h"
#include "console/web/web.h"
#include "gateway/base/json.h"
#include "gateway/base/seal.h"

#define COOKIE "__Host-caunoi"
#define DEVICE "__Host-caunoi-device"
#define FLAGS "; Path=/; Secure; HttpOnly; SameSite=Strict"
#define DEVICE_AGE "; Max-Age=31536000"
#define CSRF_BYTES 16

/* ---- cookies ---- */

/* The value of a cookie into ret ("" = there is none, or it holds what we never gave). */
static void read_cookie(struct visit *v, const char *name, char *ret, size_t room)
{
	const char *at = visit_header(v, "Cookie");
	size_t n = strlen(name);
	ret[0] = '\0';
	while (at && *at) {
		at += strspn(at, "; ");
		size_t all = strcspn(at, ";");
		if (all > n && !strncmp(at, name, n) && at[n] == '=' && all - n - 1 < room) {
			memcpy(ret, at + n + 1, all - n - 1);
			ret[all - n - 1] = '\0';
			if (strspn(ret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") != strlen(ret))
				ret[0] = '\0';
			return;
		}
		at += all;
	}
}

static void csrf_of(const char *session, char ret[2 * CSRF_BYTES + 1])
{
	char text[320];
	uint8_t digest[32];
	int n = snprintf(text, sizeof(text), "csrf:%.256s", session);
	seal_digest(text, (size_t)n, digest);
	for (size_t i = 0; i < CSRF_BYTES; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

bool login_fields(const struct visit *v, struct MHD_Response *response)
{
	char text[256];
	bool ok = true;
	if (v->opened) {
		snprintf(text, sizeof(text), COOKIE "=%.128s" FLAGS, v->opened);
		ok = MHD_add_response_header(response, "Set-Cookie", text);
	}
	if (ok && v->device) {
		snprintf(text, sizeof(text), DEVICE "=%.128s" FLAGS DEVICE_AGE, v->device);
		ok = MHD_add_response_header(response, "Set-Cookie", text);
	}
	if (ok && v->closed)
		ok = MHD_add_response_header(response, "Set-Cookie", COOKIE "=" FLAGS "; Max-Age=0") &&
		     MHD_add_response_header(response, "Clear-Site-Data", "\"cache\"");
	return ok;
}

/* ---- the guard ---- */

static bool is_loopback_host(const char *host)
{
	static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		size_t n = strlen(names[i]);
		if (!strncmp(host, names[i], n) && (host[n] == '\0' || host[n] == ':'))
			return true;
	}
	return false;
}

/* Beside the public address this machine's own name counts: a tunnel ends there, and no other page can claim it. */
bool login_own_origin(struct visit *v)
{
	const char *origin = visit_header(v, "Origin"), *own = v->web->config->web.public_url, *host = visit_header(v, "Host");
	if (!origin)
		return false;
	size_t n = strlen(origin);
	if (own && n && !strncmp(own, origin, n) && (own[n] == '\0' || own[n] == '/'))
		return true;
	return host && is_loopback_host(host) && !strncmp(origin, "http://", 7) && !strcmp(origin + 7, host);
}

/* No form sends these, and no foreign page may without being asked for leave first. */
static bool is_plain_form(struct visit *v)
{
	static const char *const good[] = { "application/json", "application/octet-stream", "text/csv",
					    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" };
	const char *type = visit_header(v, "Content-Type");
	for (size_t i = 0; type && i < COUNT_OF(good); i++)
		if (!strncasecmp(type, good[i], strlen(good[i])))
			return false;
	return true;
}

static bool same_text(const char *a, const char *b)
{
	size_t n = strlen(a);
	unsigned char differs = strlen(b) != n;
	for (size_t i = 0; i < n && b[i]; i++)
		differs |= (unsigned char)(a[i] ^ b[i]);
	return !differs;
}

static bool guarded(struct visit *v, const char *session)
{
	char csrf[2 * CSRF_BYTES + 1];
	const char *given = visit_header(v, "X-CSRF-Token");
	csrf_of(session, csrf);
	if (!login_own_origin(v))
		visit_problem(v, 403, "origin", "", "the page that sends this is not this gateway's");
	else if (is_plain_form(v))
		visit_problem(v, 403, "content_type", "", "send application/json");
	else if (!given || !same_text(csrf, given))
		visit_problem(v, 403, "csrf", "", "X-CSRF-Token is missing or old; load the page again");
	else
		return true;
	return false;
}

bool login_by_cookie(struct visit *v)
{
	char session[128];
	read_cookie(v, COOKIE, session, sizeof(session));
	if (!session[0]) {
		visit_problem(v, 401, "no_session", "", "log in, or send Authorization: Bearer TOKEN");
		return false;
	}
	bool reads = !strcmp(v->method, "GET") || !strcmp(v->method, "HEAD");
	if (!reads && !guarded(v, session))
		return false;
	free(v->session);
	v->session = strdup(session);
	v->by_cookie = true;
	if (!v->session)
		visit_problem(v, 503, "unavailable", "", "out of memory");
	return v->session != NULL;
}

/* ---- opening and closing ---- */

static char *take_text(json_t *from, const char *key)
{
	const char *text = json_str(from, key, NULL);
	char *out = text ? strdup(text) : NULL;
	json_object_del(from, key);
	return out;
}

static int say_json(struct visit *v, int status, const json_t *doc)
{
	OWN(buffer) struct buffer text = { 0 };
	int r = json_put_line(&text, doc);
	if (!r)
		visit_say(v, status, JSON_TYPE, buffer_text(&text), buffer_left(&text));
	return r;
}

static int add_csrf(json_t *doc, const char *session)
{
	char csrf[2 * CSRF_BYTES + 1];
	csrf_of(session, csrf);
	return json_set_str(doc, "csrf", csrf);
}

static void opened(struct visit *v, const json_t *result)
{
	OWN(json) json_t *doc = json_copy((json_t *)(uintptr_t)result);
	v->opened = doc ? take_text(doc, "session") : NULL;
	v->device = doc ? take_text(doc, "device") : NULL;
	if (!v->opened || add_csrf(doc, v->opened) || say_json(v, 201, doc))
		visit_problem(v, 502, "failed", "", "the answer cannot be read");
}

static bool open_heard(struct visit *v, const char *line, size_t n_bytes)
{
	OWN(json) json_t *f = NULL;
	const json_t *result;
	if (!relay_reply(v, line, n_bytes, &f, &result))
		opened(v, result);
	visit_resume(v);
	return false;
}

static bool close_heard(struct visit *v, const char *line, size_t n_bytes)
{
	OWN(json) json_t *f = NULL;
	const json_t *result;
	if (!relay_reply(v, line, n_bytes, &f, &result)) {
		v->closed = true;
		if (say_json(v, 200, result))
			visit_problem(v, 503, "unavailable", "", "out of memory");
	}
	visit_resume(v);
	return false;
}

/* A page that is loaded again asks who is there, and learns its token anew. */
static bool me_heard(struct visit *v, const char *line, size_t n_bytes)
{
	OWN(json) json_t *f = NULL;
	const json_t *next;
	int r = relay_rows(v, line, n_bytes, &f, &next);
	if (r == E_AGAIN)
		return true;
	json_t *one = r ? NULL : json_array_get(v->rows, 0);
	if (one && ((v->by_cookie && add_csrf(one, v->session)) || say_json(v, 200, one)))
		visit_problem(v, 503, "unavailable", "", "out of memory");
	visit_resume(v);
	return false;
}

static bool send_off(struct visit *v, int r, bool (*heard)(struct visit *, const char *, size_t))
{
	if (r) {
		if (!v->answered && r == E_TOO_BIG)
			visit_problem(v, 413, "too_big", "", "the arguments are too large");
		else if (!v->answered)
			visit_problem(v, 503, "unavailable", "", "out of memory");
		return true;
	}
	v->heard = heard;
	visit_ask(v);
	return false;
}

/* A password that nobody has: refused here, so that it costs the core nothing. */
static int check_lengths(struct visit *v, const json_t *args)
{
	for (size_t i = 0; i < v->verb->n_args; i++) {
		const struct verb_arg *a = &v->verb->args[i];
		if (a->max > 0 && strlen(json_str(args, a->name, "")) > (size_t)a->max) {
			visit_problem(v, 400, "out_of_range", a->name, "this is longer than any that could be right");
			return E_INVALID;
		}
	}
	return 0;
}

static bool run_open(struct visit *v)
{
	char device[128];
	OWN(json) json_t *args = NULL;
	int r = api_body_args(v, &args);
	if (!r)
		r = check_lengths(v, args);
	read_cookie(v, DEVICE, device, sizeof(device));
	if (!r && device[0] && !json_object_get(args, "device"))
		r = json_set_str(args, "device", device);
	if (!r)
		r = api_command_frame(v, args);
	buffer_done(&v->body);
	return send_off(v, r, open_heard);
}

static bool run_close(struct visit *v)
{
	OWN(json) json_t *args = NULL;
	int r = api_body_args(v, &args);
	if (!r)
		r = api_command_frame(v, args);
	return send_off(v, r, close_heard);
}

static bool run_me(struct visit *v)
{
	OWN(json) json_t *args = NULL;
	int r = api_query_args(v, &args);
	if (!r)
		r = api_query_frame(v, NULL, args, me_heard);
	return send_off(v, r, me_heard);
}

bool login_takes(struct visit *v)
{
	static const struct {
		const char *name;
		bool (*run)(struct visit *v);
	} own[] = { { "open", run_open }, { "close", run_close }, { "me", run_me } };
	for (size_t i = 0; i < COUNT_OF(own) && !strcmp(v->verb->noun, "session"); i++)
		if (!strcmp(v->verb->name, own[i].name)) {
			v->run = own[i].run;
			return true;
		}
	return false;
}
