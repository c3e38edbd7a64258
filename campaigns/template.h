/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text with merge fields: "Kính gửi {{name}}, thẻ {{số thẻ}}". Values are put in once and never looked at again; a value
 * that is missing stops the text, it never leaves a blank. */
#ifndef CAUNOI_CAMPAIGNS_TEMPLATE_H
#define CAUNOI_CAMPAIGNS_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

#define TEMPLATE_KEY_BYTES 128

/* E_INVALID with *c: rule "bad_field" ("{{" without "}}", or a name that is empty or over 100 bytes). */
MUST_CHECK int template_check(const char *text, struct complaint *c);
bool template_has_fields(const char *text);
/* Was what stands between the fields written without accents? Then values go without them too: one accented name would cost every
 * other letter of the text its place. */
bool template_is_plain(const char *text);
/* Calls fn with each field's key (column_key), in order, repeats included; stops at and gives the first nonzero result.
 * text has passed template_check. */
int template_each(const char *text, int (*fn)(void *arg, const char *key), void *arg);
/* value gives the person's value of a key, NULL or "" when there is none (borrowed until the next call). *ret is the
 * caller's. E_NOT_FOUND with the key in missing, E_INVALID (as template_check), E_NOMEM. */
typedef const char *(*template_value_fn)(void *arg, const char *key);
MUST_CHECK int template_merge(const char *text, template_value_fn value, void *arg, char **ret, char missing[TEMPLATE_KEY_BYTES]);

#endif
