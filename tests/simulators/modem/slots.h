/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message memory of the modem ("SM", "ME", "SR"): numbered slots that hold PDUs as hex, well formed or not. */
#ifndef CAUNOI_SIM_MODEM_SLOTS_H
#define CAUNOI_SIM_MODEM_SLOTS_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/err.h"

/* <stat> of TS 27.005 §3.1 */
enum slot_stat { SLOT_UNREAD, SLOT_READ, SLOT_UNSENT, SLOT_SENT };

struct slot {
	char *pdu; /* NULL = empty */
	enum slot_stat stat;
};
struct slots {
	char name[3];
	struct slot *list;
	size_t size;
};

struct slots slots_init(const char *name, size_t size);
void slots_done(struct slots *s);
void slots_clear(struct slots *s);
size_t slots_used(const struct slots *s);
/* Puts a copy of pdu into the first empty slot. Result = its place from 0, or E_TOO_BIG when full. */
int slots_put(struct slots *s, const char *pdu, enum slot_stat stat);
/* NULL when at is outside or empty. */
struct slot *slots_find(struct slots *s, long at);
void slots_delete(struct slots *s, long at);
/* AT+CMGD's flags 1–4 (§3.5.4): read; and sent; and unsent; everything. */
void slots_delete_by(struct slots *s, int flag);

#endif
