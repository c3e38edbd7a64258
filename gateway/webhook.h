/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines that use this gateway are told what happens: an event is a row, written in the tick of what it tells, and goes out by a
 * program of its own for each receiver, at least once, in order for each message. A receiver that fails is tried again for a day by a
 * ladder, then a person is told. Nothing here ever holds up a message. */
#ifndef CAUNOI_GATEWAY_WEBHOOK_H
#define CAUNOI_GATEWAY_WEBHOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "gateway/message.h"
#include "gateway/tick.h"

#define WEBHOOKS_MAX 8
#define WEBHOOK_OPEN_MAX 64

struct core;
struct peer;
struct sql_module;

extern const struct verb_table webhook_verbs;

/* A receiver as the core sees it while it runs; changed only after a commit. */
struct webhook {
	const struct webhook_config *config;
	int64_t peer;  /* 0 = its program does not run */
	bool ready, known; /* known: its rows were counted */
	struct {
		int64_t id, since_mono_ms;
	} open[WEBHOOK_OPEN_MAX]; /* events given to its program */
	int n_open;
	int64_t pending;	/* rows that wait or are open */
	int64_t given_up;
	int failures;		/* in a row; five and one event at a time is tried */
	int64_t until_mono_ms;	/* then nothing before */
	int64_t told, lost;	/* since they were written */
	int64_t failing_since;	/* Unix ms; 0 = it answers */
	char error[80];
	bool fresh;		/* an event was put in this tick */
	bool dirty;
	int alarmed;		/* -1 = not looked for yet */
	int64_t saved_mono_ms;
};

/* A message has moved; inbound: the handlers have seen what somebody wrote. Rows for every receiver that wants them. */
MUST_CHECK int webhook_message(struct tick *t, int64_t message, enum message_state to, const char *reason);
MUST_CHECK int webhook_inbound(struct tick *t, int64_t inbound);
/* An event for one receiver alone, to try it. */
MUST_CHECK int webhook_test(struct tick *t, struct webhook *w);
/* What the receiver's program says. */
MUST_CHECK int webhook_frame(struct tick *t, struct peer *p, const json_t *frame);
/* Its connection is gone: what it had open is given out again. */
void webhook_lost(struct core *core, const struct peer *p);
int webhook_duty(struct tick *t, int64_t *ret_due_at);
/* Takes the receivers of a configuration: those of the same name keep their memory. Programs whose settings changed are to be started
 * again: bits of the places. */
void webhook_plan(struct core *core, const struct config *cfg, unsigned *ret_changed);
/* Puts "webhooks" into obj: of each receiver whether it answers, what waits and what was given up. Reads rows. E_NOMEM and the store's. */
MUST_CHECK int webhook_status(const struct scope *in, json_t *obj);
/* The receiver of a name; NULL. */
struct webhook *webhook_find(struct core *core, const char *name);
/* Given-up events wait again, or are forgotten; a few thousand a call, *ret_n how many. */
MUST_CHECK int webhook_again(struct tick *t, struct webhook *w, int64_t *ret_n);
MUST_CHECK int webhook_discard(struct tick *t, struct webhook *w, int64_t *ret_n);

extern const struct sql_module webhook_module, webhook_upkeep_module;

#endif
