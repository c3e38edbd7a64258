/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages that lie in the modem: which memories there are, what is in them, deleting one and making sure. Raw
 * commands in PDU mode, because libgammu stops at the first message that it cannot read. Worker only; blocks. */
#ifndef CAUNOI_DRIVERS_GAMMU_SLOTS_H
#define CAUNOI_DRIVERS_GAMMU_SLOTS_H

#include "gateway/drivers/gammu/line.h"
#include "gateway/drivers/gammu/tray.h"

#define SLOTS_MEMORIES 4

struct slots_level {
	int used, size; /* -1 unknown */
};
struct slots {
	char memories[SLOTS_MEMORIES][8];
	struct slots_level levels[SLOTS_MEMORIES];
	size_t n_memories;
};

/* Called for each received message or report; pdu is borrowed. */
typedef void slots_found(void *self, const char *pdu, const struct tray_slot *slot);

/* PDU mode, and which memories can be read ("SM", "ME", "SR"; "MT", which is both, where it is the only one). E_UNAVAILABLE: no
 * answer; E_REFUSED: the modem knows no PDU mode. */
MUST_CHECK int slots_probe(struct slots *s, struct line *l);
/* Reads all; also (where its memory is given) this one slot, which some modems leave out of their lists. */
MUST_CHECK int slots_list(struct slots *s, struct line *l, const struct tray_slot *also, slots_found *found, void *self);
/* Deletes slot if it still holds pdu, and looks again. 0: pdu is not there any more; E_REFUSED: it still is;
 * E_UNAVAILABLE: no answer. */
MUST_CHECK int slots_delete(struct slots *s, struct line *l, const struct tray_slot *slot, const char *pdu);
/* Reads a notification's `"SM",3`. E_INVALID. */
MUST_CHECK int slots_parse(const char *text, struct tray_slot *ret);

#endif
