/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cuts texts into parts. Called by the network when a villager writes; knows nothing of PDUs. */
#include "tests/simulators/modem/part.h"

#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "tests/simulators/modem/alphabet.h"
#include "tests/simulators/modem/need.h"

#define TEXT_UNITS_MAX (PARTS_MAX * 153)

const char *coding_name(enum coding c)
{
	static const char *const names[] = {
		[CODING_GSM7] = "gsm7", [CODING_BYTES] = "bytes", [CODING_UCS2] = "ucs2"
	};
	return names[c];
}

static size_t part_room(enum coding coding, int ref_bits)
{
	/* 140 octets less a header of 6 or 7 */
	size_t octets = ref_bits == 0 ? 140 : ref_bits == 8 ? 134 : 133;
	return coding == CODING_GSM7 ? octets * 8 / 7 : octets / 2;
}

static size_t take(const uint16_t *units, size_t left, size_t room, enum coding coding)
{
	if (left <= room)
		return left;
	uint16_t last = units[room - 1];
	bool pair = coding == CODING_GSM7 ? last == ALPHABET_ESCAPE : last >= 0xD800 && last < 0xDC00;
	return pair ? room - 1 : room;
}

static int cut(const uint16_t *units, size_t n, enum coding coding, struct concat c, struct part *ret)
{
	size_t room = part_room(coding, c.ref_bits), at = 0;
	int count = 0;
	do {
		if (count == PARTS_MAX)
			return E_TOO_BIG;
		struct part *p = &ret[count++];
		*p = (struct part){ .coding = coding, .concat = c };
		p->concat.number = c.ref_bits ? count : 0;
		p->n_units = take(units + at, n - at, room, coding);
		memcpy(p->units, units + at, p->n_units * sizeof(*units));
		at += p->n_units;
	} while (at < n);
	for (int i = 0; i < count; i++)
		ret[i].concat.total = c.ref_bits ? count : 0;
	return count;
}

int part_split(const char *text, bool ucs2, int ref_bits, int ref, struct part **ret)
{
	OWN(mem) uint16_t *units = need(calloc(TEXT_UNITS_MAX, sizeof(*units)));
	enum coding coding = CODING_GSM7;
	int n = ucs2 ? E_INVALID : alphabet_septets(text, units, TEXT_UNITS_MAX);
	if (n == E_INVALID) {
		coding = CODING_UCS2;
		n = alphabet_units(text, units, TEXT_UNITS_MAX);
	}
	if (n < 0)
		return n;
	struct concat c = { .ref_bits = ref_bits, .ref = ref & (ref_bits == 8 ? 0xFF : 0xFFFF) };
	if ((size_t)n <= part_room(coding, 0))
		c = (struct concat){ 0 };
	OWN(mem) struct part *parts = need(calloc(PARTS_MAX, sizeof(*parts)));
	int count = cut(units, (size_t)n, coding, c, parts);
	if (count > 0)
		*ret = MOVE(parts);
	return count;
}

char *part_text(const struct part *p)
{
	if (p->coding == CODING_GSM7)
		return alphabet_septets_text(p->units, p->n_units);
	if (p->coding == CODING_UCS2)
		return alphabet_units_text(p->units, p->n_units);
	struct buffer out = { 0 };
	must(buffer_reserve(&out, 1));
	out.data[0] = '\0';
	for (size_t i = 0; i < p->n_units; i++)
		must(buffer_printf(&out, "%02x", p->units[i]));
	return out.data;
}
