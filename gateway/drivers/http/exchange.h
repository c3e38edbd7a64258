/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request and its answer over libcurl: an easy handle that is set up once and used again and again. What is known
 * when it ends: before the first request byte may have gone (begun is false) nothing was asked; after it, whatever is not
 * a whole answer is doubt. Never repeats a request, never follows a redirect, connects to no forbidden address. */
#ifndef CAUNOI_DRIVERS_HTTP_EXCHANGE_H
#define CAUNOI_DRIVERS_HTTP_EXCHANGE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/provider.h"
#include "gateway/base/buffer.h"
#include "gateway/base/clock.h"
#include "gateway/drivers/http/endpoint.h"

/* What all exchanges of a channel share; const once hello was read, but for secrets. */
struct exchange_config {
	struct provider *provider;
	struct endpoint *endpoint;
	const json_t *secrets;
	char *base_url, *ca_file, *sender, *receipt_url; /* "" = none */
	bool plain;   /* http: */
	bool reuse;   /* connections are kept: the provider knows a repeated key */
	long timeout_ms; /* of a message; 0 = the request's own */
	struct clock clock;
};

enum exchange_kind { EXCHANGE_SUBMIT, EXCHANGE_TOKEN, EXCHANGE_LOOKUP, EXCHANGE_BALANCE };
struct letter;

struct exchange {
	const struct exchange_config *config;
	CURL *easy;
	struct exchange *next_free;
	enum exchange_kind kind;
	bool busy;
	struct letter **letters; /* whom it is about; room for a batch */
	size_t n_letters;
	unsigned token; /* which token it carries */
	struct provider_request request;
	struct curl_slist *headers;
	struct buffer url, answer;
	size_t header_bytes;
	bool begun;	 /* a request byte may have gone */
	bool refused;	 /* the address was */
	bool lost;	 /* a kept connection died under the request */
	const char *cut; /* why we ended it ourselves; NULL = we did not */
};

/* batch: letters at most. E_NOMEM, E_CONFIG. */
MUST_CHECK int exchange_init(struct exchange *x, const struct exchange_config *config, size_t batch);
void exchange_done(struct exchange *x);
/* Makes the handle ready for x->request. E_NOMEM. */
MUST_CHECK int exchange_begin(struct exchange *x);
/* The answer that came, borrowed from x. */
struct received exchange_received(struct exchange *x);
/* Why there is none: a code for machines and a sentence; both static. */
const char *exchange_code(const struct exchange *x, CURLcode code);
const char *exchange_detail(const struct exchange *x, CURLcode code);
/* Forgets request and answer; they may hold secrets. */
void exchange_clear(struct exchange *x);

#endif
