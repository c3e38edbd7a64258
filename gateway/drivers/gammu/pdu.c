/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The strict reader of received PDUs. Called for each message before anything else looks at it; reads only through
 * `take`, which knows the end. Keeps nothing. */
#include "gateway/drivers/gammu/pdu.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/gsm7.h"
#include "gateway/base/text.h"

#define UD_OCTETS_MAX 140
#define UD_SEPTETS_MAX 160

struct reader {
	const uint8_t *p;
	size_t left;
	bool bad; /* read past the end or found a contradiction */
};

static const uint8_t *take(struct reader *r, size_t n)
{
	if (r->bad || n > r->left) {
		r->bad = true;
		return NULL;
	}
	const uint8_t *p = r->p;
	r->p += n;
	r->left -= n;
	return p;
}

static uint8_t octet(struct reader *r)
{
	const uint8_t *p = take(r, 1);
	return p ? *p : 0;
}

static void unpack(const uint8_t *p, size_t first_bit, size_t n, uint8_t *ret)
{
	for (size_t i = 0; i < n; i++) {
		size_t bit = first_bit + 7 * i;
		unsigned v = (unsigned)p[bit / 8] >> bit % 8;
		if (bit % 8 > 1)
			v |= (unsigned)p[bit / 8 + 1] << (8 - bit % 8);
		ret[i] = v & 0x7F;
	}
}

/* ---- addresses and times -------------------------------------------------------------------------------------- */

static void digits(struct reader *r, uint8_t type, const uint8_t *p, size_t n_digits, char *ret)
{
	static const char names[] = "0123456789*#abc";
	size_t at = 0;
	if ((type & 0x70) == 0x10)
		ret[at++] = '+';
	for (size_t i = 0; i < n_digits; i++) {
		unsigned d = i % 2 ? p[i / 2] >> 4 : p[i / 2] & 15;
		if (d == 15) {
			r->bad = true;
			break;
		}
		ret[at++] = names[d];
	}
	ret[at] = '\0';
}

static void letters(struct reader *r, const uint8_t *p, size_t n_digits, char *ret)
{
	uint8_t septets[16] = { 0 };
	size_t n = n_digits * 4 / 7;
	unpack(p, 0, n, septets);
	char *text = gsm7_decode(septets, n);
	if (!text || strlen(text) >= PDU_ADDRESS_CHARS)
		r->bad = true;
	else
		memcpy(ret, text, strlen(text) + 1);
	free(text);
}

static void address(struct reader *r, char ret[PDU_ADDRESS_CHARS])
{
	size_t n_digits = octet(r);
	uint8_t type = octet(r);
	if (!n_digits || n_digits > 20 || !(type & 0x80))
		r->bad = true;
	size_t n = (n_digits + 1) / 2;
	const uint8_t *p = take(r, n);
	if (!p)
		return;
	uint8_t padded[11] = { 0 };
	memcpy(padded, p, n);
	if ((type & 0x70) == 0x50)
		letters(r, padded, n_digits, ret);
	else
		digits(r, type, padded, n_digits, ret);
}

static void centre(struct reader *r, char ret[PDU_ADDRESS_CHARS])
{
	size_t n = octet(r);
	ret[0] = '\0';
	if (!n)
		return;
	if (n < 2 || n > 12)
		r->bad = true;
	const uint8_t *p = take(r, n);
	if (p)
		digits(r, p[0], p + 1, 2 * (n - 1) - ((p[n - 1] >> 4) == 15), ret);
}

static int64_t days_of(int year, int month, int day)
{
	year -= month <= 2;
	int era_year = year % 400, shifted = month + (month > 2 ? -3 : 9);
	int64_t of_era = era_year * 365 + era_year / 4 - era_year / 100 + (153 * shifted + 2) / 5 + day - 1;
	return year / 400 * (int64_t)146097 + of_era - 719468;
}

/* TS 23.040 §9.2.3.11: swapped BCD; the zone in quarters of an hour, its sign in bit 3. */
static int64_t timestamp(struct reader *r)
{
	static const int most[6] = { 99, 12, 31, 23, 59, 59 }, least[6] = { 0, 1, 1, 0, 0, 0 };
	const uint8_t *p = take(r, 7);
	int v[6] = { 0 };
	for (int i = 0; p && i < 6; i++) {
		v[i] = (p[i] & 15) * 10 + (p[i] >> 4);
		if ((p[i] & 15) > 9 || (p[i] >> 4) > 9 || v[i] > most[i] || v[i] < least[i])
			r->bad = true;
	}
	if (!p || r->bad)
		return 0;
	int zone = (p[6] & 7) * 10 + (p[6] >> 4);
	int64_t s = days_of(2000 + v[0], v[1], v[2]) * 86400 + v[3] * 3600 + v[4] * 60 + v[5];
	return (s - (p[6] & 8 ? -zone : zone) * 900) * 1000;
}

/* ---- user data ------------------------------------------------------------------------------------------------ */

enum alphabet { ALPHABET_GSM7, ALPHABET_OCTETS, ALPHABET_UCS2, ALPHABET_COMPRESSED };

static enum alphabet alphabet_of(uint8_t dcs)
{
	if ((dcs & 0x80) == 0) {
		if (dcs & 0x20)
			return ALPHABET_COMPRESSED;
		unsigned a = dcs >> 2 & 3;
		return a == 1 ? ALPHABET_OCTETS : a == 2 ? ALPHABET_UCS2 : ALPHABET_GSM7;
	}
	if ((dcs & 0xF0) == 0xE0)
		return ALPHABET_UCS2;
	if ((dcs & 0xF0) == 0xF0)
		return dcs & 4 ? ALPHABET_OCTETS : ALPHABET_GSM7;
	return ALPHABET_GSM7; /* reserved groups: TS 23.038 §4 says so */
}

static const char *reason_of(uint8_t pid, uint8_t dcs)
{
	bool has_class = (dcs & 0x90) == 0x10 || (dcs & 0xF0) == 0xF0;
	if (pid == 0x40)
		return "type0";
	if (pid >= 0x7C)
		return "sim_download";
	if (dcs >= 0xC0 && dcs <= 0xEF)
		return "message_waiting";
	if (has_class && (dcs & 3) == 0)
		return "flash";
	if (has_class && (dcs & 3) == 2)
		return "sim_class";
	enum alphabet a = alphabet_of(dcs);
	return a == ALPHABET_OCTETS ? "binary" : a == ALPHABET_COMPRESSED ? "compressed" : NULL;
}

static void concat(struct pdu *p, const uint8_t *v, int bits)
{
	int ref = bits == 8 ? v[0] : v[0] << 8 | v[1];
	int total = v[bits == 8 ? 1 : 2], part = v[bits == 8 ? 2 : 3];
	if (!total || !part || part > total)
		return; /* TS 23.040 §9.2.3.24.1: such an element is ignored */
	p->has_concat = true;
	p->ref = ref;
	p->total = total;
	p->part = part;
	p->bits = bits;
}

static void element(struct reader *h, struct pdu *p)
{
	uint8_t id = octet(h), n = octet(h);
	const uint8_t *v = take(h, n);
	if (!v)
		return;
	if ((id == 0x00 && n != 3) || (id == 0x08 && n != 4))
		h->bad = true;
	else if (id == 0x00)
		concat(p, v, 8);
	else if (id == 0x08)
		concat(p, v, 16);
	else if (id == 0x01)
		p->reason = "message_waiting";
	else if (id == 0x04 || id == 0x05)
		p->reason = "ports";
	else if (id >= 0x70 && id <= 0x7F)
		p->reason = "sim_download";
}

/* Octets of the header with its length octet. */
static size_t header(struct reader *ud, struct pdu *p)
{
	size_t n = octet(ud);
	struct reader h = { take(ud, n), n, false };
	if (!h.p)
		return 0;
	while (h.left && !h.bad)
		element(&h, p);
	ud->bad |= h.bad;
	return n + 1;
}

static char *gsm7_text(const uint8_t *ud, size_t n_septets, size_t header_octets)
{
	size_t skip = (header_octets * 8 + 6) / 7;
	uint8_t septets[UD_SEPTETS_MAX], padded[UD_OCTETS_MAX + 2] = { 0 };
	memcpy(padded, ud, (n_septets * 7 + 7) / 8);
	unpack(padded, skip * 7, n_septets - skip, septets);
	return gsm7_decode(septets, n_septets - skip);
}

static char *ucs2_text(const uint8_t *p, size_t n)
{
	char *out = malloc(n / 2 * 3 + 1), *at = out;
	for (size_t i = 0; out && i + 1 < n; i += 2) {
		uint32_t c = (uint32_t)(p[i] << 8 | p[i + 1]);
		uint32_t low = i + 3 < n ? (uint32_t)(p[i + 2] << 8 | p[i + 3]) : 0;
		if (c >= 0xD800 && c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			i += 2;
		}
		at += text_put(at, c ? c : 0xFFFD);
	}
	if (out)
		*at = '\0';
	return out;
}

static int user_data(struct reader *r, bool has_header, struct pdu *p)
{
	enum alphabet a = alphabet_of(p->dcs);
	size_t length = octet(r);
	size_t n = a == ALPHABET_GSM7 ? (length * 7 + 7) / 8 : length;
	if (length > (a == ALPHABET_GSM7 ? UD_SEPTETS_MAX : UD_OCTETS_MAX))
		r->bad = true;
	const uint8_t *ud = take(r, n);
	if (!ud)
		return E_INVALID;
	struct reader h = { ud, n, false };
	size_t octets = has_header ? header(&h, p) : 0;
	if (h.bad || (a == ALPHABET_GSM7 && (octets * 8 + 6) / 7 > length) || (a == ALPHABET_UCS2 && (n - octets) % 2))
		return E_INVALID;
	if (a == ALPHABET_GSM7)
		p->text = gsm7_text(ud, length, octets);
	else if (a == ALPHABET_UCS2)
		p->text = ucs2_text(ud + octets, n - octets);
	else
		p->text = strdup("");
	return p->text ? 0 : E_NOMEM;
}

static bool is_padding(const struct reader *r)
{
	for (size_t i = 0; i < r->left; i++)
		if (r->p[i] != 0xFF && r->p[i] != 0x00)
			return false;
	return true;
}

static int deliver(struct reader *r, uint8_t first, struct pdu *p)
{
	p->kind = PDU_DELIVER;
	address(r, p->address);
	p->pid = octet(r);
	p->dcs = octet(r);
	p->reason = reason_of(p->pid, p->dcs);
	p->at_ms = timestamp(r);
	if (r->bad)
		return E_INVALID;
	int e = user_data(r, first & 0x40, p);
	return e ? e : r->bad || !is_padding(r) ? E_INVALID : 0;
}

/* The optional octets behind TP-ST carry nothing a receipt needs, but have to make sense. */
static void report_rest(struct reader *r)
{
	if (is_padding(r))
		return;
	uint8_t pi = octet(r), more = pi;
	while (more & 0x80 && !r->bad)
		more = octet(r);
	if (pi & 1)
		(void)octet(r);
	uint8_t dcs = pi & 2 ? octet(r) : 0;
	if (pi & 4) {
		size_t n = octet(r);
		(void)take(r, alphabet_of(dcs) == ALPHABET_GSM7 ? (n * 7 + 7) / 8 : n);
	}
	r->bad |= !is_padding(r);
}

static int report(struct reader *r, struct pdu *p)
{
	p->kind = PDU_REPORT;
	p->mr = octet(r);
	address(r, p->address);
	p->at_ms = timestamp(r);
	p->done_ms = timestamp(r);
	p->status = octet(r);
	report_rest(r);
	return r->bad ? E_INVALID : 0;
}

int pdu_parse(const uint8_t *bytes, size_t n_bytes, struct pdu *ret)
{
	struct pdu p = { 0 };
	struct reader r = { bytes, n_bytes, n_bytes > PDU_BYTES_MAX };
	centre(&r, p.smsc);
	uint8_t first = octet(&r);
	int e = r.bad ? E_INVALID : (first & 3) == 0 ? deliver(&r, first, &p) : (first & 3) == 2 ? report(&r, &p) : E_INVALID;
	if (e) {
		pdu_done(&p);
		return e;
	}
	*ret = p;
	return 0;
}

void pdu_done(struct pdu *p)
{
	free(p->text);
	p->text = NULL;
}
