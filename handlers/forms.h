/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts that commands stand for: "tu choi tin|tin_nhan" is "tu choi tin" and "tu choi tin nhan". Gathered out of phrases by
 * keywords.c, for misspelt commands (nearword.c) and for commands that stand in each other's way (collision.c). Pure. */
#ifndef CAUNOI_HANDLERS_FORMS_H
#define CAUNOI_HANDLERS_FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "handlers/pattern.h"

#define FORM_BYTES 48

struct form {
	char text[FORM_BYTES];     /* folded, one space between words */
	char key[2 * FORM_BYTES];  /* the same with its marks, as far as they were written */
	size_t n_bytes;            /* of text */
	int action;                /* the caller's */
	size_t phrase;             /* place in its list */
	bool single;               /* one word */
	bool exact;                /* matches where the marks are written only */
};
/* What a form looks like from afar, side by side with the others: most are passed over without a look at them. */
struct form_sketch {
	uint32_t letters; /* which of a–z it holds */
	uint16_t n_bytes;
	bool single;
};
struct forms {
	struct form *at;
	struct form_sketch *sketches; /* one a form */
	size_t n;
	size_t longest; /* bytes */
};
/* Which of a–z a text holds. */
uint32_t form_letters(const char *text);

/* Adds what every phrase without gaps stands for. E_NOMEM. */
MUST_CHECK int forms_add(struct forms *list, const struct patterns *phrases, int action);
void forms_done(struct forms *list);

#endif
