/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Content, durable content and the changes in between. A change is stored twice (content and log), so that a cut can choose among
 * every version a sector has had since the last sync. */
#include "tests/simulation/inode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct inode *inode_new(bool folder)
{
	struct inode *i = calloc(1, sizeof(*i));
	if (i)
		*i = (struct inode){ .refs = 1, .folder = folder, .mode = folder ? 0700 : 0600 };
	return i;
}

void inode_hold(struct inode *i)
{
	i->refs++;
}

void inode_drop(struct inode *i)
{
	if (!i || --i->refs > 0)
		return;
	if (i->shared)
		i->forget(i->shared);
	free(i->now.data);
	free(i->kept.data);
	free(i->log.data);
	free(i->changes);
	free(i);
}

static int reserve(struct bytes *b, size_t n)
{
	if (n <= b->room)
		return 0;
	size_t room = b->room ? b->room : 4096;
	while (room < n)
		room *= 2;
	uint8_t *data = realloc(b->data, room);
	if (!data)
		return -ENOMEM;
	b->data = data;
	b->room = room;
	return 0;
}

static int resize(struct bytes *b, size_t n)
{
	int r = reserve(b, n);
	if (r)
		return r;
	if (n > b->n)
		memset(b->data + b->n, 0, n - b->n);
	b->n = n;
	return 0;
}

static int put(struct bytes *b, const void *data, size_t n, size_t at)
{
	int r = at + n > b->n ? resize(b, at + n) : 0;
	if (!r && n)
		memcpy(b->data + at, data, n);
	return r;
}

static int note(struct inode *i, struct change c)
{
	if (i->n_changes == i->room) {
		size_t room = i->room ? i->room * 2 : 16;
		struct change *more = realloc(i->changes, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		i->changes = more;
		i->room = room;
	}
	i->changes[i->n_changes++] = c;
	return 0;
}

int inode_write(struct inode *i, const void *data, size_t n, size_t at)
{
	size_t from = i->log.n;
	int r = put(&i->log, data, n, from);
	if (!r)
		r = note(i, (struct change){ .at = at, .n = n, .from = from });
	return r ? r : put(&i->now, data, n, at);
}

int inode_resize(struct inode *i, size_t n)
{
	if (n == i->now.n)
		return 0;
	int r = note(i, (struct change){ .at = n, .resize = true });
	return r ? r : resize(&i->now, n);
}

size_t inode_read(const struct inode *i, void *out, size_t n, size_t at)
{
	if (at >= i->now.n)
		return 0;
	if (n > i->now.n - at)
		n = i->now.n - at;
	memcpy(out, i->now.data + at, n);
	return n;
}

static int apply(struct inode *i, const struct change *c)
{
	return c->resize ? resize(&i->kept, c->at) : put(&i->kept, i->log.data + c->from, c->n, c->at);
}

static void forget_changes(struct inode *i)
{
	i->n_changes = 0;
	i->log.n = 0;
}

int inode_sync(struct inode *i)
{
	int r = 0;
	for (size_t k = 0; !r && k < i->n_changes; k++)
		r = apply(i, &i->changes[k]);
	if (!r)
		forget_changes(i);
	return r;
}

enum { FATE_KEPT, FATE_LOST, FATE_MIXED, FATES };

/* Sector by sector, each kept or lost; gives the bytes lost. */
static int64_t apply_torn(struct inode *i, const struct change *c, struct random *r)
{
	int64_t lost = 0;
	bool front = random_below(r, 2) == 0; /* torn at one place, or full of holes */
	bool keep = true;
	for (size_t done = 0; done < c->n;) {
		size_t n = SECTOR_BYTES - (c->at + done) % SECTOR_BYTES;
		if (n > c->n - done)
			n = c->n - done;
		if (keep || !front)
			keep = random_below(r, front ? 8 : 2) != 0;
		int e = keep ? put(&i->kept, i->log.data + c->from + done, n, c->at + done) : 0;
		if (e)
			return e;
		lost += keep ? 0 : (int64_t)n;
		done += n;
	}
	return lost;
}

/* fate: of the whole file; mixed means that each change has its own. */
static int64_t settle(struct inode *i, unsigned fate, struct random *r)
{
	int64_t lost = 0;
	for (size_t k = 0; k < i->n_changes; k++) {
		const struct change *c = &i->changes[k];
		unsigned own = fate == FATE_MIXED ? random_below(r, FATES) : fate;
		int64_t n = 0;
		if (own == FATE_KEPT || (own == FATE_MIXED && c->resize))
			n = apply(i, c);
		else if (own == FATE_LOST)
			n = (int64_t)c->n;
		else
			n = apply_torn(i, c, r);
		if (n < 0)
			return n;
		lost += n;
	}
	return lost;
}

int inode_fail_sync(struct inode *i, struct random *r)
{
	int64_t lost = settle(i, FATE_MIXED, r);
	i->parted = true;
	forget_changes(i);
	return lost < 0 ? (int)lost : 0;
}

/* Makes now as kept, at no more places than they differ. */
static int show_kept(struct inode *i)
{
	int r = resize(&i->now, i->kept.n);
	if (r)
		return r;
	if (i->parted && i->kept.n)
		memcpy(i->now.data, i->kept.data, i->kept.n);
	for (size_t k = 0; !i->parted && k < i->n_changes; k++) {
		const struct change *c = &i->changes[k];
		size_t end = c->resize ? i->kept.n : c->at + c->n;
		if (end > i->kept.n)
			end = i->kept.n;
		if (c->at < end)
			memcpy(i->now.data + c->at, i->kept.data + c->at, end - c->at);
	}
	return 0;
}

int64_t inode_cut(struct inode *i, struct random *r)
{
	if (!i->n_changes && !i->parted)
		return 0;
	int64_t lost = settle(i, random_below(r, FATES), r);
	/* a file system may have grown the file before its bytes came */
	int e = lost > 0 && i->kept.n < i->now.n && random_below(r, 4) == 0 ? resize(&i->kept, i->now.n) : 0;
	if (!e && lost >= 0)
		e = show_kept(i);
	i->parted = false;
	forget_changes(i);
	return e ? e : lost;
}

int64_t inode_unsynced(const struct inode *i)
{
	int64_t n = 0;
	for (size_t k = 0; k < i->n_changes; k++)
		n += i->changes[k].resize ? 1 : (int64_t)i->changes[k].n;
	return n;
}

struct inode *inode_copy_durable(const struct inode *i)
{
	struct inode *copy = inode_new(i->folder);
	if (!copy)
		return NULL;
	copy->mode = i->mode;
	if (put(&copy->now, i->kept.data, i->kept.n, 0) || put(&copy->kept, i->kept.data, i->kept.n, 0)) {
		inode_drop(copy);
		return NULL;
	}
	return copy;
}
