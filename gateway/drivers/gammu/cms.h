/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a modem's error means for a message: CMS and CME codes (3GPP TS 27.005 §3.2.5, 27.007 §9.2, causes of 24.011
 * §8.2.5.4 and 23.040 TP-FCS) as one reviewed table. Called once for each failed attempt. Decides nothing about time or
 * retries and talks to no modem. */
#ifndef CAUNOI_DRIVERS_GAMMU_CMS_H
#define CAUNOI_DRIVERS_GAMMU_CMS_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/drivers/driver.h"

enum cms_kind { CMS_PLAIN, CMS_CMS, CMS_CME }; /* "ERROR", "+CMS ERROR: n", "+CME ERROR: n" */

struct cms_verdict {
	enum outcome outcome;
	enum fault fault;
	const char *phrase; /* static English, never NULL */
};

/* handed: the PDU and its Ctrl-Z were written. An error before that means not sent, whatever the code; a code that is
 * not in the table is unclear afterwards. */
void cms_judge(enum cms_kind kind, int code, bool handed, struct cms_verdict *ret);
/* "cms:38", "cme:30", "error" into out. */
void cms_format(enum cms_kind kind, int code, char *out, size_t out_bytes);

#endif
