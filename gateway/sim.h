/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SIM behind a channel: which one a person has accepted, which one is in the modem, whether it is abroad, whether its PIN was
 * tried. Another SIM suspends the channel before anything leaves by it; the accepted one, back on whatever port, lifts that. */
#ifndef CAUNOI_GATEWAY_SIM_H
#define CAUNOI_GATEWAY_SIM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/seal.h"
#include "gateway/tick.h"

#define SIM_BYTES 32

struct channel;
struct core;
struct sql_module;

struct sim {
	char known[SIM_BYTES]; /* ICCID, or IMSI where the modem tells none; "" = not seen yet */
	char seen[SIM_BYTES];  /* in the modem now; "" = not told */
	bool foreign;          /* another one than the accepted is in it: nothing leaves */
	bool roaming;
	bool locked;           /* the PIN was tried and is not proven right … */
	bool unwritten;        /* … which no row says yet */
	uint8_t pin[SEAL_HASH_BYTES]; /* keyed hash of that PIN */
};

void sim_load(struct sim *s, const char *known, const void *pin, size_t n_pin);
/* A status frame of the channel's driver. Only memory: it holds at once, and while the store is away. */
void sim_status(struct sim *s, const json_t *status);
/* Is there something to write of it? */
bool sim_is_open(const struct channel *ch);
/* Writes what follows from what was seen: a first SIM is taken, another one suspends, the accepted one goes on, a PIN was right. */
MUST_CHECK int sim_settle(struct tick *t, struct channel *ch);
/* A person accepts the SIM that is in the modem, or the next one that shows; a PIN may be tried once more. */
MUST_CHECK int sim_accept(struct tick *t, struct channel *ch);
/* The driver is about to try the PIN, or says that it was refused. */
void sim_pin_tried(const struct core *core, struct channel *ch);
/* Takes the PIN out of what the driver is told, if it was tried before and not proven right. */
void sim_withhold_pin(const struct core *core, const struct channel *ch, json_t *secrets);

extern const struct sql_module sim_module;

#endif
