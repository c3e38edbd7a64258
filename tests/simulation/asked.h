/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers that the model of a server was asked for ahead: as they were when it was asked, whatever was written since. Each is used
 * once; what is asked again meanwhile is not. Called by the model with its own statements. */
#ifndef CAUNOI_SIMULATION_ASKED_H
#define CAUNOI_SIMULATION_ASKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model_statement;
struct answer;

struct asked {
	struct answer *waiting, *served;
};

/* Runs the statement to its end unless its answer waits already, keeps what it gives, and resets it. Memory that fails keeps nothing: the read asks for itself. */
void asked_put(struct asked *a, struct model_statement *st);
/* A statement about to run gets its answer from here: true when there is one. */
bool asked_take(struct asked *a, struct model_statement *st);
/* What a statement's rows come from now; NULL: from the engine. */
struct answer *asked_served(const struct asked *a, const struct model_statement *st);
/* The statement is reset. */
void asked_done(struct asked *a, const struct model_statement *st);
void asked_forget(struct asked *a);

/* 1: a row, 0: no more. */
int answer_row(struct answer *r);
int64_t answer_int(const struct answer *r, int i);
double answer_real(const struct answer *r, int i);
const char *answer_text(const struct answer *r, int i);
const void *answer_blob(const struct answer *r, int i, size_t *ret_bytes);
bool answer_null(const struct answer *r, int i);

#endif
