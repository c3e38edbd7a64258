/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks a modem who it is. Called when a modem comes up, with each status, and by the probe. Source: 3GPP TS 27.007 §5,
 * §8.1; ITU-T E.118 (an ICCID begins with 89). */
#include "gateway/drivers/gammu/identity.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

#define COMMAND_MS 5000
#define SHORTEST_DIGITS 10

/* First line of a reply, without "+CGMI: " or the like, without quotes. */
static void take_words(const char *reply, char *ret, size_t room)
{
	size_t n = strcspn(reply, "\n"), out = 0;
	const char *end = reply + n, *colon = memchr(reply, ':', n);
	if ((*reply == '+' || *reply == '^') && colon)
		reply = colon + 1;
	reply += strspn(reply, " \"");
	for (; reply < end && out + 1 < room; reply++)
		if ((unsigned char)*reply >= ' ' && (unsigned char)*reply < 0x7F && *reply != '"')
			ret[out++] = *reply;
	ret[out] = '\0';
}

static void ask_words(struct line *l, const char *command, char *ret, size_t room)
{
	struct line_reply reply;
	*ret = '\0';
	if (!line_raw(l, command, COMMAND_MS, &reply))
		take_words(reply.text, ret, room);
	free(reply.text);
}

static int take_digits(const char *text, char *ret, size_t room)
{
	const char *p = strpbrk(text, "0123456789");
	size_t n = p ? strspn(p, "0123456789") : 0;
	if (n < SHORTEST_DIGITS || n >= room)
		return E_NOT_FOUND;
	memcpy(ret, p, n);
	ret[n] = '\0';
	return 0;
}

int identity_parse_iccid(const char *reply, char *ret, size_t room)
{
	char digits[24];
	const char *after = strchr(reply, ':');
	int r = take_digits(after ? after : reply, digits, sizeof(digits) < room ? sizeof(digits) : room);
	if (r)
		return r;
	size_t n = strlen(digits);
	if (!strncmp(digits, "98", 2) && n % 2 == 0) /* as it lies on the SIM: the halves of each octet swapped */
		for (size_t i = 0; i < n; i += 2) {
			char first = digits[i];
			digits[i] = digits[i + 1];
			digits[i + 1] = first;
		}
	memcpy(ret, digits, n + 1);
	return 0;
}

static bool ask_iccid(struct identity *id, struct line *l, const char *command)
{
	struct line_reply reply;
	bool found = !line_raw(l, command, COMMAND_MS, &reply) && !identity_parse_iccid(reply.text, id->iccid, sizeof(id->iccid));
	free(reply.text);
	return found;
}

void identity_ask_modem(struct identity *id, struct line *l)
{
	ask_words(l, "AT+CGMI", id->manufacturer, sizeof(id->manufacturer));
	ask_words(l, "AT+CGMM", id->model, sizeof(id->model));
	ask_words(l, "AT+CGMR", id->firmware, sizeof(id->firmware));
	ask_words(l, "AT+CGSN", id->imei, sizeof(id->imei));
}

void identity_ask_sim(struct identity *id, struct line *l)
{
	static const char *const commands[] = { "AT+CCID", "AT^ICCID?", "AT+QCCID", "AT+ICCID", "AT+ZGETICCID" };
	char imsi[sizeof(id->imsi)];
	struct line_reply reply;
	*id->iccid = *id->imsi = '\0';
	if (id->iccid_command && !ask_iccid(id, l, id->iccid_command))
		*id->iccid = '\0';
	for (size_t i = 0; i < COUNT_OF(commands) && !id->iccid_command; i++)
		if (ask_iccid(id, l, commands[i]))
			id->iccid_command = commands[i];
	if (!line_raw(l, "AT+CIMI", COMMAND_MS, &reply) && !take_digits(reply.text, imsi, sizeof(imsi)))
		memcpy(id->imsi, imsi, sizeof(imsi));
	free(reply.text);
}

/* Once a modem has told an ICCID, only that counts: the other number would look like another SIM. */
const char *identity_sim(const struct identity *id)
{
	return id->iccid_command ? id->iccid : id->imsi;
}
