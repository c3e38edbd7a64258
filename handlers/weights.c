/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table from words and pairs to what they weigh. Keeps nothing of a message, does no I/O besides reading its file. */
#include "handlers/weights.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/settings.h"
#include "handlers/keywords.h"

#define FILE_NAME "topics/weights.tsv"
#define PAIR 2 /* words of the longest entry */
#define WORD_BYTES 64
#define ALPHABET "abcdefghijklmnopqrstuvwxyz0123456789'"

struct weight {
	uint8_t of; /* place among the sums */
	int8_t by;
};

/* What a word or a pair says: n weights from the first on; n = 0 is a free slot. */
struct slot {
	uint32_t key;
	uint32_t first : 24, n : 8;
};

struct weights {
	struct slot *slots;
	size_t mask; /* slots less one: a power of two, at least twice the entries */
	struct weight *at;
	size_t n;
	float always[WEIGHTS_SUMS];
	size_t n_topics;
};

const char *weights_flag_name(enum weights_flag flag)
{
	static const char *const names[WEIGHTS_FLAGS] = { [WEIGHTS_MATTER] = "matter", [WEIGHTS_URGENT] = "urgent", [WEIGHTS_RESTRICTED] = "restricted", [WEIGHTS_OPTOUT] = "optout" };
	return names[flag];
}

void weights_free(struct weights *m)
{
	if (!m)
		return;
	free(m->slots);
	free(m->at);
	free(m);
}

static uint32_t mix(uint32_t first, uint32_t second)
{
	return (first * 0x9E3779B1u) ^ (second + (first >> 15));
}

static uint32_t told_by(const struct word *w)
{
	return w->number ? word_hash(WEIGHTS_NUMBER) : w->hash;
}

uint32_t weights_key(const struct word *first, const struct word *second)
{
	return second ? mix(told_by(first), told_by(second)) : told_by(first);
}

/* The slot of a key, or the free one where it would be. */
static struct slot *find(const struct weights *m, uint32_t key)
{
	size_t i = (key * UINT64_C(0x9E3779B97F4A7C15) >> 32) & m->mask;
	while (m->slots[i].n && m->slots[i].key != key)
		i = (i + 1) & m->mask;
	return &m->slots[i];
}

/* ---- reading ---- */

/* The file while it is read. */
struct table {
	struct weights *m;
	const struct topic *topics;
	struct complaint *c;
	struct entry {
		uint32_t key;
		size_t first, n;
	} *entries;
	size_t n, room, weights_room;
	const char *line; /* the one under reading */
};

static int wrong(struct table *t, const char *at, const char *what)
{
	t->c->column = (int)(at - t->line) + 1;
	complaint_set(t->c, "", "wrong_value", "%s", what);
	return E_CONFIG;
}

static bool is_text(const char *text, const char *part, size_t n_bytes)
{
	return strncmp(text, part, n_bytes) == 0 && !text[n_bytes];
}

/* The place of a name among the sums; WEIGHTS_SUMS = none of ours. */
static size_t find_sum(const struct table *t, const char *name, size_t n_bytes)
{
	for (size_t i = 0; i < t->m->n_topics; i++)
		if (is_text(t->topics[i].code, name, n_bytes))
			return i;
	for (size_t i = 0; i < WEIGHTS_FLAGS; i++)
		if (is_text(weights_flag_name((enum weights_flag)i), name, n_bytes))
			return weights_flag((enum weights_flag)i);
	return WEIGHTS_SUMS;
}

/* "+12", "-7" at *p, which moves behind it; 0 = it is none. */
static int read_weight(const char **p)
{
	int sign = **p == '+' ? 1 : -1, by = 0;
	size_t digits = **p == '+' || **p == '-' ? strspn(*p + 1, "0123456789") : 0;
	for (size_t i = 0; i < digits && i < 4; i++)
		by = by * 10 + (*p)[1 + i] - '0';
	*p += digits + (digits > 0);
	return !digits || digits > 3 || by > WEIGHTS_LARGEST ? 0 : sign * by;
}

static int put_weight(struct table *t, size_t of, int by)
{
	struct weights *m = t->m;
	if (m->n == t->weights_room) {
		size_t room = t->weights_room ? 2 * t->weights_room : 1024;
		struct weight *more = realloc(m->at, room * sizeof(*more));
		if (!more)
			return E_NOMEM;
		m->at = more;
		t->weights_room = room;
	}
	m->at[m->n++] = (struct weight){ .of = (uint8_t)of, .by = (int8_t)by };
	return 0;
}

/* "HATANG+12 NUOCSACH-7" */
static int read_weights(struct table *t, const char *p)
{
	int r = 0;
	do {
		const char *name = p;
		size_t n = strcspn(p, "+- "), of = find_sum(t, p, n);
		p += n;
		int by = n ? read_weight(&p) : 0;
		if (!by || (*p && (*p != ' ' || !p[1])))
			return wrong(t, name, "a topic and by how much the words speak for or against it are wanted here, as HATANG+21");
		r = of < WEIGHTS_SUMS ? put_weight(t, of, by) : 0;
		p += *p == ' ';
	} while (*p && !r);
	return r;
}

/* Up to two words before a tab, as word_hash numbers. *p moves behind it. */
static int read_words(struct table *t, const char **p, uint32_t hashes[PAIR], size_t *ret_n)
{
	char one[WORD_BYTES];
	for (*ret_n = 0; **p != '\t'; *p += **p == ' ') {
		size_t n = strspn(*p, ALPHABET);
		if (*ret_n == PAIR || !n || n >= sizeof(one) || ((*p)[n] != '\t' && ((*p)[n] != ' ' || (*p)[n + 1] == '\t')))
			return wrong(t, *p, "one or two words in plain small letters, or none, and a tab behind them are wanted here");
		memcpy(one, *p, n);
		one[n] = '\0';
		hashes[(*ret_n)++] = word_hash(one);
		*p += n;
	}
	++*p;
	return 0;
}

static int put_entry(struct table *t, struct entry e)
{
	if (t->n == t->room) {
		size_t room = t->room ? 2 * t->room : 1024;
		struct entry *more = realloc(t->entries, room * sizeof(*more));
		if (!more)
			return E_NOMEM;
		t->entries = more;
		t->room = room;
	}
	t->entries[t->n++] = e;
	return 0;
}

static int read_entry(struct table *t, const char *p)
{
	uint32_t hashes[PAIR];
	size_t n = 0, first = t->m->n;
	int r = read_words(t, &p, hashes, &n);
	r = r ? r : read_weights(t, p);
	if (r || n)
		return r ? r : put_entry(t, (struct entry){ n == PAIR ? mix(hashes[0], hashes[1]) : hashes[0], first, t->m->n - first });
	for (size_t i = first; i < t->m->n; i++)
		t->m->always[t->m->at[i].of] += (float)t->m->at[i].by;
	t->m->n = first;
	return 0;
}

/* The lines up to "end", which tells a whole file from one that was cut. */
static int read_lines(struct table *t, FILE *in)
{
	OWN(mem) char *line = NULL;
	size_t room = 0;
	int r = 0;
	for (ssize_t n; !r && (n = getline(&line, &room, in)) > 0;) {
		t->c->line++;
		t->line = line;
		if (memchr(line, '\0', (size_t)n))
			return wrong(t, line, "this line holds bytes that are no text");
		line[strcspn(line, "\r\n")] = '\0';
		if (strcmp(line, "end") == 0)
			return t->n ? 0 : wrong(t, line, "what words say is wanted before this line");
		r = *line && *line != '#' ? read_entry(t, line) : 0;
	}
	t->line = "";
	return r ? r : wrong(t, t->line, "the file ends before its last line, \"end\": it was cut");
}

/* Puts the entries where they are found by their keys. */
static int settle(struct table *t)
{
	struct weights *m = t->m;
	size_t slots = 2;
	while (slots < 2 * t->n)
		slots *= 2;
	m->mask = slots - 1;
	m->slots = calloc(slots, sizeof(*m->slots));
	if (!m->slots)
		return E_NOMEM;
	for (size_t i = 0; i < t->n; i++) {
		const struct entry *e = &t->entries[i];
		struct slot *slot = find(m, e->key);
		if (!slot->n) /* of two that share a key the first holds */
			*slot = (struct slot){ .key = e->key, .first = (uint32_t)e->first & 0xFFFFFF, .n = (uint8_t)e->n };
	}
	struct weight *fit = realloc(m->at, (m->n + 1) * sizeof(*fit));
	m->at = fit ? fit : m->at;
	return 0;
}

static int read_file(struct table *t, const char *path)
{
	OWN(file) FILE *in = fopen(path, "r");
	snprintf(t->c->file, sizeof(t->c->file), "%s", path);
	if (!in) {
		complaint_set(t->c, "", "unreadable", "the file cannot be read: %s", strerror(errno));
		return E_CONFIG;
	}
	int r = read_lines(t, in);
	r = r ? r : settle(t);
	if (!r)
		*t->c = (struct complaint){ 0 };
	return r;
}

int weights_load(const char *config_file, const struct topic *topics, size_t n_topics, struct weights **ret, struct complaint *c)
{
	OWN(mem) char *path = NULL;
	OWN(weights) struct weights *m = NULL;
	int r = settings_find(config_file, FILE_NAME, &path);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	m = calloc(1, sizeof(*m));
	if (!m)
		return E_NOMEM;
	m->n_topics = n_topics < WEIGHTS_TOPICS_MAX ? n_topics : WEIGHTS_TOPICS_MAX;
	struct table t = { .m = m, .topics = topics, .c = c };
	r = read_file(&t, path);
	free(t.entries);
	if (!r)
		*ret = MOVE(m);
	return r;
}

/* ---- asking ---- */

static void add(const struct weights *m, uint32_t key, float counts, float sum[WEIGHTS_SUMS])
{
	const struct slot *slot = find(m, key);
	for (size_t i = 0; i < slot->n; i++)
		sum[m->at[slot->first + i].of] += counts * (float)m->at[slot->first + i].by;
}

void weights_sum(const struct weights *m, const struct words *w, float ret[WEIGHTS_SUMS])
{
	memcpy(ret, m->always, sizeof(m->always));
	bool later = false;
	for (size_t i = 0; i < w->n; i++) {
		later = later || (i && w->at[i].before != MARK_NONE);
		float counts = weights_place(i, w->n, later);
		add(m, weights_key(&w->at[i], NULL), counts, ret);
		if (i + 1 < w->n)
			add(m, weights_key(&w->at[i], &w->at[i + 1]), counts, ret);
	}
}

static int said(const struct weights *m, uint32_t key, size_t of)
{
	const struct slot *slot = find(m, key);
	for (size_t i = 0; i < slot->n; i++)
		if (m->at[slot->first + i].of == of)
			return m->at[slot->first + i].by;
	return 0;
}

struct span weights_reason(const struct weights *m, const struct words *w, size_t of)
{
	struct span best = { 0 };
	int most = 0;
	for (size_t i = 0; i < w->n; i++)
		for (size_t n = 1; n <= PAIR && i + n <= w->n; n++) {
			int by = said(m, weights_key(&w->at[i], n == PAIR ? &w->at[i + 1] : NULL), of);
			if (by > most) {
				most = by;
				best = (struct span){ i, i + n };
			}
		}
	return best;
}
