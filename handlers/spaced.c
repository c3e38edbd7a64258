/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pass over letters and what parts them. Keeps nothing, does no I/O. */
#include "handlers/spaced.h"

#include <stdint.h>
#include <string.h>

#include "gateway/base/text.h"
#include "handlers/letter.h"

/* What people put between letters; a new line, a comma or a question mark parts words. */
static bool parts(uint32_t c)
{
	return c == ' ' || c == '.' || c == '-' || c == '_' || c == '*' || c == 0xA0 || (c > 0x7F && letter_is_invisible(c));
}

static bool is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

/* The letter at p when it stands alone, *ret_end behind it; 0 = none does. */
static uint32_t lone_letter(const char *p, const char **ret_end)
{
	uint32_t c = text_next(&p);
	const char *behind = p;
	if (!c || !letter_is(c) || is_digit(c) || letter_is(text_next(&behind)))
		return 0;
	*ret_end = p;
	return c;
}

void spaced_read(const char *from, struct spaced *ret)
{
	const char *p = from, *end = from;
	uint32_t c;
	*ret = (struct spaced){ .end = from };
	while (ret->n_letters < MEND_LETTERS && (c = lone_letter(p, &end))) {
		ret->n_bytes += text_put(ret->text + ret->n_bytes, c);
		ret->n_letters++;
		ret->end = p = end;
		for (const char *next = p; parts(text_next(&next));)
			p = next;
	}
	ret->text[ret->n_bytes] = '\0';
	for (p = ret->end; (c = text_next(&p)) && !letter_is(c);)
		;
	ret->last = !c;
}
