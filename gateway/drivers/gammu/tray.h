/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has been taken from the SIM: each message's identity, where it lies, and how far it got. A message is offered to
 * the core once, deleted only after the core has stored it, and never offered again, even when it cannot be deleted.
 * Bounded: the oldest entries that are gone are forgotten first. Used by the polling thread only. */
#ifndef CAUNOI_DRIVERS_GAMMU_TRAY_H
#define CAUNOI_DRIVERS_GAMMU_TRAY_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/err.h"

#define TRAY_ID_CHARS 32
#define TRAY_ENTRIES 4096
#define TRAY_DELETES 5

enum tray_state {
	TRAY_OFFERED, /* with the core → STORED, SKIPPED */
	TRAY_STORED,  /* to be deleted → GONE */
	TRAY_SKIPPED, /* poison: stays where it is, never offered again */
	TRAY_GONE,    /* deleted and seen to be gone, or never was on the SIM */
};

struct tray_slot {
	char memory[8]; /* "SM"; "" = not stored in the modem */
	int index;
};

struct tray_entry {
	char id[TRAY_ID_CHARS + 1];
	enum tray_state state;
	struct tray_slot slot;
	char *pdu;   /* as read; compared before a delete; NULL when not on the SIM */
	int deletes; /* tries so far */
	bool copies; /* it lay in another slot, too */
};

struct tray {
	struct tray_entry *entries; /* a ring */
	size_t n, next;
};

void tray_done(struct tray *t);
/* Identity of a message: a hash of its PDU as hex text (any case). The PDU holds sender, time and text, so that reading
 * it again gives the same. */
void tray_identify(const char *pdu, char ret_id[TRAY_ID_CHARS + 1]);
/* NULL when unknown. */
struct tray_entry *tray_find(struct tray *t, const char *id);
/* New entry; pdu and slot are copied. E_NOMEM; E_TOO_BIG when all entries are still needed. */
MUST_CHECK int tray_add(struct tray *t, const char *id, enum tray_state state, const char *pdu, const struct tray_slot *slot,
			struct tray_entry **ret);
/* The message was found at slot (again); another one than before counts as a copy. */
void tray_move(struct tray_entry *e, const struct tray_slot *slot);

#endif
