/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three people at the cases: the operator and two colleagues with tokens of their own, one of whom is now and then shut out and may not know
 * of every case; and one who approves. Their answers hold the laws of locks and of accounts. */
#ifndef CAUNOI_SIMULATION_DESK_H
#define CAUNOI_SIMULATION_DESK_H

#include <jansson.h>

struct world;

#define DESK_PEOPLE 4

struct desk {
	char token[DESK_PEOPLE][96]; /* "" = none yet; the operator needs none */
	json_t *held;	 /* case → {"who", "given", "until"}: the lock that was last acknowledged */
	json_t *loosened; /* "case:who" → {"open", "at"}: wishes that may end a lock of who, "case:*" of anybody */
	int last;	 /* the case that was last locked */
	char key[24];	 /* under which somebody asked last, and what */
	char verb[24];
	int who;
};

void desk_init(struct world *w);
void desk_done(struct desk *d);
/* The token of whoever approves; NULL while there is none: then somebody is taken on. */
const char *desk_approver(struct world *w);
/* One wish of somebody's about a case. */
void desk_act(struct world *w);
/* The core let the answer to a wish out. */
void desk_answered(struct world *w, json_t *wish, const json_t *reply);

#endif
