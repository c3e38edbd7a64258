/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of what modems say. Used by the guard; new models are rows here. */
#include "gateway/drivers/gammu/answer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"

static const char *const urcs[] = {
	"+CMTI:", "+CDSI:", "+CMT:",  "+CDS:",	"+CBM:",  "+CBMI:", "+CUSD:", "+CREG:",	 "+CGREG:", "+CEREG:", "RING",
	"+CRING:", "+CLIP:", "+COLP:", "+CCWA:", "+CLCC:", "NO CARRIER", "NO ANSWER", "BUSY", "+CTZV:", "+CTZE:", "+CIEV:",
	"Call Ready", "SMS Ready", "*PSUTTZ", "+ZUSIMR", "+ZEND", "+SPNWNAME:", "_OSIGQ:", "_OBS:",
};
/* Commands whose reply has no prefix. */
static const char *const bare[] = {
	"ATI", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN", "AT+CIMI", "AT+CCID", "AT+ICCID", "AT^ICCID?", "AT+QCCID", "AT+ZGETICCID", "AT+GMI", "AT+GMM", "AT+GMR", "AT+GSN",
};
/* The library never resets a modem, enters a code, dials, writes or deletes messages, nor leaves the PDU mode: the
 * driver does what of this is needed, knowingly. */
static const char *const forbidden[] = {
	"AT+CFUN=1,1", "AT^SRESET", "AT^RESET", "ATZ", "AT&F", "AT+CPIN=", "AT+CLCK=", "AT+CPWD=", "ATD", "ATA",
	"AT+CMGD", "AT+CMGW",	  "AT+CMSS", "AT+CMGC", "AT+CMGF=1", "AT+CSCA=", "AT+CNMA",
};

/* Of these the library makes a condition, though a modem that refuses them works: it is on, or has one port, or speaks of
 * itself. */
static const char *const forgiven[] = { "AT+CFUN=1", "AT^CURC=0", "AT^PORTSEL=1", "AT+ZCDRUN=8", "AT+ZOPRT=5", "AT+CSCS=\"" };
/* Questions about what there is, where the library takes OK without a list for the end, and an error for "the usual". */
static const char *const listed[] = { "AT+CSCS=?", "AT+CNMI=?" };

struct limit {
	const char *command;
	int64_t ms;
};
static const struct limit limits[] = {
	{ "AT+CMGL", 30000 }, { "AT+COPS", 20000 }, { "AT+CUSD", 20000 }, { "AT+CFUN", 15000 },
	{ "AT+CMGD", 15000 }, { "AT+CSCA", 10000 }, { "AT+CPMS", 10000 }, { "AT+CPIN", 10000 },
};
#define LIMIT_MS 5000

static bool begins(const char *text, const char *with)
{
	return !strncasecmp(text, with, strlen(with));
}

static int number_of(const char *text)
{
	while (*text == ' ')
		text++;
	if (!isdigit((unsigned char)*text))
		return -1;
	long n = strtol(text, NULL, 10);
	return n >= 0 && n <= 65535 ? (int)n : -1;
}

enum answer_final answer_final(const char *line, enum cms_kind *ret_kind, int *ret_code)
{
	if (!strcmp(line, "OK"))
		return ANSWER_OK;
	enum cms_kind kind = CMS_PLAIN;
	int code = -1;
	if (begins(line, "+CMS ERROR:") || begins(line, "+CME ERROR:")) {
		kind = begins(line, "+CMS") ? CMS_CMS : CMS_CME;
		code = number_of(line + strlen("+CMS ERROR:"));
	} else if (strcmp(line, "ERROR") && !begins(line, "COMMAND NOT SUPPORT") && !begins(line, "MODEM ERROR:")) {
		return ANSWER_NOT_FINAL;
	}
	*ret_kind = kind;
	*ret_code = code;
	return ANSWER_ERROR;
}

/* Name of a command up to its operator: "AT+CREG?" → "+CREG"; result = its length. */
static size_t name_of(const char *command, const char **ret)
{
	*ret = begins(command, "AT") ? command + 2 : command;
	return strcspn(*ret, "=?");
}

static bool is_prefix_of(const char *line, const char *command)
{
	const char *name;
	size_t n = name_of(command, &name);
	return n > 1 && !strncasecmp(line, name, n) && line[n] == ':';
}

bool answer_is_urc(const char *line, const char *command)
{
	bool asked = *command && is_prefix_of(line, command);
	if (asked && (begins(line, "+CREG:") || begins(line, "+CGREG:") || begins(line, "+CEREG:")))
		return false;
	for (size_t i = 0; i < COUNT_OF(urcs); i++)
		if (!strncmp(line, urcs[i], strlen(urcs[i])))
			return true;
	return false;
}

/* Notifications of all makes begin like this; data does not. */
static bool has_mark(const char *line)
{
	return *line && strchr("+^*%#$", *line);
}

bool answer_may_be_pdu(const char *line)
{
	enum cms_kind kind;
	int code;
	return !has_mark(line) && !answer_is_urc(line, "") && answer_final(line, &kind, &code) == ANSWER_NOT_FINAL;
}

bool answer_belongs(const char *line, const char *command)
{
	if (is_prefix_of(line, command))
		return true;
	if (begins(command, "AT+CMGL") || begins(command, "AT+CMGR"))
		return !has_mark(line);
	for (size_t i = 0; i < COUNT_OF(bare); i++) {
		size_t n = strlen(bare[i]);
		if (!strncasecmp(command, bare[i], n) && !command[n])
			return !has_mark(line);
	}
	return false;
}

/* Several commands in one line; the library writes none such. */
static bool is_compound(const char *command)
{
	bool quoted = false;
	for (; *command; command++) {
		quoted ^= *command == '"';
		if (*command == ';' && !quoted)
			return true;
	}
	return false;
}

bool answer_allowed(const char *command)
{
	/* modems skip what stands before the "AT": a message half typed must not carry a command */
	if (!begins(command, "AT") || strcasestr(command + 2, "AT+") || strcasestr(command + 2, "AT^") || is_compound(command))
		return false;
	for (size_t i = 0; i < COUNT_OF(forbidden); i++) {
		if (!begins(command, forbidden[i]))
			continue;
		const char *rest = command + strlen(forbidden[i]);
		return !strcmp(rest, "?") || !strcmp(rest, "=?");
	}
	return true;
}

static bool is_one_of(const char *command, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (begins(command, list[i]))
			return true;
	return false;
}

enum answer_final answer_softened(const char *command, enum answer_final final, bool replied)
{
	if (final == ANSWER_ERROR && is_one_of(command, forgiven, COUNT_OF(forgiven)))
		return ANSWER_OK;
	if (final == ANSWER_OK && !replied && is_one_of(command, listed, COUNT_OF(listed)))
		return ANSWER_ERROR;
	return final;
}

bool answer_is_echo(const char *command)
{
	return begins(command, "ATE") && strlen(command) <= 4;
}

int64_t answer_limit_ms(const char *command)
{
	for (size_t i = 0; i < COUNT_OF(limits); i++)
		if (begins(command, limits[i].command))
			return limits[i].ms;
	return LIMIT_MS;
}

int answer_reference(const char *line)
{
	if (!begins(line, "+CMGS:"))
		return -1;
	int n = number_of(line + strlen("+CMGS:"));
	return n <= 255 ? n : -1;
}
