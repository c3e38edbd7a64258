/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign: what is said to whom, and how far it has come. Its messages belong to its flow. One table of states; every
 * write says "AND state = the one that was read". */
#ifndef CAUNOI_CAMPAIGNS_CAMPAIGN_H
#define CAUNOI_CAMPAIGNS_CAMPAIGN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "config/tariff.h"
#include "gateway/message.h"
#include "gateway/tick.h"
#include "gateway/verb.h"

struct occurrence;

#define CAMPAIGN_PRICE_VND 350 /* of a segment, where no channel's price is known */
#define CAMPAIGN_DIGEST_BYTES 32

enum campaign_state {
	CAMPAIGN_DRAFT,
	CAMPAIGN_SUBMITTED,
	CAMPAIGN_RETURNED,
	CAMPAIGN_APPROVED,
	CAMPAIGN_SCHEDULED,
	CAMPAIGN_RUNNING,
	CAMPAIGN_PAUSED,
	CAMPAIGN_DONE,
	CAMPAIGN_CANCELLED,
	CAMPAIGN_STATES,
};

struct campaign {
	int64_t id, flow;
	enum campaign_state state;
	enum message_class class;
	char *name, *text, *audience, *unit, *author, *pin;
	char *topic, *submitted_by, *approved_by, *returned_why, *start_local; /* NULL = none */
	int64_t start_at;                    /* 0 = when started; once started, when the first message of the present or next turn may leave */
	bool has_approval;
	uint8_t approval[CAMPAIGN_DIGEST_BYTES];
	int64_t total;                       /* -1 = not counted yet */
	json_t *excluded;                    /* {reason: n} of the planning */
	int64_t segments, cost_vnd, planned, plan_cursor, wording, replies, opt_outs;
	bool plan_done;                      /* nothing left to write (or, when cancelled, to clear) */
	int64_t started_at, start_seq, created_at;
	char *schedule;                      /* as schedule.h keeps it; NULL = once */
	char *reason;                        /* of an emergency; NULL = it is none */
	char *signup;                        /* programme that DK means to whom it reaches; NULL none */
	const struct occurrence *turn;       /* the one that is looked at; borrowed, NULL = none */
};

/* The unit of what somebody without a territory wrote: the organisation's. */
const char *campaign_home(const struct scope *in);
/* E_NOT_FOUND also when it lies outside the territory unit ("" = everything). Ends with campaign_done. */
MUST_CHECK int campaign_get(const struct scope *in, int64_t id, const char *unit, struct campaign *ret);
void campaign_done(struct campaign *c);
/* As campaign_get for a command's call, with the refusal filled. */
MUST_CHECK int campaign_of_call(const struct scope *in, const struct call *call, struct campaign *ret, struct refusal *why);

const char *campaign_state_name(enum campaign_state s);
bool campaign_may_move(enum campaign_state from, enum campaign_state to);
/* Writes everything that changes in a campaign's life. E_REFUSED when another state is on disk. */
MUST_CHECK int campaign_save(struct tick *t, struct campaign *c);
/* The same, with the move; E_REFUSED when the table does not know it. */
MUST_CHECK int campaign_move(struct tick *t, struct campaign *c, enum campaign_state to);
/* "It is running." as a refusal of status 409, rule "state". */
int campaign_refuse_state(const struct campaign *c, struct refusal *why);
/* Replaces a text of the struct; NULL allowed. */
MUST_CHECK int campaign_set_text(char **text, const char *value);

/* The campaign shape of the contract. t: the tick whose own changes count as well; NULL in a query. */
MUST_CHECK int campaign_json(const struct scope *in, struct tick *t, const struct campaign *c, json_t **ret);
/* What one segment costs by the channel the campaign is bound to. */
int64_t campaign_price_vnd(const struct scope *in, const struct campaign *c);
/* How the campaign's route counts: of the channel it is bound to, else of the one that its price is taken from. tariff_done. */
void campaign_tariff(const struct scope *in, const struct campaign *c, struct tariff *ret);

extern const char *const campaign_state_names[];
extern const char *const campaign_class_names[]; /* those that a person may choose */
extern const struct sql_module campaign_module;

typedef int (*campaign_fn)(struct tick *t, const struct call *call, struct campaign *c, struct refusal *why);
/* Reads the campaign that the call names, lets fn act, answers the shape. */
MUST_CHECK int campaign_act(struct tick *t, const struct call *call, campaign_fn fn, json_t **ret, struct refusal *why);

extern const struct verb_table campaign_verbs; /* campaign_verbs.c */

#endif
