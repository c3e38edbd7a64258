/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and journal of the simulated provider. Called by server.c. */
#include "tests/simulators/api/ledger.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define ID_BYTES 48

struct entry {
	uint64_t hash; /* 0 = free */
	uint64_t number;
};
struct ledger {
	int fd;
	struct buffer lines;
	struct entry *entries;
	size_t room, n;
	uint64_t last, run; /* ids are RUN-NUMBER, never used twice */
	struct ledger_counts counts;
};

static uint64_t hash_of(const char *key)
{
	uint64_t h = 14695981039346656037u;
	for (const char *p = key; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	h ^= h >> 29;
	return h ? h : 1;
}

static struct entry *find(struct entry *entries, size_t room, uint64_t hash)
{
	size_t i = (size_t)hash & (room - 1);
	while (entries[i].hash && entries[i].hash != hash)
		i = (i + 1) & (room - 1);
	return &entries[i];
}

static int grow(struct ledger *l)
{
	size_t room = l->room ? l->room * 2 : 4096;
	if (l->n * 2 < l->room)
		return 0;
	struct entry *entries = calloc(room, sizeof(*entries));
	if (!entries)
		return E_NOMEM;
	for (size_t i = 0; i < l->room; i++)
		if (l->entries[i].hash)
			*find(entries, room, l->entries[i].hash) = l->entries[i];
	free(l->entries);
	l->entries = entries;
	l->room = room;
	return 0;
}

/* Counts one delivery under key; *ret_entry is its row. */
static int count(struct ledger *l, const char *key, struct entry **ret_entry)
{
	int r = grow(l);
	if (r)
		return r;
	struct entry *e = find(l->entries, l->room, hash_of(key));
	l->counts.delivered++;
	if (e->hash) {
		l->counts.duplicates++;
	} else {
		*e = (struct entry){ .hash = hash_of(key), .number = ++l->last };
		l->counts.distinct++;
		l->n++;
	}
	*ret_entry = e;
	return 0;
}

static int recall(struct ledger *l, const char *journal)
{
	OWN(file) FILE *f = fopen(journal, "r");
	OWN(mem) char *line = NULL;
	size_t room = 0;
	ssize_t n;
	while (f && (n = getline(&line, &room, f)) > 0) {
		OWN(json) json_t *row = NULL;
		struct entry *e;
		if (json_parse(line, (size_t)n, &row))
			continue; /* the torn last line of a killed run */
		int r = count(l, json_str(row, "key", ""), &e);
		if (r)
			return r;
	}
	return 0;
}

int ledger_open(const char *journal, int64_t now_ms, struct ledger **ret)
{
	struct ledger *l = calloc(1, sizeof(*l));
	if (!l)
		return E_NOMEM;
	*l = (struct ledger){ .fd = -1, .run = (uint64_t)now_ms };
	int r = journal ? recall(l, journal) : 0;
	if (!r && journal) {
		l->fd = open(journal, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
		r = l->fd < 0 ? E_IO : 0;
	}
	if (r) {
		ledger_close(l);
		return r;
	}
	*ret = l;
	return 0;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	buffer_done(&l->lines);
	free(l->entries);
	free(l);
}

static int note(struct ledger *l, const char *key, const char *to, const char *text, int64_t at_ms, const char *id)
{
	if (l->fd < 0)
		return 0;
	OWN(json) json_t *row = json_pack("{s:I,s:s,s:s,s:s,s:s}", "at_ms", (json_int_t)at_ms, "key", key, "to", to, "text",
					  text, "id", id);
	return row ? json_put_line(&l->lines, row) : E_NOMEM;
}

int ledger_deliver(struct ledger *l, bool idempotent, const char *key, const char *to, const char *text, int64_t at_ms,
		   char *ret_id)
{
	struct entry *e = l->room ? find(l->entries, l->room, hash_of(key)) : NULL;
	if (idempotent && *key && e && e->hash) {
		l->counts.repeats++;
		snprintf(ret_id, ID_BYTES, "%llx-%llu", (unsigned long long)l->run, (unsigned long long)e->number);
		return 0;
	}
	uint64_t known = l->counts.distinct;
	int r = count(l, key, &e);
	if (r)
		return r;
	uint64_t number = l->counts.distinct > known ? e->number : ++l->last; /* a duplicate is a new message to us */
	snprintf(ret_id, ID_BYTES, "%llx-%llu", (unsigned long long)l->run, (unsigned long long)number);
	return note(l, key, to, text, at_ms, ret_id);
}

int ledger_flush(struct ledger *l)
{
	while (buffer_left(&l->lines)) {
		ssize_t n = write(l->fd, buffer_text(&l->lines), buffer_left(&l->lines));
		if (n < 0)
			return E_IO;
		buffer_take(&l->lines, (size_t)n);
	}
	return 0;
}

struct ledger_counts ledger_count(const struct ledger *l)
{
	return l->counts;
}

void ledger_reset(struct ledger *l)
{
	if (l->room)
		memset(l->entries, 0, l->room * sizeof(*l->entries));
	l->n = 0;
	l->counts = (struct ledger_counts){ 0 };
}
