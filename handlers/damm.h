/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The check digit of case codes: finds every single wrong digit and every swap of neighbours. Source: H. M. Damm, "Total
 * anti-symmetrische Quasigruppen", 2004, order 10. Pure. */
#ifndef CAUNOI_HANDLERS_DAMM_H
#define CAUNOI_HANDLERS_DAMM_H

#include <stdbool.h>

/* Check digit ('0'–'9') of a run of digits. */
char damm_digit(const char *digits);
/* Digits only, at least two, the last one right. */
bool damm_valid(const char *digits);

#endif
