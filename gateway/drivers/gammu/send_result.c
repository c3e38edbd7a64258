/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict on a send. Keeps nothing; the library's opinion is not asked. */
#include "gateway/drivers/gammu/send_result.h"

#include <stdio.h>

#include "gateway/drivers/gammu/cms.h"

void send_result_say(struct driver *d, const char *attempt, enum outcome outcome, enum fault fault, const char *code, const char *detail)
{
	driver_result(d, &(struct driver_result){ .attempt = attempt, .outcome = outcome, .fault = fault, .code = code, .detail = detail });
}

static void say_accepted(struct driver *d, const char *attempt, int mr)
{
	char reference[16];
	snprintf(reference, sizeof(reference), "mr:%d", mr);
	driver_result(d, &(struct driver_result){ .attempt = attempt, .outcome = OUTCOME_ACCEPTED, .reference = reference });
}

static void say_error(struct driver *d, const char *attempt, const struct guard_send *s)
{
	struct cms_verdict v;
	char code[16];
	cms_judge(s->kind, s->code, s->handed, &v);
	cms_format(s->kind, s->code, code, sizeof(code));
	send_result_say(d, attempt, v.outcome, v.fault, code, v.phrase);
}

void send_result_tell(struct driver *d, const char *attempt, const struct guard_send *s)
{
	switch (s->sent) {
	case GUARD_SENT_ACCEPTED:
		say_accepted(d, attempt, s->mr);
		break;
	case GUARD_SENT_ERROR:
		say_error(d, attempt, s);
		break;
	case GUARD_SENT_OPEN:
	case GUARD_SENT_NO_PROMPT:
		send_result_say(d, attempt, OUTCOME_NOT_SENT, FAULT_CHANNEL, NULL, "no prompt from the modem");
		break;
	case GUARD_SENT_NO_ANSWER:
		send_result_say(d, attempt, OUTCOME_UNCLEAR, FAULT_NONE, NULL, "no final answer from the modem");
		break;
	case GUARD_SENT_LOST:
		send_result_say(d, attempt, s->handed ? OUTCOME_UNCLEAR : OUTCOME_NOT_SENT, s->handed ? FAULT_NONE : FAULT_CHANNEL, NULL,
				s->handed ? "the modem went away before its answer" : "the modem is not connected");
		break;
	}
}
