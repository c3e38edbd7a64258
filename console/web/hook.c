/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Callbacks become hook frames. Called by site.c; front.c asks it whether a request may use the seats kept for hooks. Never
 * logs an address: it holds the secret. */
#include "console/web/hook.h"

#include <stdlib.h>
#include <string.h>

#include "config/provider.h"
#include "console/web/relay.h"
#include "console/web/source.h"
#include "console/web/web.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/text.h"

#define RAW_BYTES_MAX (64 * 1024)
#define SEGMENT_BYTES 512
#define ITEMS_BYTES_MAX (240 * 1024)

/* ---- channels ---- */

static int load_one(const struct channel_config *ch, struct web_hook *ret, struct complaint *c)
{
	const char *file = json_str(ch->settings, "provider_file", NULL);
	if (strcmp(ch->driver, "http") != 0 || !ch->webhook_secret || !file)
		return E_NOT_FOUND;
	int r = provider_load(file, &ret->provider, c);
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	ret->channel = ch;
	return 0;
}

int hook_load(struct web *w, struct complaint *c)
{
	w->hooks = calloc(w->config->n_channels + 1, sizeof(*w->hooks));
	if (!w->hooks)
		return E_NOMEM;
	for (size_t i = 0; i < w->config->n_channels; i++) {
		int r = load_one(&w->config->channels[i], &w->hooks[w->n_hooks], c);
		if (r && r != E_NOT_FOUND)
			return r;
		w->n_hooks += r == 0;
	}
	return 0;
}

void hook_unload(struct web *w)
{
	for (size_t i = 0; i < w->n_hooks; i++)
		provider_free(w->hooks[i].provider);
	free(w->hooks);
	w->hooks = NULL;
	w->n_hooks = 0;
}

/* ---- the address ---- */

/* Time depends on what was given, not on what is right. */
bool hook_is_secret(const char *given, size_t n, const char *right)
{
	size_t n_right = strlen(right);
	unsigned char differs = n != n_right;
	for (size_t i = 0; i < n; i++)
		differs |= (unsigned char)(given[i] ^ right[n_right ? i % n_right : 0]);
	return differs == 0;
}

static int hex_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static size_t decode(const char *from, size_t n, char *out, size_t room)
{
	size_t k = 0;
	for (size_t i = 0; i < n && k + 1 < room; i++)
		if (from[i] == '%' && i + 2 < n && hex_of(from[i + 1]) >= 0 && hex_of(from[i + 2]) >= 0) {
			out[k++] = (char)(hex_of(from[i + 1]) * 16 + hex_of(from[i + 2]));
			i += 2;
		} else {
			out[k++] = from[i];
		}
	out[k] = '\0';
	return k;
}

static bool which(const char *last, size_t n, bool *ret_receipt)
{
	*ret_receipt = n == 7 && !memcmp(last, "receipt", 7);
	return *ret_receipt || (n == 7 && !memcmp(last, "inbound", 7));
}

/* /hooks/CHANNEL/SECRET/WHAT; the secret is everything between, a "/" in it does no harm. */
const struct web_hook *hook_find(const struct web *w, const char *path, size_t n_bytes, bool *ret_receipt)
{
	static const char begin[] = "/hooks/";
	char channel[64], secret[SEGMENT_BYTES];
	const char *query = memchr(path, '?', n_bytes), *end = query ? query : path + n_bytes;
	if (end - path < (ptrdiff_t)sizeof(begin) || memcmp(path, begin, sizeof(begin) - 1) != 0)
		return NULL;
	const char *name = path + sizeof(begin) - 1, *slash = memchr(name, '/', (size_t)(end - name));
	const char *last = slash ? memrchr(slash, '/', (size_t)(end - slash)) : NULL;
	if (!last || last == slash || (size_t)(slash - name) >= sizeof(channel) || last - slash > SEGMENT_BYTES ||
	    !which(last + 1, (size_t)(end - last - 1), ret_receipt))
		return NULL;
	decode(name, (size_t)(slash - name), channel, sizeof(channel));
	size_t n = decode(slash + 1, (size_t)(last - slash - 1), secret, sizeof(secret));
	const struct web_hook *found = NULL;
	for (size_t i = 0; i < w->n_hooks; i++)
		if (!strcmp(w->hooks[i].channel->name, channel))
			found = &w->hooks[i];
	bool right = hook_is_secret(secret, n, found ? found->channel->webhook_secret : "0123456789abcdef");
	return found && right ? found : NULL;
}

/* ---- the frame ---- */

static int put_hex(struct buffer *out, const unsigned char *data, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	int r = buffer_reserve(out, 2 * n);
	for (size_t i = 0; !r && i < n; i++)
		r = buffer_put(out, (const char[]){ digits[data[i] >> 4], digits[data[i] & 15] }, 2);
	return r;
}

static int put_field(struct buffer *out, const char *name, const char *text)
{
	OWN(json) json_t *value = json_string(text);
	int r = value ? buffer_printf(out, ",\"%s\":", name) : E_NOMEM;
	if (!r)
		r = json_put_line(out, value);
	if (!r)
		buffer_cut(out, buffer_left(out) - 1);
	return r;
}

static int put_raw(struct visit *v, const char *raw, size_t n)
{
	int r = buffer_puts(&v->frame, ",\"raw\":\"");
	if (!r)
		r = put_hex(&v->frame, (const unsigned char *)raw, n < RAW_BYTES_MAX ? n : RAW_BYTES_MAX);
	return r ? r : buffer_puts(&v->frame, "\"");
}

/* The callback as it came. */
static int put_whole(struct visit *v)
{
	bool has_body = buffer_left(&v->body) > 0;
	return put_raw(v, has_body ? buffer_text(&v->body) : v->target.query, has_body ? buffer_left(&v->body) : strlen(v->target.query));
}

static int put_begin(struct visit *v)
{
	const struct web_hook *hook = v->channel;
	return buffer_printf(&v->frame, ",\"channel\":\"%s\",\"items\":[", hook->channel->name);
}

static int put_item(struct visit *v, const char *kind, const char *first)
{
	const char *comma = buffer_text(&v->frame)[buffer_left(&v->frame) - 1] == '[' ? "" : ",";
	return buffer_printf(&v->frame, "%s{\"kind\":\"%s\",\"%s\":{\"%s\":%lld", comma, kind, kind, first,
			     (long long)clock_now_ms(v->web->clock));
}

static int put_inbound(struct visit *v, const struct provider_inbound *in, bool with_raw)
{
	int r = put_item(v, "inbound", "sent_at_ms");
	if (!r && in->id && *in->id)
		r = put_field(&v->frame, "id", in->id);
	if (!r)
		r = put_field(&v->frame, "from", in->from);
	if (!r && in->to)
		r = put_field(&v->frame, "to", in->to);
	if (!r)
		r = put_field(&v->frame, "text", in->text ? in->text : "");
	if (!r && in->total > 1)
		r = buffer_printf(&v->frame, ",\"udh\":{\"ref\":%d,\"total\":%d,\"part\":%d,\"bits\":16}", in->ref, in->total, in->part);
	if (!r && with_raw)
		r = put_whole(v);
	return r ? r : buffer_puts(&v->frame, "}}");
}

static int put_receipt(struct visit *v, const struct provider_receipt *in)
{
	int r = put_item(v, "receipt", "at_ms");
	if (!r)
		r = put_field(&v->frame, "reference", in->reference);
	if (!r)
		r = put_field(&v->frame, "status", in->status);
	if (!r && in->to)
		r = put_field(&v->frame, "to", in->to);
	if (!r && in->code)
		r = put_field(&v->frame, "code", in->code);
	return r ? r : buffer_puts(&v->frame, "}}");
}

/* What the profile cannot read is kept as it came, for a person: one event of several, or (NULL) the whole. */
static int put_malformed(struct visit *v, const char *event)
{
	int r = put_item(v, "inbound", "sent_at_ms");
	if (!r)
		r = buffer_puts(&v->frame, ",\"malformed\":true");
	if (!r)
		r = event ? put_raw(v, event, strlen(event)) : put_whole(v);
	return r ? r : buffer_puts(&v->frame, "}}");
}

static int put_event(struct visit *v, const struct provider_event *e, bool alone)
{
	if (e->malformed)
		return put_malformed(v, e->malformed);
	return e->is_receipt ? put_receipt(v, &e->receipt) : put_inbound(v, &e->inbound, alone);
}

static int put_events(struct visit *v, const struct provider_events *events)
{
	int r = 0;
	for (size_t i = 0; !r && i < events->n; i++) {
		r = put_event(v, &events->at[i], events->n == 1);
		if (!r && buffer_left(&v->frame) > ITEMS_BYTES_MAX)
			r = E_TOO_BIG;
	}
	return r;
}

/* ---- the answer ---- */

static const char *type_of(const char *reply)
{
	return !*reply ? NULL : *reply == '<' ? "text/xml; charset=utf-8" : *reply == '{' ? JSON_TYPE : "text/plain; charset=utf-8";
}

static bool stored(struct visit *v, const char *line, size_t n_bytes)
{
	const struct web_hook *hook = v->channel;
	OWN(json) json_t *f = NULL;
	const json_t *result;
	if (!relay_reply(v, line, n_bytes, &f, &result)) {
		const char *reply = v->is_receipt ? provider_receipt_reply(hook->provider) : provider_inbound_reply(hook->provider);
		visit_say(v, 200, type_of(reply), reply, strlen(reply));
	} else if (v->status == 409) {
		visit_say(v, 200, NULL, "", 0); /* known already */
	}
	visit_resume(v);
	return false;
}

static bool malformed_stored(struct visit *v, const char *line, size_t n_bytes)
{
	OWN(json) json_t *f = NULL;
	const json_t *result;
	/* what is not on the disk the provider must send again, and 400 would tell it not to */
	if (!relay_reply(v, line, n_bytes, &f, &result) || v->status < 500)
		visit_problem(v, 400, "malformed", "", "the callback is not what the profile describes");
	visit_resume(v);
	return false;
}

/* ---- the request ---- */

static const char *header_of(void *self, const char *name)
{
	return visit_header(self, name);
}

static void count_malformed(struct visit *v, const struct web_hook *hook, const char *why)
{
	atomic_fetch_add(&v->web->counts.malformed, 1);
	log_warn("hook.malformed", "channel=%s kind=%s bytes=%zu key=%s", hook->channel->name, v->is_receipt ? "receipt" : "inbound",
		 buffer_left(&v->body), why ? why : "size");
}

/* One event of many that cannot be read is kept beside the others, and all are taken: asked to send them again, a provider would send the
 * same, without end. */
static int put_callback(struct visit *v, const struct web_hook *hook, const struct received *in)
{
	struct provider_events events = { 0 };
	const char *why = NULL;
	int r = put_begin(v), read = r ? r : provider_events(hook->provider, v->is_receipt, in, &events, &why);
	size_t begin = buffer_left(&v->frame);
	if (!read)
		read = put_events(v, &events);
	bool refused = read == E_INVALID || read == E_TOO_BIG;
	if (refused) {
		buffer_cut(&v->frame, begin);
		r = put_malformed(v, NULL);
	} else {
		r = read;
	}
	if (!r && (refused || events.n_malformed))
		count_malformed(v, hook, why);
	v->heard = refused ? malformed_stored : stored;
	provider_events_done(&events);
	return r ? r : buffer_puts(&v->frame, "]}\n");
}

static int checked(struct visit *v, const struct web_hook *hook, const struct received *in)
{
	int64_t skew_s;
	int r = provider_signature(hook->provider, v->is_receipt, hook->channel->secrets, in, &skew_s);
	if (r == E_DENIED)
		log_warn("hook.denied", "channel=%s reason=%s skew_s=%lld", hook->channel->name, skew_s ? "clock" : "signature",
			 (long long)skew_s);
	return r ? r : put_callback(v, hook, in);
}

static void refuse_callback(struct visit *v, int r)
{
	if (r == E_DENIED) {
		atomic_fetch_add(&v->web->counts.denied, 1);
		visit_problem(v, 403, "signature", "", "the signature is absent or wrong");
	} else if (r == E_NOT_FOUND) {
		visit_problem(v, 404, "not_found", "", "no such path");
	} else {
		visit_problem(v, 503, "unavailable", "", "out of memory");
	}
}

static bool run(struct visit *v)
{
	const struct web_hook *hook = v->channel;
	OWN(buffer) struct buffer url = { 0 };
	const char *base = v->web->config->web.public_url ? v->web->config->web.public_url : "";
	size_t n = strlen(base);
	while (n && base[n - 1] == '/')
		n--;
	if (buffer_put(&url, base, n) || buffer_puts(&url, v->target.raw)) {
		refuse_callback(v, E_NOMEM);
		return true;
	}
	const char *type = visit_header(v, "Content-Type");
	struct received in = { .method = v->method,
			       .url = buffer_text(&url),
			       .query = v->target.query,
			       .content_type = type ? type : "",
			       .body = buffer_text(&v->body),
			       .body_bytes = buffer_left(&v->body),
			       .header = header_of,
			       .self = v,
			       .now_ms = clock_now_ms(v->web->clock) };
	v->op = "hook";
	v->wire = WIRE_CORE;
	int r = checked(v, hook, &in);
	if (r) {
		refuse_callback(v, r);
		return true;
	}
	atomic_fetch_add(v->is_receipt ? &v->web->counts.receipts : &v->web->counts.inbound, 1);
	buffer_done(&v->body);
	visit_ask(v);
	return false;
}

bool hook_begin(struct visit *v)
{
	v->channel = hook_find(v->web, v->target.raw, strlen(v->target.raw), &v->is_receipt);
	if (!v->channel) {
		visit_problem(v, 404, "not_found", "", "no such path");
		return true;
	}
	const struct web_hook *hook = v->channel;
	if (!source_is_among(v, hook->channel->callback_from)) {
		log_warn("hook.denied", "channel=%s reason=source", hook->channel->name);
		atomic_fetch_add(&v->web->counts.denied, 1);
		visit_problem(v, 403, "source", "", "callbacks of this channel do not come from there");
		return true;
	}
	v->run = run;
	return false;
}
