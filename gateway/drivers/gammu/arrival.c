/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From PDU to frame. A PDU that contradicts itself, or is no person's text, is handed over with its raw bytes and an
 * empty text: kept, shown to staff, never answered. */
#include "gateway/drivers/gammu/arrival.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/drivers/gammu/pdu.h"

void arrival_done(struct arrival *a)
{
	for (size_t i = 0; i < a->n_waiting; i++)
		free(a->waiting[i]);
	a->n_waiting = 0;
	tray_done(&a->tray);
}

static void log_it(struct arrival *a, const char *level, const char *event, const char *id, const char *reason)
{
	OWN(json) json_t *fields = json_pack("{s:s,s:s*}", "id", id, "reason", reason);
	driver_log(a->driver, level, event, fields);
}

/* ---- frames --------------------------------------------------------------------------------------------------- */

/* TS 23.040 §9.2.3.15. 0x01 is "forwarded, delivery cannot be confirmed": no proof. */
static const char *status_of(uint8_t st)
{
	if (st == 0x00 || st == 0x02)
		return "delivered";
	return st >= 0x40 && st < 0x80 ? "failed" : "buffered";
}

static void offer_receipt(struct arrival *a, const char *id, const struct pdu *p)
{
	char reference[16], code[16];
	snprintf(reference, sizeof(reference), "mr:%d", p->mr);
	snprintf(code, sizeof(code), "tp-st:%d", p->status);
	driver_receipt(a->driver, &(struct driver_receipt){ .id = id, .reference = reference, .to = p->address, .code = code,
							    .status = status_of(p->status), .at_ms = p->done_ms });
}

static void offer_message(struct arrival *a, const char *id, const struct pdu *p, const uint8_t *raw, size_t raw_bytes)
{
	driver_inbound(a->driver, &(struct driver_inbound){ .id = id, .from = p->address, .text = p->reason ? "" : p->text,
							    .raw = raw, .raw_bytes = raw_bytes, .has_udh = p->has_concat, .udh_ref = p->ref,
							    .udh_total = p->total, .udh_part = p->part, .udh_bits = p->bits,
							    .sent_at_ms = p->at_ms, .quarantine = p->reason });
	if (p->reason)
		log_it(a, "warn", "inbound.quarantined", id, p->reason);
}

static void offer_unreadable(struct arrival *a, const char *id, const void *raw, size_t raw_bytes)
{
	driver_inbound(a->driver, &(struct driver_inbound){ .id = id, .from = "", .text = "", .raw = raw, .raw_bytes = raw_bytes,
							    .quarantine = "malformed" });
	log_it(a, "warn", "inbound.quarantined", id, "malformed");
}

static void offer(struct arrival *a, const char *id, const char *pdu)
{
	OWN(mem) uint8_t *raw = NULL;
	size_t raw_bytes = 0;
	struct pdu p = { 0 };
	if (text_unhex(pdu, &raw, &raw_bytes))
		offer_unreadable(a, id, pdu, strlen(pdu)); /* not even hex: the characters themselves */
	else if (pdu_parse(raw, raw_bytes, &p))
		offer_unreadable(a, id, raw, raw_bytes);
	else if (p.kind == PDU_REPORT)
		offer_receipt(a, id, &p);
	else
		offer_message(a, id, &p, raw, raw_bytes);
	pdu_done(&p);
}

/* ---- what is known -------------------------------------------------------------------------------------------- */

static void remove_slot(struct arrival *a, struct tray_entry *e)
{
	if (e->deletes >= TRAY_DELETES)
		return;
	if (++e->deletes == TRAY_DELETES)
		log_it(a, "error", "sim.undeletable", e->id, "the modem keeps a message that was deleted");
	a->remove(a->self, e);
}

static void on_known(struct arrival *a, struct tray_entry *e, const char *pdu, const struct tray_slot *slot)
{
	if (!*slot->memory)
		return;
	tray_move(e, slot);
	if (e->state == TRAY_GONE) { /* back again: the core has it */
		e->pdu = e->pdu ? e->pdu : strdup(pdu);
		e->state = TRAY_STORED;
	}
	if (e->state == TRAY_STORED && e->pdu)
		remove_slot(a, e);
}

static void take_in(struct arrival *a, const char *pdu, const struct tray_slot *slot)
{
	char id[TRAY_ID_CHARS + 1];
	tray_identify(pdu, id);
	struct tray_entry *e = tray_find(&a->tray, id);
	if (e) {
		on_known(a, e, pdu, slot);
		return;
	}
	int r = tray_add(&a->tray, id, TRAY_OFFERED, *slot->memory ? pdu : NULL, slot, &e);
	if (r)
		log_it(a, "error", "inbound.waits", id, err_text(r)); /* still on the SIM; tried again with the next listing */
	if (!r || !*slot->memory)
		offer(a, id, pdu);
}

static bool is_report(const char *pdu)
{
	OWN(mem) uint8_t *raw = NULL;
	size_t n = 0;
	struct pdu p = { 0 };
	bool report = !text_unhex(pdu, &raw, &n) && !pdu_parse(raw, n, &p) && p.kind == PDU_REPORT;
	pdu_done(&p);
	return report;
}

void arrival_found(struct arrival *a, const char *pdu, const struct tray_slot *slot, bool sending)
{
	char *copy = sending && a->n_waiting < ARRIVAL_WAITING && is_report(pdu) ? strdup(pdu) : NULL;
	if (copy)
		a->waiting[a->n_waiting++] = copy;
	else
		take_in(a, pdu, slot);
}

void arrival_release(struct arrival *a)
{
	const struct tray_slot nowhere = { .memory = "" };
	for (size_t i = 0; i < a->n_waiting; i++) {
		take_in(a, a->waiting[i], &nowhere);
		free(a->waiting[i]);
	}
	a->n_waiting = 0;
}

void arrival_stored(struct arrival *a, const char *id)
{
	struct tray_entry *e = tray_find(&a->tray, id);
	if (!e || e->state != TRAY_OFFERED)
		return;
	e->state = *e->slot.memory ? TRAY_STORED : TRAY_GONE;
	if (e->state == TRAY_STORED)
		remove_slot(a, e);
}

/* It stays on the SIM: the core may not have it, and nothing else does. */
void arrival_skip(struct arrival *a, const char *id)
{
	struct tray_entry *e = tray_find(&a->tray, id);
	if (!e && tray_add(&a->tray, id, TRAY_SKIPPED, NULL, NULL, &e))
		return;
	e->state = TRAY_SKIPPED;
	log_it(a, "error", "inbound.skipped", e->id, NULL);
}

void arrival_deleted(struct arrival *a, const char *pdu, bool gone)
{
	char id[TRAY_ID_CHARS + 1];
	tray_identify(pdu, id);
	struct tray_entry *e = tray_find(&a->tray, id);
	if (!e || e->state != TRAY_STORED || !gone)
		return;
	e->state = TRAY_GONE;
	e->deletes = 0;
	if (e->copies)
		a->look(a->self);
	e->copies = false;
	free(e->pdu);
	e->pdu = NULL;
}
