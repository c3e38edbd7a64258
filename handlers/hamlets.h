/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hamlets that somebody may mean: those of their commune, as the table of units has them, with the bare names that people write. */
#ifndef CAUNOI_HANDLERS_HAMLETS_H
#define CAUNOI_HANDLERS_HAMLETS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "gateway/scope.h"

struct sql_module;

#define HAMLET_BYTES 80 /* of a name */

struct hamlet {
	char code[16];
	char name[HAMLET_BYTES]; /* "Thôn Nà Lang"; where the table has the bare name, with "thôn" before it */
	char bare[HAMLET_BYTES]; /* folded, without what it is: "na lang", "5" */
	char kind[16];		 /* folded, what it is: "thon" */
	char commune[HAMLET_BYTES]; /* name of the commune, where several were looked through; "" */
};

struct hamlets {
	struct hamlet *at;
	size_t n;
};

/* How many bytes of a folded text say what a place is ("thon ", "to dan pho "): 0 = none, or nothing stands behind. */
size_t hamlet_kind_bytes(const char *fold);
/* Those of a commune that are valid today; unit may be a hamlet's code or longer. Empty for anything else. Costs one look by index. */
MUST_CHECK int hamlets_of(const struct scope *in, const char *unit, struct hamlets *ret);
/* What our lists name as the hamlet of the people of one number; these have no code. */
MUST_CHECK int hamlets_of_number(const struct scope *in, int64_t address, struct hamlets *ret);
/* Those of that bare name anywhere in a province (2 digits; "" = everywhere), at most most of them. */
MUST_CHECK int hamlets_named(const struct scope *in, const char *province, const char *bare, size_t most, struct hamlets *ret);
/* Appends [{"value": code, "label": name}], at most six, for what somebody calls their hamlet: of the caller's own commune (address 0: the
 * organisation's), else of any that has one of this name; then the label is the commune. */
MUST_CHECK int hamlets_choices(const struct scope *in, int64_t address, const char *said, json_t *list);
/* E_NOMEM. For tables without a database. */
MUST_CHECK int hamlets_add(struct hamlets *h, const char *code, const char *name, const char *commune);
void hamlets_done(struct hamlets *h);

extern const struct sql_module hamlets_module;

#endif
