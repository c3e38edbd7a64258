/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One moment for each asker: when all it has asked for would be paid off at the even pace. Called by visit.c. Keeps a digest of
 * who asks, never the token; whoever has paid off is forgotten when the place is needed. */
#include "console/web/pace.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/seal.h"

#define PLACES 4096
#define PROBES 8

struct asker {
	uint64_t who; /* 0 = free */
	double paid_ms;
};
struct pace {
	double each_ms;
	struct asker askers[PLACES];
};

int pace_new(int per_s, struct pace **ret)
{
	struct pace *p = calloc(1, sizeof(*p));
	if (!p)
		return E_NOMEM;
	p->each_ms = per_s > 0 ? 1000.0 / per_s : 0;
	*ret = p;
	return 0;
}

void pace_free(struct pace *p)
{
	free(p);
}

static uint64_t key_of(const char *who)
{
	uint8_t digest[32];
	uint64_t key;
	seal_digest(who, strlen(who), digest);
	memcpy(&key, digest, sizeof(key));
	return key ? key : 1;
}

/* The asker's place, or the one of those it may have whose owner has been quiet for longest. */
static struct asker *place_of(struct pace *p, uint64_t key)
{
	struct asker *quiet = &p->askers[key % PLACES];
	for (size_t i = 0; i < PROBES; i++) {
		struct asker *a = &p->askers[(key + i) % PLACES];
		if (a->who == key)
			return a;
		if (a->paid_ms < quiet->paid_ms)
			quiet = a;
	}
	*quiet = (struct asker){ .who = key };
	return quiet;
}

int64_t pace_ask(struct pace *p, const char *who, int64_t mono_ms)
{
	if (p->each_ms <= 0)
		return 0;
	struct asker *a = place_of(p, key_of(who));
	double now = (double)mono_ms, from = a->paid_ms > now ? a->paid_ms : now, over = from + p->each_ms - now - PACE_BURST_S * 1000.0;
	if (over > 1e-6)
		return (int64_t)(over + 0.999999);
	a->paid_ms = from + p->each_ms;
	return 0;
}
