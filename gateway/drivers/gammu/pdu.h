/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A received PDU (SMS-DELIVER or SMS-STATUS-REPORT with the SMSC octets in front), checked strictly: every length field,
 * every semi-octet, the user data header. What passes here is safe for any decoder. Source: 3GPP TS 23.040 §9.2.2,
 * 23.038 §4. Pure. */
#ifndef CAUNOI_DRIVERS_GAMMU_PDU_H
#define CAUNOI_DRIVERS_GAMMU_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

#define PDU_BYTES_MAX 512
#define PDU_ADDRESS_CHARS 64

enum pdu_kind { PDU_DELIVER, PDU_REPORT };

struct pdu {
	enum pdu_kind kind;
	char smsc[PDU_ADDRESS_CHARS];    /* "+84…" or "" */
	char address[PDU_ADDRESS_CHARS]; /* sender, or the recipient of a report */
	uint8_t pid, dcs;
	int64_t at_ms;   /* service centre's time, Unix */
	int64_t done_ms; /* report: discharge time */
	uint8_t mr, status; /* report: TP-MR, TP-ST */
	bool has_concat;
	int ref, total, part, bits;
	char *text;         /* deliver: UTF-8; freed by pdu_done */
	const char *reason; /* why it is not a person's text: "flash", "ports" …; NULL = it is */
};

/* E_INVALID when any field contradicts another or the bytes end early; *ret is untouched then. E_NOMEM. */
MUST_CHECK int pdu_parse(const uint8_t *bytes, size_t n_bytes, struct pdu *ret);
void pdu_done(struct pdu *p);

#endif
