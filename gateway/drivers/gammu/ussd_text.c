/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guessing what a modem meant. Called for each USSD answer. */
#include "gateway/drivers/gammu/ussd_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/gsm7.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define DCS_NONE -1

static char *from_ucs2(const uint8_t *p, size_t n)
{
	char *out = malloc(n / 2 * 3 + 1), *at = out;
	for (size_t i = 0; out && i + 1 < n; i += 2) {
		uint32_t c = (uint32_t)(p[i] << 8 | p[i + 1]);
		at += text_put(at, c ? c : 0xFFFD);
	}
	if (out)
		*at = '\0';
	return out;
}

static char *from_packed(const uint8_t *p, size_t n)
{
	size_t n_septets = n * 8 / 7;
	OWN(mem) uint8_t *septets = calloc(n_septets + 1, 1);
	for (size_t i = 0; septets && i < n_septets; i++) {
		size_t bit = 7 * i;
		unsigned v = (unsigned)p[bit / 8] >> bit % 8;
		if (bit % 8 > 1)
			v |= (unsigned)p[bit / 8 + 1] << (8 - bit % 8);
		septets[i] = v & 0x7F;
	}
	/* a CR fills the last octet, where seven bits would otherwise read as "@" */
	if (septets && n % 7 == 0 && n_septets && septets[n_septets - 1] == '\r')
		n_septets--;
	return septets ? gsm7_decode(septets, n_septets) : NULL;
}

/* Code units that a Vietnamese operator's menu may hold. */
static bool is_likely(unsigned c)
{
	return c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F) || (c >= 0xA0 && c <= 0x1B4) || (c >= 0x300 && c <= 0x36F) ||
	       (c >= 0x1EA0 && c <= 0x1EFF) || (c >= 0x2010 && c <= 0x2044) || c == 0x20AB || c == 0x20AC;
}

static bool looks_ucs2(const uint8_t *p, size_t n)
{
	if (n < 2 || n % 2)
		return false;
	for (size_t i = 0; i + 1 < n; i += 2)
		if (!is_likely((unsigned)(p[i] << 8 | p[i + 1])))
			return false;
	return true;
}

static bool looks_written(const char *text)
{
	size_t n = 0;
	for (uint32_t c; (c = text_next(&text)); n++)
		if (!is_likely(c) || c == 0xA4 || c == 0xA7)
			return false;
	return n > 0;
}

static char *decode(const char *text, int dcs)
{
	OWN(mem) uint8_t *bytes = NULL;
	size_t n = 0;
	bool digits_only = text[strspn(text, "0123456789 ")] == '\0';
	if (strlen(text) < 2 || text_unhex(text, &bytes, &n))
		return strdup(text);
	if (dcs == 0x48 || (dcs & 0xF0) == 0x10 || looks_ucs2(bytes, n))
		return from_ucs2(bytes, n);
	if (dcs == 0x44)
		return strndup((const char *)bytes, n);
	char *packed = from_packed(bytes, n);
	if (packed && looks_written(packed) && !(digits_only && dcs == DCS_NONE))
		return packed;
	free(packed);
	return strdup(text);
}

int ussd_text_parse(const char *rest, enum ussd_state *ret_state, char **ret_text)
{
	char *end;
	long m = strtol(rest, &end, 10);
	if (end == rest || m < 0 || m > 9)
		return E_INVALID;
	const char *open = strchr(end, '"'), *close = strrchr(end, '"');
	OWN(mem) char *quoted = open && close > open ? strndup(open + 1, (size_t)(close - open - 1)) : strdup("");
	if (!quoted)
		return E_NOMEM;
	const char *comma = close ? strchr(close, ',') : NULL;
	int dcs = comma ? (int)strtol(comma + 1, NULL, 10) : DCS_NONE;
	char *text = decode(quoted, dcs);
	if (!text)
		return E_NOMEM;
	*ret_state = m == 1 ? USSD_ASKS : m == 4 || m == 5 ? USSD_FAILED : USSD_ENDED;
	*ret_text = text;
	return 0;
}
