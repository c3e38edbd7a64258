/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message of the core that is open here: it waits, goes, is in doubt, is asked after, until one result is told. The
 * pool holds as many as there is credit. Used by post.c; no I/O. */
#ifndef CAUNOI_DRIVERS_HTTP_LETTER_H
#define CAUNOI_DRIVERS_HTTP_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/drivers/driver.h"

enum letter_state { LETTER_FREE, LETTER_WAITING, LETTER_GOING, LETTER_DOUBTED, LETTER_ASKED };

struct letter {
	enum letter_state state;
	struct letter *next; /* waiting or free */
	char *attempt, *to, *text, *sender, *key;
	bool unicode, renewed; /* renewed: sent again once with a new token */
	bool alone;	       /* sent again without others: a request with it was refused as a whole */
	bool told;	       /* its result was told while it went in a batch */
	int parts;
	int64_t validity_s;
	/* the doubt that look-ups may lift */
	int lookups;
	int64_t due_mono_ms;
	char *code;
	const char *detail; /* static */
};
struct letters {
	struct letter *all, *free, *first, *last;
	int n, n_open, n_waiting;
};

MUST_CHECK int letters_init(struct letters *l, int credit);
void letters_done(struct letters *l);
/* A copy of s, at the end of those that wait; NULL = no credit or no memory (*ret_full says which). */
struct letter *letters_add(struct letters *l, const struct submit *s, const char *sender, bool *ret_full);
/* First of those that wait, taken out; NULL = none. */
struct letter *letters_take(struct letters *l);
/* The first waiting one that may share a request with others (same text, sender and kind, other numbers), taken out. */
struct letter *letters_take_like(struct letters *l, struct letter *const *others, size_t n);
/* Back to the front of those that wait. */
void letters_put_first(struct letters *l, struct letter *t);
/* Takes a waiting one out. */
void letters_leave(struct letters *l, struct letter *t);
struct letter *letters_find(const struct letters *l, const char *attempt);
/* Its result was told: it is free. Not while it waits. */
void letters_close(struct letters *l, struct letter *t);

#endif
