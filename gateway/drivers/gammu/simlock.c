/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SIM's lock. Called when a modem is brought up, before libgammu is connected, because the library would go on with
 * a locked SIM as if nothing was wrong. Source: 3GPP TS 27.007 §8.3. */
#include "gateway/drivers/gammu/simlock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/own.h"

#define COMMAND_MS 8000
#define SETTLE_MS 200
#define SETTLE_TRIES 25 /* some modems need seconds to read the SIM */
#define TRIES_OF_A_SIM 3

enum { CME_NO_SIM = 10, CME_PIN = 11, CME_PUK = 12, CME_SIM_FAILURE = 13 };

static enum simlock lock_of_error(int code)
{
	switch (code) {
	case CME_NO_SIM:
	case CME_SIM_FAILURE:
		return SIMLOCK_NO_SIM;
	case CME_PIN:
		return SIMLOCK_PIN;
	case CME_PUK:
		return SIMLOCK_PUK;
	default:
		return SIMLOCK_UNKNOWN;
	}
}

enum simlock simlock_find(struct line *l)
{
	struct line_reply reply;
	int e = line_raw(l, "AT+CPIN?", COMMAND_MS, &reply);
	OWN(mem) char *text = reply.text;
	if (e == E_REFUSED)
		return reply.kind == CMS_CME ? lock_of_error(reply.code) : SIMLOCK_UNKNOWN;
	if (e || !text)
		return SIMLOCK_UNKNOWN;
	return strstr(text, "READY")			     ? SIMLOCK_NONE :
	       strstr(text, "PIN2") || strstr(text, "PUK2") ? SIMLOCK_OTHER :
	       strstr(text, "SIM PIN")			     ? SIMLOCK_PIN :
	       strstr(text, "SIM PUK")			     ? SIMLOCK_PUK :
	       strchr(text, ':')			     ? SIMLOCK_OTHER :
							       SIMLOCK_UNKNOWN;
}

const char *simlock_name(enum simlock lock)
{
	static const char *const names[] = {
		[SIMLOCK_NONE] = "ready",    [SIMLOCK_PIN] = "pin",	  [SIMLOCK_PUK] = "puk",
		[SIMLOCK_OTHER] = "locked", [SIMLOCK_NO_SIM] = "absent", [SIMLOCK_UNKNOWN] = "unknown",
	};
	return names[lock];
}

/* Tries left as the modem tells them, -1 where it does not. */
static int tries_left(struct line *l)
{
	static const struct {
		const char *command, *format;
	} ways[] = {
		{ "AT+CPINR=\"SIM PIN\"", "+CPINR: SIM PIN,%d" },
		{ "AT^CPIN?", "^CPIN: SIM PIN,%*[^,],%*d,%d" },
		{ "AT+QPINC=\"SC\"", "+QPINC: \"SC\",%d" },
		{ "AT+SPIC", "+SPIC: %d" },
	};
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		struct line_reply reply;
		int e = line_raw(l, ways[i].command, COMMAND_MS, &reply), left;
		bool told = !e && sscanf(reply.text, ways[i].format, &left) == 1;
		free(reply.text);
		if (told)
			return left;
	}
	return -1;
}

static const char *why_not(struct line *l, const char *pin, const struct pinmark *mark)
{
	if (!*pin)
		return "the SIM asks for a PIN and none is configured: name it by pin_secret, or take the PIN off the SIM in a telephone";
	if (pinmark_is_set(mark, pin))
		return "the PIN was tried once and not accepted; it is not tried again: put in the right one, or take it off in a telephone";
	int left = tries_left(l);
	return left >= 0 && left < TRIES_OF_A_SIM ? "the SIM has seen a wrong PIN; it is not tried again: enter the right one in a telephone first" : NULL;
}

static int enter(struct line *l, const char *pin)
{
	const struct timespec moment = { .tv_nsec = SETTLE_MS * 1000000 };
	char command[32];
	struct line_reply reply;
	snprintf(command, sizeof(command), "AT+CPIN=\"%s\"", pin);
	int e = line_raw(l, command, COMMAND_MS, &reply);
	free(reply.text);
	explicit_bzero(command, sizeof(command));
	for (int i = 0; !e && i < SETTLE_TRIES; i++) {
		if (simlock_find(l) == SIMLOCK_NONE)
			return 0;
		nanosleep(&moment, NULL);
	}
	return E_REFUSED;
}

static int open_with_pin(struct line *l, const char *pin, struct pinmark *mark, const char **ret_why)
{
	*ret_why = why_not(l, pin, mark);
	if (*ret_why)
		return E_REFUSED;
	if (pinmark_set(mark, pin)) {
		*ret_why = "the PIN is not tried, because that could not be remembered: the data folder must be writable";
		return E_REFUSED;
	}
	if (enter(l, pin)) {
		*ret_why = "the PIN was not accepted; it is not tried again: put in the right one, or take it off in a telephone";
		return E_REFUSED;
	}
	pinmark_clear(mark);
	return 0;
}

int simlock_open(struct line *l, const char *pin, struct pinmark *mark, const char **ret_why)
{
	switch (simlock_find(l)) {
	case SIMLOCK_NONE:
	case SIMLOCK_UNKNOWN:
		return 0;
	case SIMLOCK_PIN:
		return open_with_pin(l, pin, mark, ret_why);
	case SIMLOCK_PUK:
		*ret_why = "the SIM asks for its PUK: enter it in a telephone; the operator knows it";
		return E_REFUSED;
	case SIMLOCK_OTHER:
		*ret_why = "the SIM or the modem is locked: use the SIM in a telephone to see what it asks for";
		return E_REFUSED;
	case SIMLOCK_NO_SIM:
		*ret_why = "no SIM that can be read: put it in, or take it out and in again";
		return E_UNAVAILABLE;
	}
	return 0;
}
