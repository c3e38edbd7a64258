/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The units of the country as the data file and the table of units have them: names, and what lies below what. A unit's code need not begin with its
 * province's, so a report's scope is a list. */
#ifndef CAUNOI_REPORT_PLACES_H
#define CAUNOI_REPORT_PLACES_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "gateway/scope.h"

struct places;
struct sql_module;

/* units/units.conf, looked for as settings_find does, and over it what was imported. E_CONFIG with *c, E_NOMEM. No file: no names. */
MUST_CHECK int places_load(const struct scope *in, struct places **ret, struct complaint *c);
void places_free(struct places *p);
OWN_DEFINE(places, struct places *, places_free)

/* "Thượng Lâm"; the code itself where it has no name, "(chưa rõ đơn vị)" for "". Borrowed. */
const char *places_name(const struct places *p, const char *code);
/* ",02269,02266,": the codes of five digits below unit, valid on some day of the period ("2026-11-01"); the caller's, NULL on no memory. */
char *places_below(const struct places *p, const char *unit, const char *from, const char *to);
/* Calls fn for each unit one level below, in the file's order; "" is the country. */
int places_each_child(const struct places *p, const char *unit, const char *from, const char *to, int (*fn)(void *arg, const char *code, const char *name),
		      void *arg);

extern const struct sql_module places_module;

#endif
