// SPDX-License-Identifier: GPL-3.0-or-later
/* Any bytes as a callback: the first line is whatever header proves the sender, the rest query or body. What a profile demands a proof
 * for never passes without it; what is read holds no broken text, no part beyond its total, no status of its own making. */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/profiles.h"

#define HEAD_BYTES 2
enum { BIT_RECEIPT = 1, BIT_GET = 2, BIT_FORM = 4, BIT_XML = 8, BIT_BARE = 16 };

static const char *header_of(void *self, const char *name)
{
	(void)name;
	return self;
}

static bool passes(const struct profiles *all, size_t i, bool receipt, const struct received *in)
{
	int64_t skew_s;
	return provider_signature(all->at[i], receipt, all->secrets[i], in, &skew_s) == 0;
}

/* A profile that demands a proof refuses a callback that has none at all. */
static bool demands(const struct profiles *all, size_t i, bool receipt)
{
	const struct received nothing = { .method = "POST", .url = "https://a/b", .query = "", .content_type = "", .body = "", .now_ms = 1795305600000 };
	return !passes(all, i, receipt, &nothing);
}

static void check(const struct provider_events *events)
{
	for (size_t i = 0; i < events->n; i++) {
		const struct provider_event *e = &events->at[i];
		const char *status = e->receipt.status;
		if (e->malformed)
			continue;
		if (e->is_receipt) {
			LAW(e->receipt.reference && *e->receipt.reference);
			LAW(!strcmp(status, "delivered") || !strcmp(status, "failed") || !strcmp(status, "buffered"));
			continue;
		}
		LAW(e->inbound.from && *e->inbound.from);
		LAW(!e->inbound.text || text_is_valid(e->inbound.text, strlen(e->inbound.text)));
		LAW(e->inbound.total == 0 || (e->inbound.part >= 1 && e->inbound.part <= e->inbound.total && e->inbound.total <= 255));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct profiles all;
	struct provider_events events = { 0 };
	if (!all.n)
		profiles_load(&all);
	if (size < HEAD_BYTES)
		return 0;
	size_t i = data[0] % all.n;
	unsigned bits = data[1];
	OWN(mem) char *text = strndup((const char *)data + HEAD_BYTES, size - HEAD_BYTES);
	char *line = strchr(text, '\n'), *rest = line ? line + 1 : text + strlen(text);
	if (line)
		*line = '\0';
	struct received in = { .method = bits & BIT_GET ? "GET" : "POST", .url = "https://a/b", .query = bits & BIT_GET ? rest : "",
			       .content_type = bits & BIT_FORM ? "application/x-www-form-urlencoded" : bits & BIT_XML ? "text/xml" : "application/json",
			       .body = bits & BIT_GET ? "" : rest, .body_bytes = bits & BIT_GET ? 0 : strlen(rest),
			       .header = bits & BIT_BARE ? NULL : header_of, .self = text, .now_ms = 1795305600000 };
	bool receipt = bits & BIT_RECEIPT;
	LAW(!demands(&all, i, receipt) || !passes(&all, i, receipt, &in));
	const char *why = NULL;
	int r = provider_events(all.at[i], receipt, &in, &events, &why);
	LAW(r != E_INVALID || why);
	if (!r) {
		check(&events);
		provider_events_done(&events);
	}
	return 0;
}
