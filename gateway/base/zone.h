/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An IANA time zone as a value: its offset from UTC at any moment, read from the system's TZif file (RFC 8536) without
 * touching the process's own TZ. Vietnam's zone and UTC work without tzdata. */
#ifndef CAUNOI_BASE_ZONE_H
#define CAUNOI_BASE_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"

struct zone;

/* "Asia/Ho_Chi_Minh". E_INVALID (no such name can be), E_NOT_FOUND, E_CORRUPT (file damaged), E_IO, E_NOMEM. */
MUST_CHECK int zone_load(const char *name, struct zone **ret);
/* From the bytes of a TZif file, version 1 to 4. E_CORRUPT, E_NOMEM. */
MUST_CHECK int zone_parse(const char *name, const void *bytes, size_t n_bytes, struct zone **ret);
void zone_free(struct zone *zone);
OWN_DEFINE(zone, struct zone *, zone_free)
/* The name it was loaded by; borrowed. */
const char *zone_name(const struct zone *zone);
/* Seconds east of UTC at a moment (25200 for Vietnam). */
int zone_offset_s(const struct zone *zone, int64_t at_ms);

#endif
