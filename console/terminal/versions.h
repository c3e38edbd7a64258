/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The libraries of this machine that read what strangers write or keep what people said, and whether their versions have a known fault.
 * Called by the terminal; says what is there, changes nothing, asks nobody elsewhere. */
#ifndef CAUNOI_CONSOLE_TERMINAL_VERSIONS_H
#define CAUNOI_CONSOLE_TERMINAL_VERSIONS_H

#include <jansson.h>
#include <stdbool.h>

/* Whether a version ("1.0.9", words before the first digit do not count) is older than the one that has no known fault. */
bool versions_is_old(const char *version, const char *fixed);

/* [{library, version, fixed_in, fault}]: version null = not installed; fixed_in null = no version with a fault is known; fault = what is
 * wrong with this version, null = nothing known. The caller's; NULL = no memory. */
json_t *versions_list(bool vi);

#endif
