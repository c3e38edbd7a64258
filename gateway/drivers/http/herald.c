/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events to one receiver. Called by main.c instead of post.c. Headers and signature are those of the Standard Webhooks convention, so
 * that a receiver can check them with a library it has. */
#include "gateway/drivers/http/herald.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/verdict.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/drivers/http/engine.h"
#include "gateway/drivers/http/letter.h"

#define SECRET_MARK "whsec_"

struct herald {
	const struct exchange_config *config;
	struct driver *d;
	struct engine *engine;
	struct letter *letters; /* one for each exchange; attempt is the core's id, NULL = free */
	int n_letters;
};

static struct letter *letter_take(struct herald *h, const char *id)
{
	for (int i = 0; i < h->n_letters; i++)
		if (!h->letters[i].attempt) {
			h->letters[i].attempt = strdup(id);
			return h->letters[i].attempt ? &h->letters[i] : NULL;
		}
	return NULL;
}

static void letter_give_back(struct letter *t)
{
	free(MOVE(t->attempt));
}

static int key_of(const char *secret, uint8_t **ret, size_t *ret_bytes)
{
	size_t n = strlen(secret), n_mark = strlen(SECRET_MARK);
	uint8_t *key = malloc(n + 1);
	if (!key)
		return E_NOMEM;
	memcpy(key, secret, n + 1);
	if (!strncmp(secret, SECRET_MARK, n_mark) && sodium_base642bin(key, n, secret + n_mark, n - n_mark, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL)) {
		free(key);
		return E_CONFIG;
	}
	*ret = key;
	*ret_bytes = n;
	return 0;
}

int herald_sign(const char *secret, const char *id, int64_t at_s, const char *body, char ret[HERALD_SIGNATURE_BYTES])
{
	crypto_auth_hmacsha256_state state;
	uint8_t *key = NULL, mac[crypto_auth_hmacsha256_BYTES];
	char at[32];
	size_t n;
	int r = key_of(secret, &key, &n);
	if (r)
		return r;
	snprintf(at, sizeof(at), ".%lld.", (long long)at_s);
	crypto_auth_hmacsha256_init(&state, key, n);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)id, strlen(id));
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)at, strlen(at));
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)body, strlen(body));
	crypto_auth_hmacsha256_final(&state, mac);
	explicit_bzero(key, n);
	free(key);
	memcpy(ret, "v1,", 4);
	sodium_bin2base64(ret + 3, HERALD_SIGNATURE_BYTES - 3, mac, sizeof(mac), sodium_base64_VARIANT_ORIGINAL);
	return 0;
}

/* ---- answers ---- */

static void tell(struct herald *h, const char *id, bool ok, const char *detail, int64_t retry_after_s)
{
	json_t *f = json_pack("{s:s,s:s,s:b}", "op", "told", "id", id, "ok", ok);
	if (detail)
		json_set_str(f, "detail", detail);
	if (retry_after_s > 0)
		json_set_int(f, "retry_after_s", retry_after_s);
	driver_send(h->d, f);
}

static void done(void *self, struct exchange *x, CURLcode code)
{
	struct herald *h = self;
	struct letter *about = x->letters[0];
	char detail[32];
	if (code != CURLE_OK) {
		tell(h, about->attempt, false, exchange_code(x, code), 0);
	} else {
		struct received in = exchange_received(x);
		bool ok = in.status >= 200 && in.status < 300;
		snprintf(detail, sizeof(detail), "http:%d", in.status);
		const char *wish = ok ? NULL : received_header(&in, "Retry-After");
		tell(h, about->attempt, ok, ok ? NULL : detail, wish ? verdict_wish_s(wish, in.now_ms / 1000) : 0);
	}
	letter_give_back(about);
}

/* ---- requests ---- */

static int put_header(struct provider_request *q, const char *name, const char *value)
{
	int r = buffer_printf(&q->headers, "%s: %s", name, value);
	if (!r)
		r = buffer_put(&q->headers, "", 1);
	q->n_headers += !r;
	return r;
}

static int fill(struct herald *h, struct exchange *x, const char *name, const char *body)
{
	struct provider_request *q = &x->request;
	char at[24], signature[HERALD_SIGNATURE_BYTES];
	int64_t at_s = clock_now_ms(&h->config->clock) / 1000;
	int r = herald_sign(json_str(h->config->secrets, "webhook", ""), name, at_s, body, signature);
	snprintf(at, sizeof(at), "%lld", (long long)at_s);
	q->method = "POST";
	q->n_headers = 0;
	buffer_cut(&q->headers, 0);
	buffer_cut(&q->body, 0);
	r = r ? r : put_header(q, "Content-Type", "application/json");
	r = r ? r : put_header(q, "webhook-id", name);
	r = r ? r : put_header(q, "webhook-timestamp", at);
	r = r ? r : put_header(q, "webhook-signature", signature);
	return r ? r : buffer_puts(&q->body, body);
}

void herald_event(struct herald *h, const json_t *frame)
{
	const char *id = json_str(frame, "id", "");
	struct exchange *x = engine_take(h->engine);
	struct letter *about = x ? letter_take(h, id) : NULL;
	if (!about) {
		if (x)
			engine_give_back(h->engine, x);
		tell(h, id, false, "over_credit", 0);
		return;
	}
	x->kind = EXCHANGE_SUBMIT;
	x->letters[0] = about;
	x->n_letters = 1;
	int r = fill(h, x, json_str(frame, "name", ""), json_str(frame, "body", ""));
	r = r ? r : engine_start(h->engine, x);
	if (!r)
		return;
	tell(h, id, false, r == E_CONFIG ? "the secret behind whsec_ is no base64" : "driver", 0);
	engine_give_back(h->engine, x);
	letter_give_back(about);
}

/* ---- life ---- */

int herald_new(const struct exchange_config *config, struct driver *d, int in_flight, struct herald **ret)
{
	struct herald *h = calloc(1, sizeof(*h));
	if (!h)
		return E_NOMEM;
	*h = (struct herald){ .config = config, .d = d, .letters = calloc((size_t)in_flight, sizeof(*h->letters)), .n_letters = in_flight };
	int r = h->letters ? 0 : E_NOMEM;
	r = r ? r : engine_new(config, d, in_flight, 1, done, h, &h->engine);
	if (r) {
		herald_free(h);
		return r;
	}
	*ret = h;
	return 0;
}

void herald_free(struct herald *h)
{
	if (!h)
		return;
	engine_free(h->engine);
	for (int i = 0; h->letters && i < h->n_letters; i++)
		letter_give_back(&h->letters[i]);
	free(h->letters);
	free(h);
}

int herald_open(const struct herald *h)
{
	return engine_running(h->engine);
}

int herald_step(struct herald *h, int64_t most_ms)
{
	return engine_step(h->engine, most_ms);
}
