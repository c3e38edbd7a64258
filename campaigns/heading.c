/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers as people write them. Called by imports at the begin of every piece. Pure. */
#include "campaigns/heading.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

void heading_done(struct heading *h)
{
	for (size_t i = 0; i < h->n; i++) {
		free(h->keys[i]);
		free(h->names[i]);
	}
	h->n = 0;
}

static int find_key(const struct heading *h, const char *key)
{
	for (size_t i = 0; i < h->n; i++)
		if (!strcmp(h->keys[i], key))
			return (int)i;
	return -1;
}

/* One "col=field" of the map. */
static int map_one(struct heading *h, const char *pair, struct complaint *c)
{
	const char *eq = strchr(pair, '=');
	if (!eq)
		return complaint_set(c, "map", "bad_map", "The map is written column=field,column=field.");
	OWN(mem) char *from = strndup(pair, (size_t)(eq - pair));
	OWN(mem) char *from_key = from ? column_key(from) : NULL;
	OWN(mem) char *to_key = column_key(eq + 1);
	if (!from_key || !to_key)
		return E_NOMEM;
	int i = find_key(h, from_key);
	if (i < 0)
		return complaint_set(c, "map", "unknown_column", "The file has no column %.100s.", from);
	if (!*to_key)
		return complaint_set(c, "map", "bad_map", "The map is written column=field,column=field.");
	free(h->keys[i]);
	h->keys[i] = MOVE(to_key);
	return 0;
}

static int apply_map(struct heading *h, const char *map, struct complaint *c)
{
	for (const char *p = map; p && *p;) {
		size_t n = strcspn(p, ",");
		OWN(mem) char *pair = strndup(p, n);
		int r = pair ? map_one(h, pair, c) : E_NOMEM;
		if (r)
			return r;
		p += n + (p[n] == ',');
	}
	return 0;
}

/* Two columns of one meaning cannot be told apart later. */
static int settle(struct heading *h, struct complaint *c)
{
	bool seen[COLUMN_COUNT] = { false };
	h->phone = -1;
	for (size_t i = 0; i < h->n; i++) {
		enum column column = h->columns[i] = column_of(h->keys[i]);
		bool twice = column == COLUMN_FIELD ? *h->keys[i] && find_key(h, h->keys[i]) != (int)i : seen[column];
		if (twice)
			return complaint_set(c, "file", "column_twice", "Two columns mean the same; the second is %.100s.", h->names[i]);
		seen[column] = true;
		if (column == COLUMN_PHONE)
			h->phone = (int)i;
	}
	if (h->phone < 0)
		return complaint_set(c, "file", "no_number_column",
				     "No column holds a telephone number: name it phone, sdt or so dien thoai, or use --map.");
	return 0;
}

int heading_read(const struct csv_row *row, const char *map, struct heading *h, struct complaint *c)
{
	h->n = 0;
	for (size_t i = 0; i < row->n; i++) {
		h->keys[i] = column_key(row->fields[i]);
		h->names[i] = strdup(row->fields[i]);
		h->n = i + 1;
		if (!h->keys[i] || !h->names[i])
			return E_NOMEM;
	}
	int r = apply_map(h, map, c);
	return r ? r : settle(h, c);
}
