/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table conversation: who stands where in a menu. Rows in, rows out; what an input means is dialogue.c's, what follows ussd.c's. */
#ifndef CAUNOI_HANDLERS_CONVERSATION_H
#define CAUNOI_HANDLERS_CONVERSATION_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/store/store.h"
#include "gateway/tick.h"

#define CONVERSATION_NAME_BYTES 40
#define CONVERSATION_SAID_BYTES 512

struct conversation {
	int64_t id, address, changed_at, until_at; /* until_at: written, not read */
	char door[CONVERSATION_NAME_BYTES], menu[CONVERSATION_NAME_BYTES];
	bool open; /* neither ended nor left for good */
	bool more; /* the last screen waits for an answer */
	json_t *place;
	char *heard;
	char said[CONVERSATION_SAID_BYTES];
};
void conversation_done(struct conversation *c);

/* The newest of a door's session. E_NOT_FOUND. */
MUST_CHECK int conversation_find(const struct scope *in, const char *door, const char *session, struct conversation *ret);
/* By its id, while it is open. E_NOT_FOUND. */
MUST_CHECK int conversation_get(const struct scope *in, int64_t id, struct conversation *ret);
/* The newest that a number left open on a screen of this menu and that is not given up yet. E_NOT_FOUND. */
MUST_CHECK int conversation_left(const struct scope *in, const char *menu, int64_t address, struct conversation *ret);
/* Open ones whose time has passed: ids, at most n. Result = how many, or negative. */
MUST_CHECK int conversation_forsaken(const struct scope *in, int n, int64_t *ret);
/* A new row; c->id is set. session "" none. */
MUST_CHECK int conversation_put(struct tick *t, struct conversation *c, const char *session);
/* place, heard, said, more and open as they are now. */
MUST_CHECK int conversation_keep(struct tick *t, const struct conversation *c);
/* It is over, whatever was said last. */
MUST_CHECK int conversation_close(struct tick *t, int64_t id);
/* Deletes what ended before a moment, at most n rows. *ret_n = how many. */
MUST_CHECK int conversation_forget(struct tick *t, int64_t before_ms, int n, int64_t *ret_n);

extern const struct sql_module conversation_module;

#endif
