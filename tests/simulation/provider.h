/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies behind a channel: the network that really delivers. Knows what reached it, refuses nothing, reports later and badly. */
#ifndef CAUNOI_SIMULATION_PROVIDER_H
#define CAUNOI_SIMULATION_PROVIDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct world;

struct provider {
	bool keys;	/* one key is delivered once in 24 hours */
	json_t *by_key; /* key → {"reference", "at"} */
	int64_t n;	/* references given */
	int64_t n_receipts;
};

/* A submit frame reaches the network. The reference, borrowed: NULL never. */
const char *provider_take(struct world *w, int channel, const json_t *submit, char ret[32]);
void provider_done(struct provider *p);

#endif
