/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Greeting a modem. Keeps nothing; never asks for more than a modem may lack. Source: ITU-T V.250 §6.2, 3GPP TS 27.007
 * §9.1. */
#include "gateway/drivers/gammu/greeting.h"

#include <stdlib.h>
#include <time.h>

#include "gateway/base/own.h"

#define ALIVE_MS 1500
#define ALIVE_TRIES 3
#define COMMAND_MS 8000
#define SETTLE_MS 200

static int say(struct line *l, const char *command, int64_t limit_ms)
{
	struct line_reply reply;
	int e = line_raw(l, command, limit_ms, &reply);
	free(reply.text);
	return e;
}

/* A modem may have been left with results as numbers, or with none. */
static const char *question(int i, int in_a_row)
{
	return i % 2 && !in_a_row ? "ATQ0V1" : "AT";
}

static void settle(void)
{
	const struct timespec moment = { .tv_nsec = SETTLE_MS * 1000000 };
	nanosleep(&moment, NULL);
}

int greeting_exchange(struct line *l)
{
	static const char *const wishes[] = { "ATE0", "AT+CMEE=1" };
	int in_a_row = 0, i = 0; /* two, because the first may belong to something older */
	line_escape(l);
	settle();
	for (; i < ALIVE_TRIES && in_a_row < 2 && line_is_up(l); i++)
		in_a_row = say(l, question(i, in_a_row), ALIVE_MS) ? 0 : in_a_row + 1;
	if (in_a_row < 2)
		return E_UNAVAILABLE;
	if (i > 2)
		settle(); /* what it still answers to the first questions is nobody's */
	line_heal(l);
	for (size_t w = 0; w < COUNT_OF(wishes); w++) {
		int e = say(l, wishes[w], COMMAND_MS);
		if (e && e != E_REFUSED)
			return e;
	}
	return 0;
}
