/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Message memories. Called by the SMS commands, the inbox side of the modem and the control socket. */
#include "tests/simulators/modem/slots.h"

#include <stdio.h>
#include <string.h>

#include "tests/simulators/modem/need.h"

struct slots slots_init(const char *name, size_t size)
{
	struct slots s = { .size = size, .list = need(calloc(size ? size : 1, sizeof(struct slot))) };
	snprintf(s.name, sizeof(s.name), "%s", name);
	return s;
}

void slots_done(struct slots *s)
{
	slots_clear(s);
	free(s->list);
	*s = (struct slots){ 0 };
}

void slots_clear(struct slots *s)
{
	slots_delete_by(s, 4);
}

size_t slots_used(const struct slots *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->size; i++)
		n += s->list[i].pdu != NULL;
	return n;
}

int slots_put(struct slots *s, const char *pdu, enum slot_stat stat)
{
	for (size_t i = 0; i < s->size; i++) {
		if (s->list[i].pdu)
			continue;
		s->list[i] = (struct slot){ .pdu = need(strdup(pdu)), .stat = stat };
		return (int)i;
	}
	return E_TOO_BIG;
}

struct slot *slots_find(struct slots *s, long at)
{
	return at < 0 || (size_t)at >= s->size || !s->list[at].pdu ? NULL : &s->list[at];
}

void slots_delete(struct slots *s, long at)
{
	struct slot *slot = slots_find(s, at);
	if (!slot)
		return;
	free(slot->pdu);
	*slot = (struct slot){ 0 };
}

void slots_delete_by(struct slots *s, int flag)
{
	for (size_t i = 0; i < s->size; i++) {
		enum slot_stat stat = s->list[i].stat;
		bool goes = flag == 4 || (flag >= 1 && stat == SLOT_READ) || (flag >= 2 && stat == SLOT_SENT) ||
			(flag == 3 && stat == SLOT_UNSENT);
		if (goes)
			slots_delete(s, (long)i);
	}
}
