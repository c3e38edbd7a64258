/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TPDU codec of the simulated modem and network. Called by the SMS commands and the network; keeps nothing. */
#include "tests/simulators/modem/tpdu.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "gateway/base/own.h"
#include "tests/simulators/modem/alphabet.h"
#include "tests/simulators/modem/need.h"

#define ADDRESS_DIGITS_MAX 20
#define TYPE_INTERNATIONAL 0x91
#define TYPE_UNKNOWN 0x81
#define TYPE_ALPHANUMERIC 0xD0
#define VIETNAM_QUARTERS 28 /* UTC+7 in quarters of an hour */

struct reader {
	const uint8_t *at;
	size_t left;
	bool broken; /* something was asked for that is not there */
};

static int octet(struct reader *r)
{
	if (!r->left) {
		r->broken = true;
		return 0;
	}
	r->left--;
	return *r->at++;
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? toupper((unsigned char)c) - 'A' + 10 : -1;
}

/* Octets of hex, or -1. */
static int unhex(const char *hex, uint8_t *ret, size_t room)
{
	size_t n = strlen(hex);
	if (n % 2 || n / 2 > room)
		return -1;
	for (size_t i = 0; i < n / 2; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return -1;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return (int)(n / 2);
}

static char *to_hex(const uint8_t *octets, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";
	char *hex = need(malloc(2 * n + 1));
	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[octets[i] >> 4];
		hex[2 * i + 1] = digits[octets[i] & 15];
	}
	hex[2 * n] = '\0';
	return hex;
}

/* TS 24.008 §10.5.4.7: the digits' codes, and 15 fills. */
static void read_digits(struct reader *r, int n_digits, int type, char ret[TPDU_NUMBER_MAX])
{
	static const char digits[] = "0123456789*#abc";
	size_t n = 0;
	if ((type & 0x70) == 0x10)
		ret[n++] = '+';
	for (int i = 0, o = 0; i < n_digits; i++) {
		if (i % 2 == 0)
			o = octet(r);
		int d = i % 2 ? o >> 4 : o & 15;
		if (d == 15 || n + 1 >= TPDU_NUMBER_MAX)
			r->broken = true;
		else
			ret[n++] = digits[d];
	}
	ret[n] = '\0';
}

static void read_centre(struct reader *r, char ret[TPDU_NUMBER_MAX])
{
	int octets = octet(r);
	ret[0] = '\0';
	if (!octets)
		return;
	if (octets > 11 || octets < 2) {
		r->broken = true;
		return;
	}
	int type = octet(r);
	int n_digits = (octets - 1) * 2;
	if (r->left >= (size_t)octets - 1 && r->at[octets - 2] >> 4 == 15)
		n_digits--;
	read_digits(r, n_digits, type, ret);
}

static void read_number(struct reader *r, char ret[TPDU_NUMBER_MAX])
{
	int n_digits = octet(r), type = octet(r);
	ret[0] = '\0';
	if (!n_digits || n_digits > ADDRESS_DIGITS_MAX || !(type & 0x80) || (type & 0x70) == 0x50)
		r->broken = true;
	else
		read_digits(r, n_digits, type, ret);
}

/* TP-VPF (§9.2.3.3): 0 none, 2 relative, 1 and 3 take seven octets. */
static int read_validity(struct reader *r, int format)
{
	if (format == 2)
		return octet(r);
	for (int i = 0; i < 7 && format; i++)
		octet(r);
	return -1;
}

static void read_concat(struct reader *r, int element, int length, struct concat *c)
{
	bool wide = element == 0x08;
	if (length != (wide ? 4 : 3)) {
		r->broken = true;
		return;
	}
	int ref = octet(r);
	if (wide)
		ref = ref << 8 | octet(r);
	int total = octet(r), number = octet(r);
	/* §9.2.3.24.1: such an element is to be ignored */
	if (total && number && number <= total)
		*c = (struct concat){ .ref_bits = wide ? 16 : 8, .ref = ref, .total = total, .number = number };
}

static void read_header(struct reader *r, struct concat *c)
{
	while (r->left && !r->broken) {
		int element = octet(r), length = octet(r);
		if ((size_t)length > r->left) {
			r->broken = true;
		} else if (element == 0x00 || element == 0x08) {
			read_concat(r, element, length, c);
		} else {
			r->at += length;
			r->left -= (size_t)length;
		}
	}
}

static enum coding coding_of(int dcs)
{
	if ((dcs & 0xC0) == 0x00)
		return (dcs & 0x0C) == 0x08 ? CODING_UCS2 : (dcs & 0x0C) == 0x04 ? CODING_BYTES : CODING_GSM7;
	if ((dcs & 0xF0) == 0xF0)
		return dcs & 0x04 ? CODING_BYTES : CODING_GSM7;
	return (dcs & 0xF0) == 0xE0 ? CODING_UCS2 : CODING_GSM7;
}

static void read_units(struct reader *r, int length, size_t header, struct part *p)
{
	size_t taken = p->coding == CODING_GSM7 ? (header * 8 + 6) / 7 : header;
	size_t octets = p->coding == CODING_GSM7 ? ((size_t)length * 7 + 7) / 8 : (size_t)length;
	size_t most = p->coding == CODING_GSM7 ? 160 : 140;
	if ((size_t)length > most || taken > (size_t)length || octets != r->left + header) {
		r->broken = true;
		return;
	}
	p->n_units = (size_t)length - taken;
	if (p->coding == CODING_GSM7) {
		alphabet_unpack(r->at, r->left, (int)(taken * 7 - header * 8), p->units, p->n_units);
	} else if (p->coding == CODING_BYTES) {
		for (size_t i = 0; i < p->n_units; i++)
			p->units[i] = r->at[i];
	} else {
		r->broken = p->n_units % 2 != 0;
		p->n_units /= 2;
		for (size_t i = 0; i < p->n_units; i++)
			p->units[i] = (uint16_t)(r->at[2 * i] << 8 | r->at[2 * i + 1]);
	}
}

static void read_user_data(struct reader *r, bool has_header, struct part *p)
{
	int length = octet(r);
	size_t header = 0;
	if (has_header) {
		header = (size_t)octet(r);
		if (header > r->left) {
			r->broken = true;
			return;
		}
		struct reader inner = { .at = r->at, .left = header };
		read_header(&inner, &p->concat);
		r->broken |= inner.broken;
		r->at += header;
		r->left -= header;
		header++;
	}
	if (!r->broken)
		read_units(r, length, header, p);
}

int tpdu_submit_parse(const char *hex, size_t length, struct submit *ret)
{
	uint8_t octets[TPDU_OCTETS_MAX];
	int n = unhex(hex, octets, sizeof(octets));
	if (n < 1)
		return E_INVALID;
	struct reader r = { .at = octets, .left = (size_t)n };
	struct submit s = { 0 };
	read_centre(&r, s.centre);
	if (r.broken || r.left != length)
		return E_INVALID;
	int first = octet(&r);
	if ((first & 3) != 1)
		return E_INVALID;
	s.report = first & 0x20;
	s.reference = octet(&r);
	read_number(&r, s.to);
	s.protocol = octet(&r);
	s.dcs = octet(&r);
	s.validity = read_validity(&r, first >> 3 & 3);
	s.part.coding = coding_of(s.dcs);
	if (!r.broken)
		read_user_data(&r, first & 0x40, &s.part);
	if (r.broken)
		return E_INVALID;
	*ret = s;
	return 0;
}

/* §9.1.2.5: letters are septets, counted in half octets. */
static void read_letters(struct reader *r, int half_octets, char ret[TPDU_NUMBER_MAX])
{
	size_t octets = (size_t)(half_octets + 1) / 2, n = (size_t)half_octets * 4 / 7;
	uint16_t septets[ADDRESS_DIGITS_MAX];
	if (octets > r->left || n > COUNT_OF(septets)) {
		r->broken = true;
		return;
	}
	alphabet_unpack(r->at, octets, 0, septets, n);
	r->at += octets;
	r->left -= octets;
	OWN(mem) char *text = alphabet_septets_text(septets, n);
	snprintf(ret, TPDU_NUMBER_MAX, "%s", text);
}

static void read_sender(struct reader *r, char ret[TPDU_NUMBER_MAX])
{
	int length = octet(r), type = octet(r);
	if (length > ADDRESS_DIGITS_MAX)
		r->broken = true;
	else if ((type & 0x70) == 0x50)
		read_letters(r, length, ret);
	else
		read_digits(r, length, type, ret);
}

int tpdu_deliver_parse(const char *hex, struct received *ret)
{
	uint8_t octets[TPDU_OCTETS_MAX];
	char centre[TPDU_NUMBER_MAX];
	int n = unhex(hex, octets, sizeof(octets));
	if (n < 1)
		return E_INVALID;
	struct reader r = { .at = octets, .left = (size_t)n };
	struct received got = { 0 };
	read_centre(&r, centre);
	int first = octet(&r);
	read_sender(&r, got.from);
	octet(&r);
	got.dcs = octet(&r);
	for (int i = 0; i < 7; i++)
		octet(&r);
	got.part.coding = coding_of(got.dcs);
	if (!r.broken && (first & 3) == 0)
		read_user_data(&r, first & 0x40, &got.part);
	if (r.broken || (first & 3) != 0)
		return E_INVALID;
	*ret = got;
	return 0;
}

struct writer {
	uint8_t octets[TPDU_OCTETS_MAX];
	size_t n;
};

static void put(struct writer *w, int value)
{
	if (w->n < sizeof(w->octets))
		w->octets[w->n++] = (uint8_t)value;
}

static size_t put_digits(struct writer *w, const char *number)
{
	static const char digits[] = "0123456789*#abc";
	int half = -1;
	size_t n = 0;
	for (; *number && n < ADDRESS_DIGITS_MAX; number++) {
		const char *found = strchr(digits, *number);
		if (!found)
			continue;
		int d = (int)(found - digits);
		n++;
		if (half < 0) {
			half = d;
		} else {
			put(w, d << 4 | half);
			half = -1;
		}
	}
	if (half >= 0)
		put(w, 0xF0 | half);
	return n;
}

static void put_centre(struct writer *w, const char *number)
{
	size_t at = w->n;
	put(w, 0);
	if (!*number)
		return;
	put(w, *number == '+' ? TYPE_INTERNATIONAL : TYPE_UNKNOWN);
	put_digits(w, number);
	w->octets[at] = (uint8_t)(w->n - at - 1);
}

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "+0123456789*#")];
}

static void put_address(struct writer *w, const char *address)
{
	size_t at = w->n;
	put(w, 0);
	if (is_number(address)) {
		put(w, *address == '+' ? TYPE_INTERNATIONAL : TYPE_UNKNOWN);
		w->octets[at] = (uint8_t)put_digits(w, address);
		return;
	}
	put(w, TYPE_ALPHANUMERIC);
	uint16_t septets[11];
	int n = alphabet_septets(address, septets, 11);
	uint8_t packed[11];
	size_t octets = alphabet_pack(septets, n < 0 ? 0 : (size_t)n, 0, packed);
	for (size_t i = 0; i < octets; i++)
		put(w, packed[i]);
	/* §9.1.2.5: the length counts useful half octets */
	w->octets[at] = (uint8_t)(n < 0 ? 0 : ((size_t)n * 7 + 3) / 4);
}

static void put_swapped(struct writer *w, int value)
{
	put(w, value % 10 << 4 | value / 10 % 10);
}

static void put_time(struct writer *w, int64_t at_ms)
{
	time_t local = (time_t)(at_ms / 1000 + VIETNAM_QUARTERS * 15 * 60);
	struct tm t;
	gmtime_r(&local, &t);
	put_swapped(w, t.tm_year % 100);
	put_swapped(w, t.tm_mon + 1);
	put_swapped(w, t.tm_mday);
	put_swapped(w, t.tm_hour);
	put_swapped(w, t.tm_min);
	put_swapped(w, t.tm_sec);
	put_swapped(w, VIETNAM_QUARTERS);
}

/* Result = octets of the header with its length octet. */
static size_t put_header(struct writer *w, const struct concat *c)
{
	if (!c->ref_bits)
		return 0;
	bool wide = c->ref_bits == 16;
	put(w, wide ? 6 : 5);
	put(w, wide ? 0x08 : 0x00);
	put(w, wide ? 4 : 3);
	if (wide)
		put(w, c->ref >> 8);
	put(w, c->ref);
	put(w, c->total);
	put(w, c->number);
	return wide ? 7 : 6;
}

static void put_user_data(struct writer *w, const struct part *p)
{
	size_t at = w->n;
	put(w, 0);
	size_t header = put_header(w, &p->concat), taken = (header * 8 + 6) / 7;
	if (p->coding == CODING_GSM7) {
		uint8_t packed[PART_UNITS_MAX];
		size_t octets = alphabet_pack(p->units, p->n_units, (int)(taken * 7 - header * 8), packed);
		for (size_t i = 0; i < octets; i++)
			put(w, packed[i]);
		w->octets[at] = (uint8_t)(taken + p->n_units);
		return;
	}
	for (size_t i = 0; i < p->n_units; i++) {
		if (p->coding == CODING_UCS2)
			put(w, p->units[i] >> 8);
		put(w, p->units[i]);
	}
	w->octets[at] = (uint8_t)(w->n - at - 1);
}

char *tpdu_deliver_format(const struct deliver *d)
{
	static const int dcs_of[] = { [CODING_GSM7] = 0x00, [CODING_BYTES] = 0x04, [CODING_UCS2] = 0x08 };
	struct writer w = { 0 };
	put_centre(&w, d->centre);
	put(&w, 0x04 | (d->part.concat.ref_bits ? 0x40 : 0)); /* SMS-DELIVER, no more messages to send */
	put_address(&w, d->from);
	put(&w, d->protocol);
	put(&w, d->dcs >= 0 ? d->dcs : dcs_of[d->part.coding]);
	put_time(&w, d->at_ms);
	put_user_data(&w, &d->part);
	return to_hex(w.octets, w.n);
}

char *tpdu_report_format(const struct report *r)
{
	struct writer w = { 0 };
	put_centre(&w, r->centre);
	put(&w, 0x06);
	put(&w, r->reference);
	put_address(&w, r->to);
	put_time(&w, r->sent_ms);
	put_time(&w, r->done_ms);
	put(&w, r->status);
	return to_hex(w.octets, w.n);
}

size_t tpdu_length(const char *hex)
{
	size_t octets = strlen(hex) / 2;
	int high = octets ? hex_digit(hex[0]) : -1, low = octets ? hex_digit(hex[1]) : -1;
	size_t centre = high < 0 || low < 0 ? 0 : (size_t)(high << 4 | low);
	return octets > centre + 1 ? octets - centre - 1 : 0;
}
