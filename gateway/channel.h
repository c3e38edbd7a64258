/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A channel as the core sees it while it runs: credit, rate, health. Derived from rows and frames, changed only after a
 * commit, thrown away with the process; pause and suspension are rows. */
#ifndef CAUNOI_GATEWAY_CHANNEL_H
#define CAUNOI_GATEWAY_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "gateway/alarm.h"
#include "gateway/dial.h"
#include "gateway/limit.h"
#include "gateway/opaque.h"
#include "gateway/power.h"
#include "gateway/sim.h"
#include "gateway/tick.h"
#include "gateway/trouble.h"
#include "gateway/verb.h"

#define CHANNELS_MAX 64
#define CHANNEL_PROBE "probe" /* the frame that asks a driver for a fresh status */

enum channel_state { CHANNEL_STARTING, CHANNEL_UP, CHANNEL_BUSY, CHANNEL_DOWN, CHANNEL_PAUSED, CHANNEL_SUSPENDED };

extern const struct verb_table channel_verbs;

struct channel_open {
	int64_t attempt, since_mono_ms;
};

struct channel {
	const struct channel_config *config;
	int64_t peer; /* 0 = no driver connected */
	bool whole, idempotent, receipts, ussd, ready;
	bool lost;                /* what a driver that went had open is not decided yet */
	bool unread;              /* its row was not read yet: it takes nothing */
	bool paused, suspended;   /* as the row says */
	char cause[24];           /* of the suspension, a word of sim.h or "refused"; "" = none */
	struct sim sim;
	struct dial dial;
	struct power power;
	struct alarm_memory alarm;
	int64_t balance_vnd;      /* -1 = not known */
	int64_t balance_asked_at; /* Unix ms; 0 = never */
	int refusals;             /* messages refused by the network, one after the other */
	int64_t month, month_vnd; /* what messages have cost in that month of the calendar */
	struct trouble troubles[TROUBLE_FRESH]; /* not written yet */
	int credit, in_flight;
	bool resting;             /* a message may rest between two of its parts */
	struct bucket bucket;
	int failures;             /* channel faults in a row; five open the breaker */
	int64_t breaker_until_mono_ms;
	int64_t day, day_segments; /* of the quota's local day */
	int64_t unclear;
	int64_t since_mono_ms;    /* of the last word about an attempt while some are open, for the submit deadline */
	struct channel_open *open; /* attempts without an outcome, oldest first */
	size_t n_open, open_room;
	char last_inbound[OPAQUE_BYTES], poison[OPAQUE_BYTES]; /* the last message it brought; the one it died over */
	int poison_deaths;
	json_t *limits;           /* the driver's own limits per operation, seconds */
	json_t *status;           /* last status frame's fields */
	char last_error[TROUBLE_BYTES], reason[TROUBLE_BYTES];
	bool well;                /* a message was taken since: what the row says of an error is over */
	int64_t saved_mono_ms;
	bool dirty;               /* the row's live columns want writing */
};

void channel_init(struct channel *ch, const struct channel_config *cfg, int64_t mono_ms);
void channel_done(struct channel *ch);
enum channel_state channel_state(const struct channel *ch);
const char *channel_state_name(enum channel_state s);
/* Why nothing can be asked of it now, in words until it changes; NULL = it can. A modem without a network can. */
const char *channel_unreachable(const struct channel *ch);
/* How many attempts may be handed to it now. */
int channel_room(const struct channel *ch, int64_t mono_ms);
/* Reads pause, suspension and counts from the row, made when missing. */
MUST_CHECK int channel_load(struct tick *t, struct channel *ch);
bool channel_wants_save(const struct channel *ch, int64_t mono_ms);
/* Writes what queries show of it, and what follows from what its driver told. */
MUST_CHECK int channel_save(struct tick *t, struct channel *ch);
/* What the driver says of its modem: kept, and its SIM looked at. */
MUST_CHECK int channel_take_status(struct channel *ch, const json_t *status);
/* Until a person acts: cause is a word, why a sentence. */
MUST_CHECK int channel_suspend(struct tick *t, struct channel *ch, const char *cause, const char *why);
/* A person says stop, or go on: also after a suspension, then with the SIM that is in it. */
MUST_CHECK int channel_pause(struct tick *t, struct channel *ch);
MUST_CHECK int channel_resume(struct tick *t, struct channel *ch);
/* The cause of a suspension is gone by itself. */
MUST_CHECK int channel_release(struct tick *t, struct channel *ch);
/* May campaigns leave by it now? Answers go on where they must wait: abroad, with little credit. */
bool channel_takes_campaigns(const struct channel *ch, const struct tick *t);
/* May a part be handed over that belongs to a message begun before? */
bool channel_may_go_on(const struct channel *ch);
/* A result came: so many refusals of messages in a row and the channel waits for a person. */
MUST_CHECK int channel_count_refusal(struct tick *t, struct channel *ch, bool refused);
/* What a result says of the channel itself: opens or closes the breaker; runs after the commit. wish_ms: how long the provider asks to be
 * left alone, 0 = not said. */
enum channel_word { CHANNEL_WORKS, CHANNEL_FAILS, CHANNEL_SAYS_NOTHING };
void channel_note(struct channel *ch, enum channel_word word, int64_t wish_ms, int64_t mono_ms);

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
/* Adds to the month's cost in memory, after the commit that wrote it. */
void channel_count_cost(struct core *core, int64_t index, int64_t vnd);
/* The month as the rows count it, of the tick's local day. */
int64_t channel_month(const struct scope *in);
/* Does it count the people of a month: every modem, here or behind another program, and
 * whatever has a quota of them. */
bool channel_counts_persons(const struct channel_config *cfg);
/* Has the channel used up its day's segments, its month's persons or money (bulk waits, answers go)? */
bool channel_quota_used(const struct channel *ch, const struct tick *t);

extern const struct sql_module channel_module;

#endif
