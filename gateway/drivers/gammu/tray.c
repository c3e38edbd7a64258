/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of messages taken from the SIM, in memory: after a restart all is offered again and the core knows it by its
 * id. Called by the modem's polling side. */
#include "gateway/drivers/gammu/tray.h"

#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void tray_done(struct tray *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->entries[i].pdu);
	free(t->entries);
	*t = (struct tray){ 0 };
}

void tray_identify(const char *pdu, char ret_id[TRAY_ID_CHARS + 1])
{
	crypto_generichash_state state;
	unsigned char hash[TRAY_ID_CHARS / 2];
	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	for (; *pdu; pdu++) {
		unsigned char c = (unsigned char)toupper((unsigned char)*pdu);
		crypto_generichash_update(&state, &c, 1);
	}
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(ret_id, TRAY_ID_CHARS + 1, hash, sizeof(hash));
}

struct tray_entry *tray_find(struct tray *t, const char *id)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->entries[i].id, id))
			return &t->entries[i];
	return NULL;
}

/* A free place, or the oldest entry that is gone. */
static struct tray_entry *place(struct tray *t)
{
	if (t->n < TRAY_ENTRIES)
		return &t->entries[t->n++];
	for (size_t i = 0; i < TRAY_ENTRIES; i++) {
		struct tray_entry *e = &t->entries[(t->next + i) % TRAY_ENTRIES];
		if (e->state != TRAY_GONE)
			continue;
		t->next = (t->next + i + 1) % TRAY_ENTRIES;
		free(e->pdu);
		return e;
	}
	return NULL;
}

int tray_add(struct tray *t, const char *id, enum tray_state state, const char *pdu, const struct tray_slot *slot,
	     struct tray_entry **ret)
{
	if (!t->entries && !(t->entries = calloc(TRAY_ENTRIES, sizeof(*t->entries))))
		return E_NOMEM;
	char *copy = pdu ? strdup(pdu) : NULL;
	if (pdu && !copy)
		return E_NOMEM;
	struct tray_entry *e = place(t);
	if (!e) {
		free(copy);
		return E_TOO_BIG;
	}
	*e = (struct tray_entry){ .state = state, .pdu = copy };
	size_t n = strnlen(id, TRAY_ID_CHARS);
	memcpy(e->id, id, n);
	if (slot)
		e->slot = *slot;
	*ret = e;
	return 0;
}

void tray_move(struct tray_entry *e, const struct tray_slot *slot)
{
	e->copies |= *e->slot.memory && (e->slot.index != slot->index || strcmp(e->slot.memory, slot->memory) != 0);
	e->slot = *slot;
}
