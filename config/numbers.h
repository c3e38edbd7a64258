/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A country's numbering plan from numbers/COUNTRY.conf (shape: the comments at the top of numbers/VN.conf). */
#ifndef CAUNOI_CONFIG_NUMBERS_H
#define CAUNOI_CONFIG_NUMBERS_H

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/base/phone.h"

/* Finds the file as settings_find does and reads it. *ret is released by phone_plan_done. E_NOT_FOUND (no such plan),
 * E_INVALID (c names file and line), E_IO, E_NOMEM. */
MUST_CHECK int numbers_load(const char *config_file, const char *country, struct phone_plan *ret, struct complaint *c);

#endif
