/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conversation of AT+CMGS and AT+CMGW behind the command itself: prompt, body, network, answer, and everything
 * that a script lets go wrong in it. */
#ifndef CAUNOI_SIM_MODEM_SENDING_H
#define CAUNOI_SIM_MODEM_SENDING_H

#include "tests/simulators/modem/command.h"

/* m->sending is set: the prompt follows, or what a fault puts in its place. */
struct outcome sending_prompt(struct modem *m);
/* The body up to Ctrl-Z. Answers, or does not. False when the line is not free until a late answer. */
bool sending_body(struct modem *m, const char *body);
/* Forgets late answers: the modem lost its power. */
void sending_forget(struct modem *m);

#endif
