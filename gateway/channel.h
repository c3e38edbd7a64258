/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A channel as the core sees it while it runs: credit, rate, health. Derived from rows and frames, changed only after a
 * commit, thrown away with the process; pause and suspension are rows. */
#ifndef CAUNOI_GATEWAY_CHANNEL_H
#define CAUNOI_GATEWAY_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "gateway/limit.h"
#include "gateway/tick.h"
#include "gateway/verb.h"

#define CHANNELS_MAX 64

enum channel_state { CHANNEL_STARTING, CHANNEL_UP, CHANNEL_BUSY, CHANNEL_DOWN, CHANNEL_PAUSED, CHANNEL_SUSPENDED };

struct channel_open {
	int64_t attempt, since_mono_ms;
};

struct channel {
	const struct channel_config *config;
	int64_t peer; /* 0 = no driver connected */
	bool whole, idempotent, receipts, ussd, ready;
	bool paused, suspended;   /* as the row says */
	int credit, in_flight;
	struct bucket bucket;
	int failures;             /* channel faults in a row; five open the breaker */
	int64_t breaker_until_mono_ms;
	int64_t day, day_segments; /* of the quota's local day */
	int64_t unclear;
	int64_t since_mono_ms;    /* of the last word about an attempt while some are open, for the submit deadline */
	struct channel_open *open; /* attempts without an outcome, oldest first */
	size_t n_open, open_room;
	char last_inbound[260], poison[260]; /* the last message it brought; the one it died over */
	int poison_deaths;
	json_t *limits;           /* the driver's own limits per operation, seconds */
	json_t *status;           /* last status frame's fields */
	char last_error[128], reason[128];
	int64_t saved_mono_ms;
	bool dirty;               /* the row's live columns want writing */
};

void channel_init(struct channel *ch, const struct channel_config *cfg, int64_t mono_ms);
void channel_done(struct channel *ch);
enum channel_state channel_state(const struct channel *ch);
const char *channel_state_name(enum channel_state s);
/* How many attempts may be handed to it now. */
int channel_room(const struct channel *ch, int64_t mono_ms);
/* Reads pause, suspension and counts from the row, made when missing. */
MUST_CHECK int channel_load(struct tick *t, struct channel *ch);
/* Writes what queries show of it. */
MUST_CHECK int channel_save(struct tick *t, struct channel *ch);
MUST_CHECK int channel_suspend(struct tick *t, struct channel *ch, const char *why);
/* One channel fault (or none): opens or closes the breaker; runs after the commit. */
void channel_note(struct channel *ch, bool fault, int64_t mono_ms);

/* After how long without any outcome the driver is killed while attempts are open. */
double channel_deadline_s(const struct channel *ch);
/* An attempt was handed over, or has its outcome; after the commit. */
void channel_opened(struct channel *ch, int64_t attempt, int64_t mono_ms);
void channel_closed(struct channel *ch, int64_t attempt, int64_t mono_ms);
bool channel_has_open(const struct channel *ch, int64_t attempt);
/* The driver is gone: nothing is open with it any more. */
void channel_forget_open(struct channel *ch);
/* Is an attempt open that will hardly get an outcome: nothing came for the deadline, or for two minutes more while others were answered? */
bool channel_overdue(const struct channel *ch, int64_t mono_ms);
/* Adds to the day's segments in memory, after the commit that wrote them. */
void channel_count_segments(struct core *core, int64_t index, int64_t n);
/* Segments sent on the local day of the tick. */
int64_t channel_day_segments(const struct channel *ch, const struct tick *t);
/* Has the channel used up its day's segments or its month's persons (bulk waits, answers go)? */
bool channel_quota_used(const struct channel *ch, const struct tick *t);

extern const struct verb_table channel_verbs;
extern const struct sql_module channel_module;

#endif
