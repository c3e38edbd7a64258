/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request and its answer over libcurl: an easy handle that is set up once and used for message after message.
 * Outcome by what is known: before the first request byte may have gone, a failure is not_sent; after it, unclear;
 * a whole answer is judged by the profile's rules. Never repeats a request, never follows a redirect. */
#ifndef CAUNOI_DRIVERS_HTTP_EXCHANGE_H
#define CAUNOI_DRIVERS_HTTP_EXCHANGE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/provider.h"
#include "gateway/base/buffer.h"
#include "gateway/base/clock.h"
#include "gateway/drivers/driver.h"
#include "gateway/drivers/http/endpoint.h"

/* What all exchanges of a channel share; const once hello was read. */
struct exchange_config {
	struct provider *provider;
	struct endpoint *endpoint;
	const json_t *secrets;
	char *base_url, *ca_file, *sender, *receipt_url; /* "" = none */
	bool plain;   /* http: */
	bool reuse;   /* connections are kept: the provider knows a repeated key */
	long timeout_ms;
	struct clock clock;
};

struct exchange {
	const struct exchange_config *config;
	CURL *easy;
	struct exchange *next_free; /* or the next that waits for a connection */
	bool waiting;               /* for a connection */
	char *attempt; /* NULL = idle */
	char *key;
	struct provider_request request;
	struct curl_slist *headers;
	struct buffer url, answer;
	size_t header_bytes;
	bool begun;   /* a request byte may have gone */
	bool refused; /* the address was */
	bool lost;    /* a kept connection died under the request */
	const char *cut; /* why we ended it ourselves; NULL = we did not */
	bool ready;      /* fixed parts are set */
};

MUST_CHECK int exchange_init(struct exchange *x, const struct exchange_config *config);
void exchange_done(struct exchange *x);
/* Sets everything for s; the caller adds x->easy to its multi handle. E_REFUSED with *ret_why, E_NOMEM. */
MUST_CHECK int exchange_begin(struct exchange *x, const struct submit *s, struct provider_refusal *ret_why);
/* What came of it, answered to the core; x is idle after. */
void exchange_settle(struct exchange *x, CURLcode code, struct driver *d);

#endif
