/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Working days: weekends and the holidays of holidays/COUNTRY.conf rest, days named there as worked do not. Loaded with the
 * keyword files; behind the table's last year only weekends rest. */
#ifndef CAUNOI_HANDLERS_WORKDAY_H
#define CAUNOI_HANDLERS_WORKDAY_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/complaint.h"
#include "gateway/base/zone.h"

struct workdays {
	int64_t *rest, *work; /* day numbers, sorted */
	size_t n_rest, n_work;
};

/* E_CONFIG with *c (a date that does not exist), E_NOMEM; a country without a table has weekends only. */
MUST_CHECK int workdays_load(const char *config_file, const char *country, struct workdays *ret, struct complaint *c);
void workdays_done(struct workdays *w);
bool workday_is(const struct workdays *w, int64_t day);
/* Working days behind the local day of from_ms, up to and with the one of to_ms; 0 when that is not later. */
int64_t workday_between(const struct workdays *w, const struct zone *zone, int64_t from_ms, int64_t to_ms);
/* 17:00 local time of the n-th working day behind the local day of at_ms. */
int64_t workday_add(const struct workdays *w, const struct zone *zone, int64_t at_ms, int n);

#endif
