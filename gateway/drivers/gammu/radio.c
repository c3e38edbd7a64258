/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bringing a modem up and using it. The order: is it alive, is the SIM open, then libgammu. A PIN is tried once, and
 * only when the SIM has all its tries left as far as it tells. */
#include "gateway/drivers/gammu/radio.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/drivers/gammu/pace.h"

#define ALIVE_MS 1500
#define ALIVE_TRIES 6
#define COMMAND_MS 8000
#define SETTLE_MS 200
#define PIN_SETTLE_TRIES 10
#define ABSORB_READS 8

/* Raw command whose reply does not matter. */
static int say(struct radio *r, const char *command, int64_t limit_ms)
{
	struct line_reply reply;
	int e = line_raw(r->line, command, limit_ms, &reply);
	free(reply.text);
	return e;
}

static void settle(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	nanosleep(&t, NULL);
}

/* Two answers in a row: the first may belong to something older. */
static int find_alive(struct radio *r)
{
	line_escape(r->line);
	settle(SETTLE_MS);
	int in_a_row = 0;
	for (int i = 0; i < ALIVE_TRIES && in_a_row < 2 && line_is_up(r->line); i++)
		in_a_row = say(r, "AT", ALIVE_MS) == 0 ? in_a_row + 1 : 0;
	if (in_a_row < 2)
		return E_UNAVAILABLE;
	line_heal(r->line);
	int e = say(r, "ATE0", COMMAND_MS);
	return e ? e : say(r, "AT+CMEE=1", COMMAND_MS);
}

/* ---- the SIM's PIN -------------------------------------------------------------------------------------------- */

enum lock { LOCK_NONE, LOCK_PIN, LOCK_OTHER, LOCK_NO_SIM, LOCK_UNKNOWN };

static enum lock find_lock(struct radio *r)
{
	struct line_reply reply;
	int e = line_raw(r->line, "AT+CPIN?", COMMAND_MS, &reply);
	OWN(mem) char *text = reply.text;
	if (e == E_REFUSED)
		return reply.kind == CMS_CME && reply.code == 10 ? LOCK_NO_SIM : LOCK_UNKNOWN;
	if (e || !text)
		return LOCK_UNKNOWN;
	return strstr(text, "READY")	   ? LOCK_NONE :
	       strstr(text, "SIM PIN2")	   ? LOCK_OTHER :
	       strstr(text, "SIM PIN")	   ? LOCK_PIN :
	       strchr(text, ':')	   ? LOCK_OTHER :
					     LOCK_UNKNOWN;
}

/* Tries left as the modem tells them, -1 where it does not. */
static int pin_left(struct radio *r)
{
	static const struct {
		const char *command, *format;
	} ways[] = {
		{ "AT+CPINR=\"SIM PIN\"", "+CPINR: SIM PIN,%d" },
		{ "AT^CPIN?", "^CPIN: SIM PIN,%*[^,],%*d,%d" },
		{ "AT+SPIC", "+SPIC: %d" },
	};
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		struct line_reply reply;
		int e = line_raw(r->line, ways[i].command, COMMAND_MS, &reply), left;
		bool told = !e && sscanf(reply.text, ways[i].format, &left) == 1;
		free(reply.text);
		if (told)
			return left;
	}
	return -1;
}

static int enter_pin(struct radio *r, const char **ret_why)
{
	int left = pin_left(r);
	bool risky = left >= 0 && left < 3; /* somebody has failed already: one more try is a person's decision */
	*ret_why = !*r->settings->pin ? "the SIM asks for a PIN and none is configured" :
		   r->pin_tried	      ? "the PIN was refused; it is not tried again" :
		   risky	      ? "the SIM has seen a wrong PIN; it is not tried again" :
					NULL;
	if (*ret_why)
		return E_REFUSED;
	char command[32];
	snprintf(command, sizeof(command), "AT+CPIN=\"%s\"", r->settings->pin);
	r->pin_tried = true;
	int e = say(r, command, COMMAND_MS);
	explicit_bzero(command, sizeof(command));
	for (int i = 0; !e && i < PIN_SETTLE_TRIES && find_lock(r) != LOCK_NONE; i++)
		settle(SETTLE_MS);
	*ret_why = "the PIN was refused; it is not tried again";
	return e ? E_REFUSED : 0;
}

static int unlock(struct radio *r, const char **ret_why)
{
	switch (find_lock(r)) {
	case LOCK_NONE:
	case LOCK_UNKNOWN: /* some modems do not know the question */
		return 0;
	case LOCK_PIN:
		return enter_pin(r, ret_why);
	case LOCK_OTHER:
		*ret_why = "the SIM is locked and needs a person";
		return E_REFUSED;
	case LOCK_NO_SIM:
		*ret_why = "no SIM";
		return E_UNAVAILABLE;
	}
	return 0;
}

/* ---- up and down ---------------------------------------------------------------------------------------------- */

static int bring_up(struct radio *r, const char **ret_why)
{
	*ret_why = "the modem does not answer";
	int e = find_alive(r);
	if (!e)
		e = unlock(r, ret_why);
	if (e)
		return e;
	*ret_why = "the modem does not answer as expected";
	e = gsm_open(line_pty(r->line), r->settings->model, &r->gsm);
	if (e)
		return e;
	e = slots_probe(&r->slots, r->line);
	if (e)
		return e;
	*ret_why = "no service centre number on the SIM";
	e = gsm_set_centre(r->gsm, r->settings->smsc);
	if (!e)
		(void)!gsm_listen(r->gsm); /* without notifications polling still finds everything */
	if (!e && !r->settings->limits.pause_ms)
		(void)!say(r, "AT+CMMS=2", COMMAND_MS); /* the radio link stays open between segments, where the modem can */
	return !e && line_is_sick(r->line) ? E_UNAVAILABLE : e;
}

int radio_open(struct radio *r, const char **ret_why)
{
	const struct guard_limits *limits = &r->settings->limits;
	int e = line_open(r->line, r->settings->device, r->settings->baud, limits);
	if (e) {
		*ret_why = e == E_NOT_FOUND ? "no such device" : e == E_UNAVAILABLE ? "another program uses the device" : "the device cannot be opened";
		return e;
	}
	r->sim_command = NULL;
	pace_follow(limits->pause_ms ? NULL : r->line);
	e = bring_up(r, ret_why);
	if (e)
		radio_close(r);
	return e;
}

void radio_close(struct radio *r)
{
	gsm_close(r->gsm);
	r->gsm = NULL;
	pace_follow(NULL);
	line_close(r->line);
}

/* ---- use ------------------------------------------------------------------------------------------------------ */

void radio_send(struct radio *r, const struct segment *s, struct guard_send *ret)
{
	uint8_t tpdu[SEGMENT_TPDU_BYTES];
	int n = segment_encode(s, tpdu);
	*ret = (struct guard_send){ .sent = GUARD_SENT_NO_PROMPT, .mr = -1 };
	if (n < 0 || line_arm(r->line, tpdu, (size_t)n))
		return;
	(void)!gsm_send(r->gsm, s); /* its opinion does not count: the line knows */
	line_wait_sent(r->line, ret);
	for (int i = 0; i < ABSORB_READS && line_library_waits(r->line); i++)
		gsm_absorb(r->gsm);
}

/* Digits of an ICCID or IMSI in a reply; some modems append an F. */
static bool take_digits(const char *text, char *ret, size_t room)
{
	const char *p = strpbrk(text, "0123456789");
	size_t n = p ? strspn(p, "0123456789") : 0;
	if (n < 10 || n >= room)
		return false;
	memcpy(ret, p, n);
	ret[n] = '\0';
	return true;
}

static bool ask_sim(struct radio *r, const char *command, char *ret, size_t room)
{
	struct line_reply reply;
	int e = line_raw(r->line, command, COMMAND_MS, &reply);
	bool found = !e && take_digits(reply.text, ret, room);
	free(reply.text);
	return found;
}

/* Once a modem has told its SIM in one way, only that way counts: another number would look like another SIM. */
static void find_sim(struct radio *r, char *ret, size_t room)
{
	static const char *const commands[] = { "AT+CCID", "AT^ICCID?", "AT+ICCID", "AT+ZGETICCID", "AT+CIMI" };
	if (r->sim_command) {
		if (!ask_sim(r, r->sim_command, ret, room))
			*ret = '\0';
		return;
	}
	for (size_t i = 0; i < COUNT_OF(commands) && !r->sim_command; i++)
		if (ask_sim(r, commands[i], ret, room))
			r->sim_command = commands[i];
}

void radio_status(struct radio *r, struct modem_status *ret)
{
	struct modem_status s = { .signal_percent = -1 };
	struct gsm_network network = { 0 };
	if (gsm_signal(r->gsm, &s.signal_percent))
		s.signal_percent = -1;
	if (!gsm_network(r->gsm, &network)) {
		s.network_known = network.known;
		s.registered = network.registered;
		memcpy(s.network, network.name, sizeof(s.network));
	}
	find_sim(r, s.sim, sizeof(s.sim));
	s.sim_used = r->slots.sim_used;
	s.sim_size = r->slots.sim_size;
	*ret = s;
}

void radio_cancel_ussd(struct radio *r)
{
	(void)!say(r, "AT+CUSD=2", COMMAND_MS);
	(void)!say(r, "AT+CUSD=1", COMMAND_MS);
}
