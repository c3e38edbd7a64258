/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who remembers what everybody outside was told, and what reached a wire. Knows nothing of the core's tables. Says what it saw in
 * intervals: a wish given in one step and acknowledged in a later one took effect somewhere between. */
#ifndef CAUNOI_SIMULATION_ORACLE_H
#define CAUNOI_SIMULATION_ORACLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct world;
struct process;

struct oracle {
	json_t *accepted;		    /* key → {"to", "text"}: message.send was answered with ok */
	json_t *accepted_new, *inbound_new; /* not looked for in the database yet */
	json_t *inbound;		    /* "channel|id" → true: acknowledged */
	json_t *wire;			    /* "message:part" → how often it reached a network */
	json_t *messages;    /* message → {"to", "tag", "touched", …} */
	json_t *attempts;    /* attempt → {"message", "part", "outcome", "written"} */
	json_t *tags;	     /* "S12", "C3" → {"class", "topic", "expires_at"} */
	json_t *results;     /* key → what the command was answered with */
	json_t *states;	     /* message → the state it was last seen in */
	json_t *switches;    /* subject → [{"off", "scope", "given", "acked"}] */
	json_t *claims;	     /* number → [{"message", "at"}]: bulk messages and when they were last claimed */
	json_t *awaited;     /* "channel|id" → {"subject", "n"} */
	json_t *submits;     /* of the tick in hand: [{"process", "channel", "frame"}] */
	json_t *heads;	     /* [{"seq", "hash"}] of the audit chain */
	json_t *forgotten;   /* people: contact.forget was answered with ok */
};

void oracle_init(struct world *w);
void oracle_done(struct oracle *o);
/* A frame that the core let out, seen right after its tick. */
void oracle_look(struct world *w, struct process *p, const json_t *frame);
/* A text's tag has this class and topic ("" = none). */
void oracle_tag(struct world *w, const char *tag, const char *class, const char *topic);
/* Its campaign has more than one turn: the same words come again, by another message. */
void oracle_comes_again(struct world *w, const char *tag);
/* Surely stopped: acknowledged, and nothing that may have resumed it. */
bool oracle_is_off(const struct world *w, const char *subject);
/* Something that stops or resumes is given to the core for the first time: subject "person:+84…", "campaign:3". The number under which
 * oracle_switched acknowledges it. */
int64_t oracle_switch(struct world *w, const char *subject, bool off, const char *scope);
void oracle_switched(struct world *w, const char *subject, int64_t n);
/* The switch is acknowledged with the inbound message "channel|id". */
void oracle_awaits(struct world *w, const char *inbound, const char *subject, int64_t n);
/* An inbound message was acknowledged. */
void oracle_stored(struct world *w, const char *channel, const char *id);
/* All frames of a tick were looked at: submits are judged after what the same tick acknowledged. */
void oracle_judge(struct world *w);
/* An order was acknowledged; latest_ms: the wall clock's highest reading since it was given, but now. */
void oracle_accepted(struct world *w, const char *key, const json_t *args, int64_t latest_ms);
void oracle_wire(struct world *w, int channel, const json_t *submit);
/* A driver said how an attempt ended. */
void oracle_outcome(struct world *w, const char *attempt, const char *outcome);
/* The process of these attempts is gone; unwritten says that the frame never left. */
void oracle_unwritten(struct world *w, const char *attempt);
/* A command with a key was answered: every time with the same. session: whose key it is. */
void oracle_result(struct world *w, const char *verb, const char *key, const char *session, const json_t *result);
/* These words go out once more, by another message: a person decides so. */
void oracle_repeats(struct world *w, const char *text);
/* An acknowledged wish of staff is in the database under its key. */
void oracle_kept(struct world *w, const char *verb, const char *key);

#endif
