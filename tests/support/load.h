/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A little of everything that a gateway is asked in a day, for tests that kill it or cut its power in the middle: keyed messages,
 * people who write, one who opts out, a list and a campaign. Nothing here expects an answer; what was answered is kept in the
 * oracle of the laws and must be found again, whatever happened since. Every number and text is drawn once. */
#ifndef CAUNOI_TESTS_SUPPORT_LOAD_H
#define CAUNOI_TESTS_SUPPORT_LOAD_H

#include "tests/support/gateway.h"
#include "tests/support/invariants.h"

#define LOAD_ASKED 512

enum load_kind { LOAD_NOTHING, LOAD_SEND, LOAD_SAY, LOAD_STOP_WORD, LOAD_OPT_OUT, LOAD_KINDS };

struct load {
	struct gateway *g; /* with channels "api", "once" and "may-ao", "sim1" where has_modem */
	struct invariants *laws;
	int n_keys, n_said, n_delivered, n_groups; /* drawn so far */
	int stop_word_of, opt_out_of;              /* groups in which somebody did so */
	const char *last_channel;
	bool (*is_over)(void *arg);                /* asked while a step waits: nobody will answer any more; NULL = never */
	void *is_over_arg;
	int64_t acknowledged[LOAD_KINDS];
	int64_t imported, started;                 /* people and campaigns, acknowledged */
	int64_t unclear[2];                        /* attempts by modem and by the API without keys, when last counted */
	int64_t worst[2];                          /* most new ones in one count */
	struct load_asked {
		int64_t id;
		enum load_kind kind;
		int n;
	} asked[LOAD_ASKED];
};

/* The channels that a load speaks to, for gateway_options. With the modem or without. */
extern const char load_channels[], load_channels_no_modem[];

/* For a gateway that was made and not started. Watches the journals of its simulators. */
struct load *load_new(struct gateway *g);
void load_free(struct load *l);

/* ---- asking; the answers come by load_take ---- */

/* A message under a key of its own, on channel; the last one again, word for word. */
void load_send(struct load *l, const char *channel);
void load_send_again(struct load *l);
/* Somebody writes. Somebody of the last group writes the word that stops, another is opted out by the staff: once a group. */
void load_say(struct load *l);
void load_say_stop(struct load *l);
void load_opt_out(struct load *l);
/* A message arrives at the modem. */
void load_deliver(struct load *l);
/* Reads answers: until all came, the core is gone, or limit_ms after the last. False when some are missing. */
bool load_take(struct load *l, int limit_ms);

/* ---- done step by step; false when the core went away or it is over ---- */

/* A list of n people is imported as a group of its own, and a campaign to it is written, approved and started on channel. */
bool load_campaign(struct load *l, const char *channel, int n);

/* ---- judging ---- */

/* The core is gone: takes what it still said, and nobody will answer the rest. */
void load_forget(struct load *l);
/* All laws, what was acknowledged, and no more unclear attempts since the last call than so many crashes explain. Ends the test
 * when one is broken; where says at which point. */
void load_check(struct load *l, int crashes, const char *where);
/* On a running core: waits until nothing is under way, stops it, and accounts for every message. Ends the test when that takes
 * longer than limit_ms or something is missing. */
void load_finish(struct load *l, int limit_ms);

#endif
