/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks counted, regions allocated. One thread: nothing waits, a lock that is taken is SQLITE_BUSY. */
#include "tests/simulation/lockbox.h"

#include <stdlib.h>

#define REGIONS_MAX 64

struct lockbox {
	int n_shared;
	const struct locks *reserved, *pending, *exclusive;
	int slot_shared[SQLITE_SHM_NLOCK];
	const struct locks *slot_exclusive[SQLITE_SHM_NLOCK];
	void *regions[REGIONS_MAX];
};

static void forget(void *box)
{
	lockbox_forget_regions(box);
	free(box);
}

struct lockbox *lockbox_of(struct inode *i)
{
	if (!i->shared) {
		i->shared = calloc(1, sizeof(struct lockbox));
		i->forget = forget;
	}
	return i->shared;
}

int lockbox_lock(struct lockbox *b, struct locks *mine, int level)
{
	if (mine->level >= level)
		return SQLITE_OK;
	if (mine->level == SQLITE_LOCK_NONE) {
		if (b->pending || b->exclusive)
			return SQLITE_BUSY;
		b->n_shared++;
		mine->level = SQLITE_LOCK_SHARED;
	}
	if (level >= SQLITE_LOCK_RESERVED && mine->level < SQLITE_LOCK_RESERVED) {
		if (b->reserved && b->reserved != mine)
			return SQLITE_BUSY;
		b->reserved = mine;
		mine->level = SQLITE_LOCK_RESERVED;
	}
	if (level == SQLITE_LOCK_EXCLUSIVE) {
		if (b->pending && b->pending != mine)
			return SQLITE_BUSY;
		b->pending = mine;
		mine->level = SQLITE_LOCK_PENDING;
		if (b->n_shared > 1)
			return SQLITE_BUSY;
		b->exclusive = mine;
		mine->level = SQLITE_LOCK_EXCLUSIVE;
	}
	return SQLITE_OK;
}

void lockbox_unlock(struct lockbox *b, struct locks *mine, int level)
{
	if (mine->level <= level)
		return;
	if (b->exclusive == mine)
		b->exclusive = NULL;
	if (b->pending == mine)
		b->pending = NULL;
	if (b->reserved == mine)
		b->reserved = NULL;
	if (level == SQLITE_LOCK_NONE && mine->level > SQLITE_LOCK_NONE)
		b->n_shared--;
	mine->level = level;
}

bool lockbox_reserved(const struct lockbox *b)
{
	return b->reserved != NULL;
}

static bool slot_free(const struct lockbox *b, const struct locks *mine, int slot, bool exclusively)
{
	int others = b->slot_shared[slot] - (mine->shared >> slot & 1 ? 1 : 0);
	return (!b->slot_exclusive[slot] || b->slot_exclusive[slot] == mine) && (!exclusively || others == 0);
}

static void slot_take(struct lockbox *b, struct locks *mine, int slot, bool exclusively)
{
	unsigned bit = 1u << slot;
	if (exclusively) {
		b->slot_exclusive[slot] = mine;
		mine->exclusive |= bit;
	} else if (!(mine->shared & bit)) {
		b->slot_shared[slot]++;
		mine->shared |= bit;
	}
}

static void slot_give(struct lockbox *b, struct locks *mine, int slot)
{
	unsigned bit = 1u << slot;
	if (mine->exclusive & bit)
		b->slot_exclusive[slot] = NULL;
	if (mine->shared & bit)
		b->slot_shared[slot]--;
	mine->exclusive &= ~bit;
	mine->shared &= ~bit;
}

int lockbox_slots(struct lockbox *b, struct locks *mine, int first, int n, int flags)
{
	bool exclusively = flags & SQLITE_SHM_EXCLUSIVE;
	if (flags & SQLITE_SHM_UNLOCK) {
		for (int i = first; i < first + n; i++)
			slot_give(b, mine, i);
		return SQLITE_OK;
	}
	for (int i = first; i < first + n; i++)
		if (!slot_free(b, mine, i, exclusively))
			return SQLITE_BUSY;
	for (int i = first; i < first + n; i++)
		slot_take(b, mine, i, exclusively);
	return SQLITE_OK;
}

int lockbox_region(struct lockbox *b, int region, int n_bytes, bool extend, void volatile **ret)
{
	*ret = NULL;
	if (region < 0 || region >= REGIONS_MAX)
		return SQLITE_IOERR;
	if (!b->regions[region] && extend && !(b->regions[region] = calloc(1, (size_t)n_bytes)))
		return SQLITE_NOMEM;
	*ret = b->regions[region];
	return SQLITE_OK;
}

void lockbox_forget_regions(struct lockbox *b)
{
	for (int i = 0; i < REGIONS_MAX; i++) {
		free(b->regions[i]);
		b->regions[i] = NULL;
	}
}
