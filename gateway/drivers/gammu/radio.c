/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bringing a modem up and using it. The order: is it alive, is the SIM open, then libgammu. A PIN is tried once, and
 * only when the SIM has all its tries left as far as it tells. */
#include "gateway/drivers/gammu/radio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/own.h"
#include "gateway/drivers/gammu/greeting.h"
#include "gateway/drivers/gammu/pace.h"

#define COMMAND_MS 8000
#define RESET_MS 15000
#define SETTLE_MS 200
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

/* ---- up and down ---------------------------------------------------------------------------------------------- */

/* Phase 2 manners, where messages need no acknowledgement of ours; what the modem cannot do shows in its answer. */
static bool can_send(struct radio *r)
{
	struct line_reply reply;
	int terminated, originated;
	bool told = !line_raw(r->line, "AT+CSMS=0", COMMAND_MS, &reply) && sscanf(reply.text, "+CSMS: %d,%d", &terminated, &originated) == 2;
	free(reply.text);
	return !told || originated;
}

static int open_messages(struct radio *r, const char **ret_why)
{
	int e = slots_probe(&r->slots, r->line);
	if (e == E_REFUSED)
		*ret_why = "this modem knows text mode only, which loses letters: use another modem";
	if (e)
		return e;
	if (can_send(r))
		return 0;
	*ret_why = "this modem cannot send messages (AT+CSMS): use another port of it, or another modem";
	return E_REFUSED;
}

static int bring_up(struct radio *r, const char **ret_why)
{
	*ret_why = "the modem does not answer";
	int e = greeting_exchange(r->line);
	if (!e)
		e = simlock_open(r->line, r->settings->pin, &r->mark, ret_why);
	if (e)
		return e;
	*ret_why = "the modem does not answer as expected";
	e = gsm_open(line_pty(r->line), r->settings->model, &r->gsm);
	if (e)
		return e;
	e = open_messages(r, ret_why);
	if (e)
		return e;
	identity_ask_modem(&r->identity, r->line);
	*ret_why = "no message centre on the SIM: name the operator's number by smsc";
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
	r->opened = !e;
	if (e) {
		*ret_why = line_open_reason(e);
		return e;
	}
	r->identity = (struct identity){ 0 };
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

void radio_status(struct radio *r, struct modem_status *ret)
{
	struct modem_status s = { .signal_percent = -1 };
	struct gsm_network network = { 0 };
	if (gsm_signal(r->gsm, &s.signal_percent))
		s.signal_percent = -1;
	if (!gsm_network(r->gsm, &network)) {
		s.network_known = network.known;
		s.registered = network.registered;
		s.roaming = network.roaming;
		memcpy(s.network, network.name, sizeof(s.network));
	}
	identity_ask_sim(&r->identity, r->line);
	s.identity = r->identity;
	s.slots = r->slots;
	*ret = s;
}

void radio_reset(struct radio *r)
{
	if (line_open(r->line, r->settings->device, r->settings->baud, &r->settings->limits))
		return;
	line_escape(r->line);
	settle(SETTLE_MS);
	(void)!say(r, "AT+CFUN=1,1", RESET_MS); /* whether it heard shows when it comes back */
	line_close(r->line);
}

void radio_cancel_ussd(struct radio *r)
{
	(void)!say(r, "AT+CUSD=2", COMMAND_MS);
	(void)!say(r, "AT+CUSD=1", COMMAND_MS);
}
