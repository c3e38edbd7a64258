/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes from the client: echoed, gathered into command lines and message bodies, one at a time. While a command is
 * at work further bytes wait. */
#ifndef CAUNOI_SIM_MODEM_LINE_H
#define CAUNOI_SIM_MODEM_LINE_H

#include "tests/simulators/modem/modem.h"

void line_feed(struct modem *m, const char *data, size_t n_bytes);
/* The command at work is over: goes on with what waits. */
void line_ready(struct modem *m);
/* Writes the prompt after the modem's prompt time and gathers a message body. */
void line_prompt(struct modem *m);
/* The client went: what it had not finished writing is forgotten, what it had is carried out. */
void line_hang_up(struct modem *m);
/* Forgets commands, bodies and waiting bytes. */
void line_reset(struct modem *m);

#endif
