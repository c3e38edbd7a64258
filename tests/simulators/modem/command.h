/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AT commands: the table's shape, arguments, outcomes, and the interpreter of a command line. */
#ifndef CAUNOI_SIM_MODEM_COMMAND_H
#define CAUNOI_SIM_MODEM_COMMAND_H

#include "tests/simulators/modem/modem.h"

#define ARGS_MAX 8

enum verb { VERB_RUN, VERB_READ, VERB_TEST, VERB_SET }; /* AT+X, AT+X?, AT+X=?, AT+X=… */

struct args {
	int n;
	const char *field[ARGS_MAX]; /* without quotation marks; "" where left out, never NULL */
	char text[4200];
};

enum outcome_kind {
	OUTCOME_OK,
	OUTCOME_ERROR,
	OUTCOME_CME,
	OUTCOME_CMS,
	OUTCOME_LATER,  /* the line is not free yet: a prompt follows */
	OUTCOME_SILENT, /* no answer at all */
};
struct outcome {
	enum outcome_kind kind;
	int code;
};

enum command_needs { NEEDS_NOTHING, NEEDS_SIM, NEEDS_SIM_CMS }; /* errors by +CME or by +CMS */
struct command {
	const char *name; /* "+CSQ" */
	enum command_needs needs;
	struct outcome (*run)(struct modem *m, enum verb verb, const struct args *args);
};

/* Runs one line that begins with "AT" and answers it. False when the line is not free yet. */
bool command_line(struct modem *m, const char *text);
/* Says the final answer of an outcome. */
void command_answer(struct modem *m, struct outcome o);
/* The final answer after after_ms; the line is free again behind it. */
struct outcome command_answer_late(struct modem *m, struct outcome o, int after_ms);
/* Forgets late answers: the modem lost its power. */
void command_forget(struct modem *m);
/* Number in field i, otherwise when it is left out or no number. */
long args_int(const struct args *a, int i, long otherwise);

/* The tables. Their end is an entry without a name. */
const struct command *general_commands(void);
const struct command *sms_commands(void);
/* Forgets USSD replies that are on their way. */
void general_forget(struct modem *m);

#endif
