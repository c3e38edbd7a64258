// SPDX-License-Identifier: GPL-3.0-or-later
/* Any bytes as a provider's answer, judged by every shipped profile: bounded, one of four outcomes, and never "accepted" without an id
 * that can be told apart again. */
#include <string.h>
#include <strings.h>

#include "config/verdict.h"
#include "gateway/base/own.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/profiles.h"

#define HEAD_BYTES 3
#define ID_BYTES_MAX 4096

static const int statuses[] = { 200, 200, 200, 201, 202, 204, 206, 302, 400, 401, 403, 404, 409, 412, 422, 429, 500, 503 };
static const char *const retries[] = { NULL, "30", "99999999999999999999", "-1", "Wed, 21 Oct 2099 07:28:00 GMT", "\xFF" };

static const char *header_of(void *self, const char *name)
{
	const uint8_t *head = self;
	return strcasecmp(name, "Retry-After") && strcasecmp(name, "X-Rate-Limit-Reset") ? NULL : retries[head[2] % COUNT_OF(retries)];
}

static void check(const struct provider_answer *a)
{
	static const char *const outcomes[] = { "accepted", "refused", "not_sent", "unclear" };
	bool known = false;
	for (size_t i = 0; i < COUNT_OF(outcomes); i++)
		known |= !strcmp(a->outcome, outcomes[i]);
	LAW(known);
	LAW(strcmp(a->outcome, "accepted") || (a->reference && verdict_is_token(a->reference, ID_BYTES_MAX)));
	LAW(a->retry_after_s >= 0 && a->retry_after_s <= 86400);
	LAW(!a->price || strlen(a->price) < 256);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct profiles all;
	struct provider_answer a = { 0 };
	struct provider_token token = { 0 };
	int64_t balance;
	if (!all.n)
		profiles_load(&all);
	if (size < HEAD_BYTES)
		return 0;
	const struct provider *p = all.at[data[0] % all.n];
	OWN(mem) char *body = strndup((const char *)data + HEAD_BYTES, size - HEAD_BYTES);
	struct received in = { .status = statuses[data[1] % COUNT_OF(statuses)], .content_type = "", .body = (const char *)data + HEAD_BYTES,
			       .body_bytes = size - HEAD_BYTES, .header = header_of, .self = (void *)data, .key = "ab12-7", .now_ms = 1795305600000 };
	LAW(!provider_answer(p, &in, &a));
	check(&a);
	provider_answer_done(&a);
	if (provider_has_lookup(p) && !provider_lookup_answer(p, &in, &a)) {
		check(&a);
		provider_answer_done(&a);
	}
	if (provider_needs_token(p) && !provider_token_answer(p, &in, NULL, &token)) {
		LAW(strcmp(token.outcome, "accepted") || (token.token && token.lifetime_s > 0));
		provider_token_done(&token);
	}
	if (provider_has_balance(p) && !provider_balance_answer(p, &in, &balance))
		LAW(balance > -1000000000000000 && balance < 1000000000000000);
	return 0;
}
