/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table from words and pairs to what they weigh. Keeps nothing of a message, does no I/O besides reading its file. */
#include "handlers/weights.h"

#include <stdio.h>
#include <string.h>

#include "config/shelf.h"
#include "handlers/keyfile.h"

#define FILE_NAME "topics/weights.conf"
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
	static const char *const names[WEIGHTS_FLAGS] = { [WEIGHTS_URGENT] = "urgent", [WEIGHTS_RESTRICTED] = "restricted", [WEIGHTS_OPTOUT] = "optout" };
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

static bool is_text(const char *text, const char *part, size_t n_bytes)
{
	return strncmp(text, part, n_bytes) == 0 && !text[n_bytes];
}

/* The place of a name among the sums; WEIGHTS_SUMS = none of ours. */
static size_t find_sum(const struct topic *topics, size_t n, const char *name, size_t n_bytes)
{
	for (size_t i = 0; i < n; i++)
		if (is_text(topics[i].code, name, n_bytes))
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

/* "HATANG+12 NUOCSACH-7": the weights behind an entry's words, added to m's. false = it is no such text. */
static bool read_weights(struct weights *m, const char *p, const struct topic *topics)
{
	while (*p) {
		size_t n = strcspn(p, "+- "), of = find_sum(topics, m->n_topics, p, n);
		p += n;
		int by = n ? read_weight(&p) : 0;
		if (!by || (*p && *p != ' '))
			return false;
		p += strspn(p, " ");
		if (of < WEIGHTS_SUMS)
			m->at[m->n++] = (struct weight){ .of = (uint8_t)of, .by = (int8_t)by };
	}
	return true;
}

/* The words before the weights: up to two, as word_hash numbers. Returns what follows; NULL = it is no such text. */
static const char *read_words(const char *p, uint32_t hashes[PAIR], size_t *ret_n)
{
	char one[WORD_BYTES];
	for (*ret_n = 0;;) {
		size_t n = strcspn(p, " ");
		if (strcspn(p, "+-") < n) /* a name and what it weighs */
			return p;
		if (*ret_n == PAIR || !n || n >= sizeof(one) || (strspn(p, ALPHABET) < n && (n > 1 || *p != *WEIGHTS_NUMBER)))
			return NULL;
		memcpy(one, p, n);
		one[n] = '\0';
		hashes[(*ret_n)++] = word_hash(one);
		p += n + (p[n] == ' ');
	}
}

static int complain(const struct keyfile *f, size_t i, const char *what)
{
	char path[40];
	snprintf(path, sizeof(path), "weights.[%zu]", i);
	return keyfile_complain(f, path, "wrong_value", what);
}

static int read_entry(const struct keyfile *f, size_t i, const char *text, const struct topic *topics, struct weights *m)
{
	uint32_t hashes[PAIR];
	size_t n = 0, first = m->n;
	const char *p = text ? read_words(text, hashes, &n) : NULL;
	if (!p || !*p || !read_weights(m, p, topics))
		return complain(f, i, "no word, one or two in plain small letters and what they say of topics are wanted here: \"tien dien HATANG+21 BHYT-4\"");
	for (size_t k = first; !n && k < m->n; k++)
		m->always[m->at[k].of] += (float)m->at[k].by;
	if (!n)
		m->n = first;
	if (m->n == first)
		return 0;
	struct slot *slot = find(m, n == PAIR ? mix(hashes[0], hashes[1]) : hashes[0]);
	if (slot->n)
		return complain(f, i, "what these words say stands further up already");
	*slot = (struct slot){ .key = n == PAIR ? mix(hashes[0], hashes[1]) : hashes[0], .first = (uint32_t)first & 0xFFFFFF, .n = (uint8_t)(m->n - first) };
	return 0;
}

/* Room for all that the entries can say: each weight takes four characters at least. */
static int make_room(struct weights *m, const json_t *entries)
{
	size_t n = json_array_size(entries), bytes = 0, slots = 2;
	for (size_t i = 0; i < n; i++)
		bytes += json_string_length(json_array_get(entries, i));
	while (slots < 2 * n)
		slots *= 2;
	m->mask = slots - 1;
	m->slots = calloc(slots, sizeof(*m->slots));
	m->at = calloc(bytes / 3 + 1, sizeof(*m->at));
	return m->slots && m->at ? 0 : E_NOMEM;
}

static int read_entries(const struct keyfile *f, const struct topic *topics, struct weights *m)
{
	const json_t *entries = json_object_get(f->root, "weights");
	if (!json_array_size(entries))
		return keyfile_complain(f, "weights", "wrong_value", "a list of what words say is wanted here, with one at least");
	int r = make_room(m, entries);
	for (size_t i = 0; i < json_array_size(entries) && !r; i++)
		r = read_entry(f, i, json_string_value(json_array_get(entries, i)), topics, m);
	struct weight *fit = r ? NULL : realloc(m->at, (m->n + 1) * sizeof(*fit));
	m->at = fit ? fit : m->at;
	return r;
}

int weights_load(const struct shelf *shelf, const struct topic *topics, size_t n_topics, struct weights **ret, struct complaint *c)
{
	struct keyfile f = { .complaint = c };
	OWN(mem) char *path = NULL;
	OWN(weights) struct weights *m = NULL;
	int r = settings_find(shelf->config_file, FILE_NAME, &path);
	if (r == E_NOT_FOUND)
		return 0;
	m = r ? NULL : calloc(1, sizeof(*m));
	if (!m)
		return r ? r : E_NOMEM;
	m->n_topics = n_topics < WEIGHTS_TOPICS_MAX ? n_topics : WEIGHTS_TOPICS_MAX;
	r = keyfile_open(shelf, FILE_NAME, &f);
	r = r ? r : read_entries(&f, topics, m);
	keyfile_close(&f);
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
	for (size_t i = 0; i < w->n; i++) {
		float counts = weights_place(i, w->n);
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
