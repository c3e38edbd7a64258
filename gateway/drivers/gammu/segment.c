/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encodes one segment. Called by the driver's worker before each send. Knows nothing of modems. */
#include "gateway/drivers/gammu/segment.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/text.h"

#define UD_OCTETS 140
#define UDH_OCTETS 6

void segment_done(struct segment *s)
{
	free(s->text);
	s->text = NULL;
}

uint8_t segment_validity(int64_t validity_s)
{
	const int64_t minute = 60, hour = 3600, day = 86400, week = 7 * day;
	if (validity_s <= 12 * hour)
		return (uint8_t)(validity_s <= 5 * minute ? 0 : (validity_s + 5 * minute - 1) / (5 * minute) - 1);
	if (validity_s <= 24 * hour)
		return (uint8_t)(143 + (validity_s - 12 * hour + 30 * minute - 1) / (30 * minute));
	if (validity_s <= 30 * day)
		return (uint8_t)(166 + (validity_s + day - 1) / day);
	if (validity_s >= 63 * week)
		return 255;
	return (uint8_t)(192 + (validity_s + week - 1) / week);
}

bool segment_number_ok(const char *to)
{
	size_t n = strlen(to += *to == '+');
	return n >= 3 && n <= 15 && strspn(to, "0123456789") == n;
}

int segment_units(const char *text, uint16_t *ret, size_t room)
{
	size_t n = 0;
	for (uint32_t c; (c = text_next(&text));) {
		size_t need = c > 0xFFFF ? 2 : 1;
		if (n + need > room)
			return E_TOO_BIG;
		if (need == 2) {
			ret[n++] = (uint16_t)(0xD800 + ((c - 0x10000) >> 10));
			c = 0xDC00 + ((c - 0x10000) & 0x3FF);
		}
		ret[n++] = (uint16_t)c;
	}
	return (int)n;
}

static size_t put_number(const char *to, uint8_t *out)
{
	bool international = *to == '+';
	to += international;
	size_t n = strlen(to);
	out[0] = (uint8_t)n;
	out[1] = international ? 0x91 : 0x81;
	for (size_t i = 0; i < n; i += 2) {
		unsigned high = i + 1 < n ? (unsigned)(to[i + 1] - '0') : 15u;
		out[2 + i / 2] = (uint8_t)(high << 4 | (unsigned)(to[i] - '0'));
	}
	return 2 + (n + 1) / 2;
}

/* User data behind its length octet; *ret_length = TP-UDL. Result = octets or a negative error. */
static int put_gsm7(const char *text, size_t udh, uint8_t *out, uint8_t *ret_length)
{
	uint8_t septets[SEGMENT_UNITS];
	size_t skip = (udh * 8 + 6) / 7;
	int n = gsm7_encode(text, septets, SEGMENT_UNITS - skip);
	if (n < 0)
		return n;
	for (size_t i = 0; i < (size_t)n; i++) {
		size_t bit = (skip + i) * 7;
		unsigned v = (unsigned)septets[i] << bit % 8;
		out[bit / 8] |= (uint8_t)v;
		if (v > 0xFF)
			out[bit / 8 + 1] |= (uint8_t)(v >> 8);
	}
	*ret_length = (uint8_t)(skip + (size_t)n);
	return (int)((*ret_length * 7u + 7) / 8);
}

static int put_ucs2(const char *text, size_t udh, uint8_t *out, uint8_t *ret_length)
{
	uint16_t units[UD_OCTETS / 2];
	int n = segment_units(text, units, (UD_OCTETS - udh) / 2);
	if (n < 0)
		return n;
	for (size_t i = 0; i < (size_t)n; i++) {
		out[udh + 2 * i] = (uint8_t)(units[i] >> 8);
		out[udh + 2 * i + 1] = (uint8_t)units[i];
	}
	*ret_length = (uint8_t)(udh + 2 * (size_t)n);
	return *ret_length;
}

int segment_encode(const struct segment *s, uint8_t tpdu[SEGMENT_TPDU_BYTES])
{
	if (!segment_number_ok(s->to) || s->parts < 1 || s->parts > 255 || s->part < 1 || s->part > s->parts)
		return E_INVALID;
	size_t udh = s->parts > 1 ? UDH_OCTETS : 0, at = 0;
	bool ucs2 = s->encoding == ENCODING_UCS2;
	memset(tpdu, 0, SEGMENT_TPDU_BYTES);
	tpdu[at++] = (uint8_t)(0x11 | (s->receipt ? 0x20 : 0) | (udh ? 0x40 : 0));
	tpdu[at++] = 0; /* TP-MR: the modem's */
	at += put_number(s->to, tpdu + at);
	tpdu[at++] = 0; /* TP-PID */
	tpdu[at++] = (uint8_t)((ucs2 ? 0x08 : 0) | (s->flash ? 0x10 : 0));
	tpdu[at++] = s->validity;
	uint8_t *length = tpdu + at++, *ud = tpdu + at;
	const uint8_t header[UDH_OCTETS] = { 5, 0, 3, (uint8_t)s->ref, (uint8_t)s->parts, (uint8_t)s->part };
	if (udh)
		memcpy(ud, header, udh);
	int n = ucs2 ? put_ucs2(s->text, udh, ud, length) : put_gsm7(s->text, udh, ud, length);
	return n < 0 ? n : (int)at + n;
}
