/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table from words and pairs to what they weigh; bits before it tell of most pairs that they are not in it. Keeps nothing of a
 * message, does no I/O besides reading its file. */
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

#define LANES 8 /* topics that are added up together; as numbers of 16 bits the compiler knows how */
#define BITS_PER_SLOT 8

/* What a word or a pair says: of the flags here, of the topics in a row of its own. Row 0 holds for every message; in a slot: it is free. */
struct slot {
	uint32_t key, row;
	int16_t flags[WEIGHTS_FLAGS];
};

struct weights {
	uint64_t *may; /* a bit of each key that is there */
	unsigned shift; /* of a mixed key, to its bit */
	struct slot *slots;
	size_t mask; /* slots less one: a power of two, at least twice the entries */
	int16_t *rows; /* of the topics in their order, zeros behind the last one */
	size_t width; /* of a row: a multiple of LANES */
	int16_t always[WEIGHTS_FLAGS];
	size_t n_topics;
	bool taught[WEIGHTS_TOPICS_MAX];
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
	free(m->may);
	free(m->slots);
	free(m->rows);
	free(m);
}

static inline uint32_t mix(uint32_t first, uint32_t second)
{
	return (first * 0x9E3779B1u) ^ (second + (first >> 15));
}

static inline uint32_t told_by(const struct word *w)
{
	return w->number ? word_hash(WEIGHTS_NUMBER) : w->hash;
}

uint32_t weights_key(const struct word *first, const struct word *second)
{
	return second ? mix(told_by(first), told_by(second)) : told_by(first);
}

static inline uint64_t mixed(uint32_t key)
{
	return key * UINT64_C(0x9E3779B97F4A7C15);
}

/* The slot of a key, or the free one where it would be. */
static struct slot *slot_of(const struct weights *m, uint32_t key)
{
	size_t i = (mixed(key) >> 32) & m->mask;
	while (m->slots[i].row && m->slots[i].key != key)
		i = (i + 1) & m->mask;
	return &m->slots[i];
}

/* 1 = perhaps something is said of it, 0 = nothing is. */
static inline size_t may(const struct weights *m, uint32_t key)
{
	size_t bit = mixed(key) >> m->shift;
	return m->may[bit / 64] >> bit % 64 & 1;
}

/* ---- reading ---- */

/* The file while it is read. */
struct table {
	struct weights *m;
	const struct topic *topics;
	struct complaint *c;
	struct slot *entries; /* one a row, the first one that of every message */
	size_t n, room;
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

/* The place of a name among the sums; WEIGHTS_SUMS = none of ours, as an office may have dropped a topic. */
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

static void put_weight(struct table *t, size_t row, size_t of, int by)
{
	if (of >= WEIGHTS_SUMS)
		return;
	bool topic = of < WEIGHTS_TOPICS_MAX;
	int16_t *to = topic ? &t->m->rows[row * t->m->width + of] : &t->entries[row].flags[of - WEIGHTS_TOPICS_MAX];
	*to = (int16_t)(*to + by);
	if (topic)
		t->m->taught[of] = true;
}

/* "HATANG+12 NUOCSACH-7" */
static int read_weights(struct table *t, const char *p, size_t row)
{
	do {
		const char *name = p;
		size_t n = strcspn(p, "+- "), of = find_sum(t, p, n);
		p += n;
		int by = n ? read_weight(&p) : 0;
		if (!by || (*p && (*p != ' ' || !p[1])))
			return wrong(t, name, "a topic and by how much the words speak for or against it are wanted here, as HATANG+21");
		put_weight(t, row, of, by);
		p += *p == ' ';
	} while (*p);
	return 0;
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

/* An entry that says nothing yet. */
static int put_entry(struct table *t, uint32_t key)
{
	struct weights *m = t->m;
	if (t->n == t->room) {
		size_t room = t->room ? 2 * t->room : 1024;
		struct slot *entries = realloc(t->entries, room * sizeof(*entries));
		t->entries = entries ? entries : t->entries;
		int16_t *rows = realloc(m->rows, room * m->width * sizeof(*rows));
		m->rows = rows ? rows : m->rows;
		if (!entries || !rows)
			return E_NOMEM;
		t->room = room;
	}
	memset(m->rows + t->n * m->width, 0, m->width * sizeof(*m->rows));
	t->entries[t->n] = (struct slot){ .key = key, .row = (uint32_t)t->n };
	t->n++;
	return 0;
}

static int read_entry(struct table *t, const char *p)
{
	uint32_t hashes[PAIR];
	size_t n = 0;
	int r = read_words(t, &p, hashes, &n);
	if (r || !n)
		return r ? r : read_weights(t, p, 0);
	r = put_entry(t, n == PAIR ? mix(hashes[0], hashes[1]) : hashes[0]);
	return r ? r : read_weights(t, p, t->n - 1);
}

/* The lines up to "end", which tells a whole file from one that was cut. */
static int read_lines(struct table *t, FILE *in)
{
	OWN(mem) char *line = NULL;
	size_t room = 0;
	int r = put_entry(t, 0);
	for (ssize_t n; !r && (n = getline(&line, &room, in)) > 0;) {
		t->c->line++;
		t->line = line;
		if (memchr(line, '\0', (size_t)n))
			return wrong(t, line, "this line holds bytes that are no text");
		line[strcspn(line, "\r\n")] = '\0';
		if (strcmp(line, "end") == 0)
			return t->n > 1 ? 0 : wrong(t, line, "what words say is wanted before this line");
		r = *line && *line != '#' ? read_entry(t, line) : 0;
	}
	t->line = "";
	return r ? r : wrong(t, t->line, "the file ends before its last line, \"end\": it was cut");
}

/* Puts the entries where they are found by their keys. */
static int settle(struct table *t)
{
	struct weights *m = t->m;
	size_t slots = 64 / BITS_PER_SLOT;
	while (slots < 2 * t->n)
		slots *= 2;
	m->mask = slots - 1;
	m->shift = 64 - (unsigned)__builtin_ctzll(slots * BITS_PER_SLOT);
	m->slots = calloc(slots, sizeof(*m->slots));
	m->may = calloc(slots * BITS_PER_SLOT / 64, sizeof(*m->may));
	if (!m->slots || !m->may)
		return E_NOMEM;
	memcpy(m->always, t->entries[0].flags, sizeof(m->always));
	for (size_t i = 1; i < t->n; i++) {
		struct slot *slot = slot_of(m, t->entries[i].key);
		size_t bit = mixed(t->entries[i].key) >> m->shift;
		m->may[bit / 64] |= UINT64_C(1) << bit % 64;
		if (!slot->row) /* of two that share a key the first holds */
			*slot = t->entries[i];
	}
	int16_t *fit = realloc(m->rows, t->n * m->width * sizeof(*fit));
	m->rows = fit ? fit : m->rows;
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
	m->width = (m->n_topics + LANES) / LANES * LANES;
	struct table t = { .m = m, .topics = topics, .c = c };
	r = read_file(&t, path);
	free(t.entries);
	if (!r)
		*ret = MOVE(m);
	return r;
}

/* ---- asking ---- */

bool weights_know(const struct weights *m, size_t topic)
{
	return topic < m->n_topics && m->taught[topic];
}

/* What a word or a pair says, from word at on. */
struct said {
	const struct slot *by;
	float counts;
	uint32_t key;
	uint16_t at, n_words;
};

#define TOGETHER 32 /* words that are looked up together: no look at memory far off waits for another */
#define SAID_MAX (PAIR * TOGETHER + 1)

struct hearing {
	const struct weights *m;
	const struct words *w;
	size_t at; /* the word that comes next */
	bool later; /* than the first clause */
};

/* Notes what may say something behind the n others; without a branch, as nobody foresees which pairs do. Returns how many it is then. */
static inline size_t note(const struct hearing *h, struct said said, struct said ret[SAID_MAX], size_t n)
{
	ret[n] = said;
	return n + may(h->m, said.key);
}

/* What the next words say. */
static size_t hear(struct hearing *h, struct said ret[SAID_MAX])
{
	const struct words *w = h->w;
	size_t to = w->n - h->at < TOGETHER ? w->n : h->at + TOGETHER, n = 0, found = 0;
	for (uint32_t one = told_by(&w->at[h->at]), next = 0; h->at < to; h->at++, one = next) {
		h->later = h->later || (h->at && w->at[h->at].before != MARK_NONE);
		struct said s = { .counts = weights_place(h->at, w->n, h->later), .key = one, .at = (uint16_t)h->at, .n_words = 1 };
		n = note(h, s, ret, n);
		if (h->at + 1 == w->n)
			continue;
		next = told_by(&w->at[h->at + 1]);
		s.key = mix(one, next);
		s.n_words = PAIR;
		n = note(h, s, ret, n);
	}
	for (size_t i = 0; i < n; i++) {
		ret[found] = ret[i];
		ret[found].by = slot_of(h->m, ret[i].key);
		found += ret[found].by->row > 0;
	}
	return found;
}

static inline void add_flags(const int16_t by[WEIGHTS_FLAGS], float counts, float sums[WEIGHTS_FLAGS])
{
	for (size_t f = 0; f < WEIGHTS_FLAGS; f++)
		sums[f] += counts * (float)by[f];
}

void weights_flags(const struct weights *m, const struct words *w, float ret[WEIGHTS_FLAGS])
{
	struct said said[SAID_MAX]; /* written before it is read */
	struct hearing h = { .m = m, .w = w };
	for (size_t f = 0; f < WEIGHTS_FLAGS; f++)
		ret[f] = m->always[f];
	while (h.at < w->n)
		for (size_t k = 0, n = hear(&h, said); k < n; k++)
			add_flags(said[k].by->flags, said[k].counts, ret);
}

static void add_row(const struct weights *m, size_t row, float counts, float *sums)
{
	const int16_t *by = m->rows + row * m->width;
	for (size_t t = 0; t < m->width; t += LANES)
		for (size_t lane = 0; lane < LANES; lane++)
			sums[t + lane] += counts * (float)by[t + lane];
}

void weights_topics(const struct weights *m, const struct words *w, float ret[WEIGHTS_TOPICS_MAX])
{
	struct said said[SAID_MAX]; /* written before it is read */
	struct hearing h = { .m = m, .w = w };
	float sums[WEIGHTS_TOPICS_MAX + LANES] = { 0 };
	add_row(m, 0, 1, sums);
	while (h.at < w->n)
		for (size_t k = 0, n = hear(&h, said); k < n; k++)
			add_row(m, said[k].by->row, said[k].counts, sums);
	memcpy(ret, sums, WEIGHTS_TOPICS_MAX * sizeof(*ret));
}

static int says(const struct weights *m, const struct slot *slot, size_t of)
{
	return of < WEIGHTS_TOPICS_MAX ? m->rows[slot->row * m->width + of] : slot->flags[of - WEIGHTS_TOPICS_MAX];
}

struct span weights_reason(const struct weights *m, const struct words *w, size_t of)
{
	struct said said[SAID_MAX]; /* written before it is read */
	struct hearing h = { .m = m, .w = w };
	struct span best = { 0 };
	int most = 0;
	while (h.at < w->n)
		for (size_t k = 0, n = hear(&h, said); k < n; k++) {
			int by = says(m, said[k].by, of);
			if (by <= most)
				continue;
			most = by;
			best = (struct span){ said[k].at, said[k].at + (size_t)said[k].n_words };
		}
	return best;
}
