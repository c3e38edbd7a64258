/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and what they stand for, as they are now and as the disk has them; in between the changes, in order. */
#include "tests/simulation/directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct renaming { /* a change of names: from NULL a creation, to NULL a deletion */
	char *from, *to;
	struct inode *inode;
};

static struct name *find(const struct names *l, const char *path)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->list[i].path, path))
			return &l->list[i];
	return NULL;
}

static void remove_name(struct names *l, const char *path)
{
	struct name *x = find(l, path);
	if (!x)
		return;
	inode_drop(x->inode);
	free(x->path);
	*x = l->list[--l->n];
}

static int put_name(struct names *l, const char *path, struct inode *i)
{
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 16;
		struct name *more = realloc(l->list, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		l->list = more;
		l->room = room;
	}
	char *copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	inode_hold(i);
	remove_name(l, path);
	l->list[l->n++] = (struct name){ copy, i };
	return 0;
}

static void names_done(struct names *l)
{
	while (l->n)
		remove_name(l, l->list[0].path);
	free(l->list);
	*l = (struct names){ 0 };
}

static int apply(struct names *l, const struct renaming *c)
{
	const struct name *old = c->from ? find(l, c->from) : NULL;
	if (old && old->inode == c->inode)
		remove_name(l, c->from);
	return c->to ? put_name(l, c->to, c->inode) : 0;
}

static void renaming_done(struct renaming *c)
{
	free(c->from);
	free(c->to);
	inode_drop(c->inode);
}

int directory_change(struct directory *d, const char *from, const char *to, struct inode *i)
{
	if (d->n_changes == d->room) {
		size_t room = d->room ? d->room * 2 : 16;
		struct renaming *more = realloc(d->changes, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		d->changes = more;
		d->room = room;
	}
	struct renaming *c = &d->changes[d->n_changes];
	*c = (struct renaming){ from ? strdup(from) : NULL, to ? strdup(to) : NULL, i };
	inode_hold(i);
	d->n_changes++;
	return (from && !c->from) || (to && !c->to) ? -ENOMEM : apply(&d->now, c);
}

bool directory_lies_in(const char *folder, const char *path)
{
	size_t n = strlen(folder);
	return path && !strncmp(path, folder, n) && path[n] == '/' && !strchr(path + n + 1, '/');
}

/* Syncs, in their order, the first n_upto changes that touch a name in folder, or (folder NULL) the name path. */
static int sync_names(struct directory *d, const char *folder, const char *path, size_t n_upto)
{
	size_t left = 0;
	int r = 0;
	for (size_t i = 0; i < d->n_changes; i++) {
		struct renaming *c = &d->changes[i];
		bool mine = folder ? directory_lies_in(folder, c->from) || directory_lies_in(folder, c->to)
				   : (c->from && !strcmp(c->from, path)) || (c->to && !strcmp(c->to, path));
		if (mine && !r && i < n_upto) {
			r = apply(&d->kept, c);
			renaming_done(c);
		} else {
			d->changes[left++] = *c;
		}
	}
	d->n_changes = left;
	return r;
}

int directory_sync_creation(struct directory *d, const struct inode *of)
{
	for (size_t i = 0; i < d->n_changes; i++) {
		const struct renaming *c = &d->changes[i];
		if (c->inode != of || c->from)
			continue;
		char path[512];
		snprintf(path, sizeof(path), "%s", c->to);
		return sync_names(d, NULL, path, i + 1);
	}
	return 0;
}

int directory_sync_folder(struct directory *d, const char *path)
{
	return sync_names(d, path, NULL, d->n_changes);
}

/* Each change that stays is applied to what is kept; all are over. */
static int end_changes(struct directory *d, bool (*stays)(void *arg), void *arg)
{
	int r = 0;
	for (size_t i = 0; i < d->n_changes; i++) {
		if (!r && stays(arg))
			r = apply(&d->kept, &d->changes[i]);
		renaming_done(&d->changes[i]);
	}
	d->n_changes = 0;
	return r;
}

static bool every(void *arg)
{
	(void)arg;
	return true;
}

static bool none(void *arg)
{
	(void)arg;
	return false;
}

static bool by_chance(void *random)
{
	return random_below(random, 2);
}

int directory_sync(struct directory *d)
{
	return end_changes(d, every, NULL);
}

int directory_cut(struct directory *d, struct random *random)
{
	unsigned fate = random_below(random, 3); /* all kept, all lost, each on its own */
	int r = end_changes(d, fate == 0 ? every : fate == 1 ? none : by_chance, random);
	names_done(&d->now);
	for (size_t i = 0; !r && i < d->kept.n; i++)
		r = put_name(&d->now, d->kept.list[i].path, d->kept.list[i].inode);
	return r;
}

int directory_put(struct directory *d, const char *path, struct inode *i)
{
	int r = put_name(&d->now, path, i);
	return r ? r : put_name(&d->kept, path, i);
}

struct inode *directory_find(const struct directory *d, const char *path)
{
	const struct name *x = find(&d->now, path);
	return x ? x->inode : NULL;
}

void directory_done(struct directory *d)
{
	end_changes(d, none, NULL);
	free(d->changes);
	names_done(&d->now);
	names_done(&d->kept);
}
