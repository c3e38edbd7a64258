/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers shown on purpose: contact reveal (one, with a reason) and contact export (a page of CSV, with a purpose). The command half writes
 * audit and allowance and gives a ticket, the query half answers it. */
#ifndef CAUNOI_GATEWAY_DISCLOSURE_H
#define CAUNOI_GATEWAY_DISCLOSURE_H

#include "gateway/verb.h"

#define DISCLOSURE_REVEALS_A_DAY 20
#define DISCLOSURE_PAGE 1000 /* people of one export */

extern const struct verb_table disclosure_verbs;

#endif
