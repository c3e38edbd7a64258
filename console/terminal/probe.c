/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dry runs of provider profiles. Called by main.c. Opens no connection and reads no secret: what is computed of secrets is
 * computed of their masks. */
#include "console/terminal/probe.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/provider.h"
#include "gateway/base/clock.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/phone.h"

#define MASK "MASKED."
#define HEADER_BYTES 1024

OWN_DEFINE(provider, struct provider *, provider_free)

struct recorded {
	const char *headers; /* behind the status line */
	size_t header_bytes;
	char value[HEADER_BYTES]; /* of the header asked for last */
};

static int find_channel(const struct config *cfg, const char *name, const struct channel_config **ret, struct complaint *c)
{
	for (size_t i = 0; i < cfg->n_channels; i++) {
		const struct channel_config *ch = &cfg->channels[i];
		if (strcmp(ch->name, name))
			continue;
		if (strcmp(ch->driver, "http")) {
			complaint_set(c, "name", "not_http", "channel %s is of kind %s; dry runs and replays are for kind http", name, ch->driver);
			return E_INVALID;
		}
		*ret = ch;
		return 0;
	}
	complaint_set(c, "name", "not_found", "the configuration has no channel %.64s", name);
	return E_NOT_FOUND;
}

static int open_profile(const struct channel_config *ch, struct provider **ret, struct complaint *c)
{
	const char *file = json_str(ch->settings, "provider_file", NULL);
	if (file)
		return provider_load(file, ret, c);
	complaint_set(c, "provider", "missing_file", "the profile of channel %s was not found", ch->name);
	return E_CONFIG;
}

/* Every secret that the profile names, each as its mask; options as they are. */
static json_t *masks(const struct provider *p, const struct channel_config *ch)
{
	json_t *all = ch->secrets ? json_deep_copy(ch->secrets) : json_object();
	const char *name;
	while (all && (name = provider_missing_secret(p, all))) {
		OWN(mem) char *mask = NULL;
		if (asprintf(&mask, MASK "%s", name) < 0 || json_set_str(all, name, mask)) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

static int read_number(const struct config *cfg, const char *to, struct phone *ret, struct complaint *c)
{
	const char *rule = NULL;
	int r = phone_parse(&cfg->plan, to, ret, &rule);
	if (r == E_INVALID || (!r && ret->e164[0] != '+')) {
		complaint_set(c, "to", rule ? rule : "bad_number", "--to must be the telephone number of a person");
		return E_INVALID;
	}
	return r;
}

/* ---- requests ---- */

static json_t *headers_json(const struct provider_request *q)
{
	json_t *list = json_array();
	const char *text = buffer_text(&q->headers);
	for (int i = 0; list && i < q->n_headers; i++, text += strlen(text) + 1)
		json_array_append_new(list, json_string(text));
	return list;
}

static json_t *request_json(const struct channel_config *ch, const struct provider_request *q)
{
	OWN(mem) char *url = NULL;
	size_t n = strlen(ch->base_url);
	while (n && ch->base_url[n - 1] == '/')
		n--;
	if (asprintf(&url, "%.*s%s", (int)n, ch->base_url, buffer_text(&q->path)) < 0)
		return NULL;
	return json_pack("{s:s,s:s,s:o,s:s}", "method", q->method, "url", url, "headers", headers_json(q), "body", buffer_text(&q->body));
}

static int refused(const struct provider_refusal *why, struct complaint *c)
{
	complaint_set(c, "text", why->rule, "the profile cannot say this message: %s", why->rule);
	return E_REFUSED;
}

/* The address for reports, whose last part but one is a secret. */
static int receipt_url(const struct config *cfg, const struct channel_config *ch, char **ret)
{
	const char *public_url = cfg->web.public_url;
	if (!public_url || !*public_url)
		return (*ret = strdup("")) ? 0 : E_NOMEM;
	return asprintf(ret, "%s/hooks/%s/" MASK "webhook_secret/receipt", public_url, ch->name) < 0 ? E_NOMEM : 0;
}

static int put_token_request(const struct provider *p, const struct channel_config *ch, const json_t *secrets, int64_t now_ms, json_t *out,
			     struct complaint *c)
{
	struct provider_request q = { 0 };
	struct provider_refusal why = { 0 };
	if (!provider_needs_token(p))
		return json_object_set_new(out, "token_request", json_null()) ? E_NOMEM : 0;
	int r = provider_token_request(p, secrets, now_ms, &q, &why);
	if (!r && json_object_set_new(out, "token_request", request_json(ch, &q)))
		r = E_NOMEM;
	provider_request_done(&q);
	return r == E_REFUSED ? refused(&why, c) : r;
}

static int make_request(const struct config *cfg, const struct channel_config *ch, const struct provider *p, const char *to, const char *text,
			json_t **ret, struct complaint *c)
{
	struct clock clock = clock_real();
	struct measure measure;
	struct provider_request q = { 0 };
	struct provider_refusal why = { 0 };
	OWN(mem) char *url = NULL;
	OWN(json) json_t *secrets = masks(p, ch);
	gsm7_measure(text, 8, &measure);
	int r = secrets ? receipt_url(cfg, ch, &url) : E_NOMEM;
	const struct provider_message m = { .to = to, .text = text, .sender = ch->sender, .key = "KEY", .attempt = "1", .receipt_url = url,
					    .parts = measure.n_segments, .unicode = measure.encoding == ENCODING_UCS2, .validity_s = 86400,
					    .now_ms = clock_now_ms(&clock), .token = MASK "token" };
	r = r ? r : provider_request(p, &m, secrets, &q, &why);
	OWN(json) json_t *out = r ? NULL : request_json(ch, &q);
	provider_request_done(&q);
	if (r)
		return r == E_REFUSED ? refused(&why, c) : r;
	r = out ? put_token_request(p, ch, secrets, m.now_ms, out, c) : E_NOMEM;
	if (!r)
		*ret = MOVE(out);
	return r;
}

int probe_request(const struct config *cfg, const char *channel, const char *to, const char *text, json_t **ret, struct complaint *c)
{
	const struct channel_config *ch = NULL;
	OWN(provider) struct provider *p = NULL;
	struct phone phone;
	int r = find_channel(cfg, channel, &ch, c);
	r = r ? r : read_number(cfg, to, &phone, c);
	r = r ? r : open_profile(ch, &p, c);
	return r ? r : make_request(cfg, ch, p, phone.e164, text, ret, c);
}

/* ---- answers ---- */

/* Value of a header of the record; it stays until the next is asked for. */
static const char *find_header(void *self, const char *name)
{
	struct recorded *rec = self;
	size_t n = strlen(name);
	for (const char *line = rec->headers, *end = rec->headers + rec->header_bytes; line < end;) {
		size_t left = (size_t)(end - line), length = strcspn(line, "\r\n");
		length = length < left ? length : left;
		if (length > n && line[n] == ':' && !strncasecmp(line, name, n)) {
			size_t skip = n + 1 + strspn(line + n + 1, " \t");
			snprintf(rec->value, sizeof(rec->value), "%.*s", (int)(length > skip ? length - skip : 0), line + skip);
			return rec->value;
		}
		line += length + strspn(line + length, "\r\n");
	}
	return NULL;
}

/* Splits the record; a text without a status line is the body of a 200. */
static void read_record(const char *text, struct recorded *rec, struct received *in)
{
	int status = 200, used = 0;
	const char *body = text;
	*rec = (struct recorded){ .headers = "" };
	if (sscanf(text, "HTTP/%*[0-9.] %3d%n", &status, &used) == 1 || sscanf(text, "HTTP %3d%n", &status, &used) == 1) {
		const char *line = text + strcspn(text, "\n"), *end = strstr(text, "\r\n\r\n");
		const char *bare = strstr(text, "\n\n");
		bool crlf = end && (!bare || end < bare);
		rec->headers = *line ? line + 1 : line;
		body = crlf ? end + 4 : bare ? bare + 2 : text + strlen(text);
		rec->header_bytes = (size_t)(body - rec->headers);
	}
	*in = (struct received){ .status = status, .body = body, .body_bytes = strlen(body), .header = find_header, .self = rec, .key = "KEY" };
}

static json_t *answer_json(const struct provider_answer *a, int status)
{
	return json_pack("{s:i,s:s,s:s?,s:s?,s:s?,s:s?,s:I,s:i,s:s?}", "status", status, "outcome", a->outcome, "fault", a->fault, "reference",
			 a->reference, "code", a->code, "detail", a->detail, "retry_after_s", (json_int_t)a->retry_after_s, "segments", a->segments,
			 "price", a->price);
}

int probe_replay(const struct config *cfg, const char *channel, const char *to, const char *text, json_t **ret, struct complaint *c)
{
	const struct channel_config *ch = NULL;
	OWN(provider) struct provider *p = NULL;
	struct clock clock = clock_real();
	struct phone phone = { .e164 = "+84912345678" };
	struct recorded rec;
	struct received in;
	struct provider_answer a = { 0 };
	int r = find_channel(cfg, channel, &ch, c);
	r = r || !to ? r : read_number(cfg, to, &phone, c);
	r = r ? r : open_profile(ch, &p, c);
	if (r)
		return r;
	read_record(text, &rec, &in);
	in.now_ms = clock_now_ms(&clock);
	const struct provider_message m = { .to = phone.e164, .text = "", .key = "KEY", .attempt = "1" };
	r = provider_answers(p, &m, 1, &in, &a);
	json_t *out = r ? NULL : answer_json(&a, in.status);
	provider_answer_done(&a);
	if (!out)
		return E_NOMEM;
	*ret = out;
	return 0;
}
