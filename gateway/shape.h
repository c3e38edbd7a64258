/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What answers look like: the fields that programs rely on, by name and kind, and the verbs that answer so. One table, from which the OpenAPI
 * file is printed and against which whole answers are tested. An answer may hold more; what is absent is null. */
#ifndef CAUNOI_GATEWAY_SHAPE_H
#define CAUNOI_GATEWAY_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

struct shape {
	const char *name;
	/* a field a word: NAME:KIND; KIND s text, n number, b flag, l list, o object, then ? where it may be null, then =SHAPE of what is
	 * inside a list or object */
	const char *fields;
	const char *verbs; /* "message.send message.list", NULL: it stands inside others only */
};

struct shape_field {
	char name[32];
	char kind;
	bool may_be_null;
	char inside[32]; /* "" = not told */
};

extern const struct shape shape_table[];
extern const size_t shape_count;

/* NULL when there is none. */
const struct shape *shape_find(const char *name);
/* Of what a verb answers, NULL when it is not told. */
const struct shape *shape_of(const char *noun, const char *verb);
/* The field at *fields, which moves behind it; false at the end. */
bool shape_next(const char **fields, struct shape_field *ret);

#endif
