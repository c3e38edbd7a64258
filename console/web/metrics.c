/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers only; no names of persons can be here because the core gives none. Called by site.c. */
#include "console/web/metrics.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "config/network.h"
#include "console/web/api.h"
#include "console/web/relay.h"
#include "console/web/web.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define DEPTH_MAX 4

static int put_own(struct buffer *out, struct web *w)
{
	struct front_counts c = front_counts(w->front);
	int r = buffer_printf(out,
			      "caunoi_web_connections %d\ncaunoi_web_requests_in_flight_connections %d\ncaunoi_web_connections_total %llu\n"
			      "caunoi_web_requests_total %llu\ncaunoi_web_refused_total %llu\ncaunoi_web_evicted_total %llu\n"
			      "caunoi_web_inbound_total %llu\ncaunoi_web_receipts_total %llu\ncaunoi_web_malformed_total %llu\n"
			      "caunoi_web_signature_denied_total %llu\ncaunoi_web_log_lines_dropped_total %llu\n",
			      c.open, c.passing, (unsigned long long)c.connections, (unsigned long long)c.requests,
			      (unsigned long long)c.refused, (unsigned long long)c.evicted, atomic_load(&w->counts.inbound),
			      atomic_load(&w->counts.receipts), atomic_load(&w->counts.malformed), atomic_load(&w->counts.denied),
			      (unsigned long long)log_dropped());
	for (int i = 2; !r && i < 6; i++)
		r = buffer_printf(out, "caunoi_web_answers_total{status=\"%dxx\"} %llu\n", i, atomic_load(&w->counts.by_class[i]));
	return r;
}

static void join(char *out, size_t room, const char *prefix, const char *key)
{
	int n = snprintf(out, room, "%s_%s", prefix, key);
	for (int i = 0; i < n && (size_t)i < room && out[i]; i++)
		if (!isalnum((unsigned char)out[i]))
			out[i] = '_';
}

/* Every number of the tree by its path; things in a list are told apart by their name. */
static int put_tree(struct buffer *out, const char *prefix, const char *label, const json_t *value, int depth)
{
	char name[160], labels[96] = "";
	const char *key;
	size_t i;
	const json_t *member;
	int r = 0;
	if (json_is_number(value) || json_is_boolean(value))
		return buffer_printf(out, "%s%s %.17g\n", prefix, label,
				     json_is_boolean(value) ? json_is_true(value) : json_number_value(value));
	if (depth == DEPTH_MAX)
		return 0;
	if (json_is_object(value))
		json_object_foreach ((json_t *)(uintptr_t)value, key, member) {
			join(name, sizeof(name), prefix, key);
			r = r ? r : put_tree(out, name, label, member, depth + 1);
		}
	json_array_foreach (value, i, member) {
		const char *of = json_str(member, "name", NULL);
		if (!of || strspn(of, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(of))
			continue;
		snprintf(labels, sizeof(labels), "{name=\"%.64s\"}", of);
		r = r ? r : put_tree(out, prefix, labels, member, depth + 1);
	}
	return r;
}

static void say(struct visit *v, const json_t *status)
{
	OWN(buffer) struct buffer text = { 0 };
	if (put_own(&text, v->web) || (status && put_tree(&text, "caunoi", "", status, 0)))
		visit_problem(v, 503, "unavailable", "", "out of memory");
	else
		visit_say(v, 200, METRICS_TYPE, buffer_text(&text), buffer_left(&text));
}

static bool heard(struct visit *v, const char *line, size_t n_bytes)
{
	OWN(json) json_t *f = NULL;
	const json_t *next;
	int r = relay_rows(v, line, n_bytes, &f, &next);
	if (r == E_AGAIN)
		return true;
	if (!r)
		say(v, json_array_get(v->rows, 0));
	else if (v->status == 403)
		say(v, NULL);
	else if (v->status == 401)
		visit_problem(v, 404, "not_found", "", "no such path");
	visit_resume(v);
	return false;
}

static bool ask_status(struct visit *v)
{
	OWN(json) json_t *args = json_object();
	if (!args || api_query_frame(v, "status", args, heard)) {
		visit_problem(v, 503, "unavailable", "", "out of memory");
		return true;
	}
	visit_ask(v);
	return false;
}

bool metrics_begin(struct visit *v)
{
	bool near = network_is_loopback(&v->ticket.from) && !v->web->config->web.behind_proxy;
	if (visit_header(v, "Authorization") && visit_session(v)) {
		v->run = ask_status;
		return false;
	}
	if (near)
		say(v, NULL);
	else
		visit_problem(v, 404, "not_found", "", "no such path");
	return true;
}
