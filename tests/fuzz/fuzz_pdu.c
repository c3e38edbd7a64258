// SPDX-License-Identifier: GPL-3.0-or-later
/* PDUs as a SIM may hold them. What is read holds together, and what is read once is read the same way again. */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/drivers/gammu/pdu.h"
#include "tests/fuzz/fuzz.h"

static bool same(const struct pdu *a, const struct pdu *b)
{
	return a->kind == b->kind && !strcmp(a->address, b->address) && a->at_ms == b->at_ms && a->ref == b->ref && a->part == b->part &&
	       !strcmp(a->text ? a->text : "", b->text ? b->text : "") && a->reason == b->reason;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pdu p = { .kind = PDU_REPORT, .mr = 7 }, again = { 0 };
	if (pdu_parse(data, size, &p)) {
		LAW(p.kind == PDU_REPORT && p.mr == 7 && !p.text); /* untouched */
		return 0;
	}
	LAW(size <= PDU_BYTES_MAX);
	LAW(strlen(p.address) < PDU_ADDRESS_CHARS && strlen(p.smsc) < PDU_ADDRESS_CHARS);
	LAW(p.kind == PDU_REPORT || p.text);
	LAW(!p.has_concat || (p.total >= 1 && p.total <= 255 && p.part >= 1 && p.part <= p.total));
	LAW(!p.has_concat || (p.bits == 8 ? p.ref >= 0 && p.ref <= 0xFF : p.bits == 16 && p.ref >= 0 && p.ref <= 0xFFFF));
	LAW(!pdu_parse(data, size, &again) && same(&p, &again));
	pdu_done(&p);
	pdu_done(&again);
	return 0;
}
