/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and deleting stored messages. Called by the worker; what is found goes to the caller's function at once. */
#include "gateway/drivers/gammu/slots.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"

#define LIST_MS 30000
#define COMMAND_MS 10000
#define WALK_MOST 100 /* a slow modem, too, is through before the core takes it for hung */
#define WALK_BLIND 20 /* of a memory that does not tell its size */

/* Next line of *text without its end, *text moves behind it; NULL at the end. Writes into the text. */
static char *next_line(char **text)
{
	if (!**text)
		return NULL;
	char *line = *text, *end = strchr(line, '\n');
	*text = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line;
}

static bool is_memory(const char *name)
{
	return !strcmp(name, "SM") || !strcmp(name, "ME") || !strcmp(name, "SR");
}

static void add_memory(struct slots *s, const char name[8])
{
	s->levels[s->n_memories] = (struct slots_level){ -1, -1 };
	memcpy(s->memories[s->n_memories++], name, 8);
}

/* The first bracket of `+CPMS: ("SM","ME"),("SM"),…` says what can be read. */
static void read_memories(struct slots *s, const char *text)
{
	const char *end = strchr(text, ')');
	bool both = false;
	s->n_memories = 0;
	for (const char *p = strchr(text, '"'); p && (!end || p < end) && s->n_memories < SLOTS_MEMORIES; p = strchr(p, '"')) {
		size_t n = strcspn(++p, "\"");
		char name[8] = "";
		if (n < sizeof(name))
			memcpy(name, p, n);
		if (is_memory(name))
			add_memory(s, name);
		both |= !strcmp(name, "MT");
		p += n + (p[n] == '"');
	}
	if (!s->n_memories)
		add_memory(s, both ? "MT\0\0\0\0\0" : "SM\0\0\0\0\0");
}

int slots_probe(struct slots *s, struct line *l)
{
	*s = (struct slots){ 0 };
	struct line_reply mode, reply;
	int r = line_raw(l, "AT+CMGF=0", COMMAND_MS, &mode);
	free(mode.text);
	if (r)
		return r;
	r = line_raw(l, "AT+CPMS=?", COMMAND_MS, &reply);
	read_memories(s, r ? "" : reply.text);
	free(reply.text);
	return r == E_REFUSED ? 0 : r;
}

static void set_level(struct slots *s, const char *memory, struct slots_level level)
{
	for (size_t i = 0; i < s->n_memories; i++)
		if (!strcmp(s->memories[i], memory))
			s->levels[i] = level;
}

static int choose(struct slots *s, struct line *l, const char *memory)
{
	char command[32];
	snprintf(command, sizeof(command), "AT+CPMS=\"%s\"", memory);
	struct line_reply reply;
	int r = line_raw(l, command, COMMAND_MS, &reply);
	struct slots_level level;
	if (!r && sscanf(reply.text, "+CPMS: %d,%d", &level.used, &level.size) == 2)
		set_level(s, memory, level);
	free(reply.text);
	return r == E_REFUSED && s->n_memories == 1 ? 0 : r; /* there is no other to choose */
}

static struct slots_level level_of(const struct slots *s, const char *memory)
{
	for (size_t i = 0; i < s->n_memories; i++)
		if (!strcmp(s->memories[i], memory))
			return s->levels[i];
	return (struct slots_level){ -1, -1 };
}

/* "+CMGL: index,stat,…" and "+CMGR: stat,…"; stat 2 and 3 are messages of our own. */
static bool is_received(int stat)
{
	return stat == 0 || stat == 1;
}

static int list_one(struct line *l, const char *memory, slots_found *found, void *self)
{
	struct line_reply reply;
	int r = line_raw(l, "AT+CMGL=4", LIST_MS, &reply);
	OWN(mem) char *text = reply.text;
	if (r)
		return r;
	char *rest = text, *line;
	struct tray_slot slot = { .index = -1 };
	snprintf(slot.memory, sizeof(slot.memory), "%s", memory);
	for (bool wanted = false; (line = next_line(&rest));) {
		int stat;
		if (sscanf(line, "+CMGL: %d,%d", &slot.index, &stat) == 2) {
			wanted = is_received(stat);
		} else if (wanted) {
			found(self, line, &slot);
			wanted = false;
		}
	}
	return 0;
}

/* The PDU at index of the chosen memory, the caller's; NULL = nothing is there. */
static int read_at(struct line *l, int index, char **ret)
{
	char command[32];
	struct line_reply reply;
	snprintf(command, sizeof(command), "AT+CMGR=%d", index);
	int r = line_raw(l, command, COMMAND_MS, &reply);
	OWN(mem) char *text = reply.text;
	if (r && r != E_REFUSED)
		return r;
	char *rest = text, *header = r ? NULL : next_line(&rest), *pdu = header ? next_line(&rest) : NULL;
	int stat;
	bool received = pdu && sscanf(header, "+CMGR: %d", &stat) == 1 && is_received(stat);
	char *copy = received ? strdup(pdu) : NULL;
	if (received && !copy)
		return E_NOMEM;
	*ret = copy;
	return 0;
}

static int read_one(struct slots *s, struct line *l, const struct tray_slot *slot, char **ret)
{
	int r = choose(s, l, slot->memory);
	return r ? r : read_at(l, slot->index, ret);
}

/* Place by place, of a modem that lists nothing: it cannot, or stumbles over one message. Makers count from 0 or from 1. */
static int walk(struct slots *s, struct line *l, const char *memory, slots_found *found, void *self)
{
	const struct slots_level level = level_of(s, memory);
	const int last = level.size < 0 ? WALK_BLIND : level.size > WALK_MOST ? WALK_MOST : level.size;
	struct tray_slot slot = { .index = 0 };
	snprintf(slot.memory, sizeof(slot.memory), "%s", memory);
	int r = 0, left = level.used < 0 ? last + 1 : level.used;
	for (; !r && left > 0 && slot.index <= last; slot.index++) {
		OWN(mem) char *pdu = NULL;
		r = read_at(l, slot.index, &pdu);
		if (!pdu)
			continue;
		found(self, pdu, &slot);
		left--;
	}
	return r;
}

int slots_list(struct slots *s, struct line *l, const struct tray_slot *also, slots_found *found, void *self)
{
	int worst = 0;
	for (size_t i = 0; i < s->n_memories; i++) {
		int r = choose(s, l, s->memories[i]);
		if (!r && (r = list_one(l, s->memories[i], found, self)) == E_REFUSED)
			r = walk(s, l, s->memories[i], found, self);
		if (r && r != E_REFUSED)
			return r;
		worst = r ? r : worst;
	}
	if (*also->memory) {
		OWN(mem) char *pdu = NULL;
		int r = read_one(s, l, also, &pdu);
		if (r && r != E_REFUSED)
			return r;
		if (pdu)
			found(self, pdu, also);
	}
	return worst;
}

int slots_delete(struct slots *s, struct line *l, const struct tray_slot *slot, const char *pdu)
{
	OWN(mem) char *before = NULL, *after = NULL;
	int r = read_one(s, l, slot, &before);
	if (r)
		return r;
	if (!before || strcasecmp(before, pdu))
		return 0; /* gone, or the slot has been used anew: nothing to delete here */
	char command[32];
	struct line_reply reply;
	snprintf(command, sizeof(command), "AT+CMGD=%d", slot->index);
	r = line_raw(l, command, COMMAND_MS, &reply);
	free(reply.text);
	if (r && r != E_REFUSED)
		return r;
	r = read_one(s, l, slot, &after);
	if (r)
		return r;
	return after && !strcasecmp(after, pdu) ? E_REFUSED : 0;
}

int slots_parse(const char *text, struct tray_slot *ret)
{
	struct tray_slot slot;
	if (sscanf(text, " \"%7[A-Z]\",%d", slot.memory, &slot.index) != 2 || slot.index < 0)
		return E_INVALID;
	*ret = slot;
	return 0;
}
