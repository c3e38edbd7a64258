/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A "+CUSD" notification made into text. Modems write the same answer as plain text, as UCS-2 in hex or as packed GSM-7 in
 * hex, and the coding scheme they add does not tell which: the content decides. Source: 3GPP TS 27.007 §7.15, 23.038 §5.
 * Pure. */
#ifndef CAUNOI_DRIVERS_GAMMU_USSD_TEXT_H
#define CAUNOI_DRIVERS_GAMMU_USSD_TEXT_H

#include <stdbool.h>

#include "gateway/base/err.h"

enum ussd_state { USSD_ENDED, USSD_ASKS, USSD_FAILED };

/* rest is what follows "+CUSD: ". *ret_text is UTF-8 (may be ill-formed where the modem wrote raw bytes), the caller's,
 * "" when there is none. E_INVALID, E_NOMEM. */
MUST_CHECK int ussd_text_parse(const char *rest, enum ussd_state *ret_state, char **ret_text);

#endif
