/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Understanding and measuring of texts on one core, without any program around them: processor time of this process, so that
 * other load on the machine counts little. Texts are those of the tests' tables, up to 100 bytes each. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/fold.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/own.h"
#include "handlers/parse.h"
#include "tests/bench/rig.h"

#define CONFIG "config/caunoi.conf"
#define TEXTS_MAX 4000
#define SHORT_BYTES 100
#define LONG_BYTES 65536

struct texts {
	char *at[TEXTS_MAX];
	size_t n, n_bytes;
};

static double cpu_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void read_table(const char *file, struct texts *t)
{
	OWN(file) FILE *in = fopen(file, "r");
	OWN(mem) char *line = NULL;
	size_t room = 0;
	while (in && getline(&line, &room, in) > 0 && t->n < TEXTS_MAX) {
		char *p = line, *id = strsep(&p, "\t"), *text = strsep(&p, "\t");
		if (!text || !*text || strlen(text) > SHORT_BYTES || strcmp(id, "id") == 0)
			continue;
		t->at[t->n] = strdup(text);
		if (!t->at[t->n])
			abort();
		t->n_bytes += strlen(t->at[t->n++]);
	}
}

/* Runs once over all texts; its result keeps the compiler from leaving it out. */
typedef long (*pass_fn)(const struct texts *t, const struct keywords *k);

static long classify_all(const struct texts *t, const struct keywords *k)
{
	long kinds = 0;
	struct context x = { 0 };
	for (size_t i = 0; i < t->n; i++) {
		struct classified c;
		if (classify(k, t->at[i], &x, &c))
			abort();
		kinds += c.kind;
		classified_done(&c);
	}
	return kinds;
}

static long fold_all(const struct texts *t, const struct keywords *k)
{
	long n = 0;
	(void)k;
	for (size_t i = 0; i < t->n; i++) {
		OWN(mem) char *folded = fold(t->at[i]);
		n += folded[0];
	}
	return n;
}

static long measure_all(const struct texts *t, const struct keywords *k)
{
	long n = 0;
	(void)k;
	for (size_t i = 0; i < t->n; i++) {
		struct measure m;
		gsm7_measure(t->at[i], 8, &m);
		n += m.n_segments;
	}
	return n;
}

/* Passes a second of processor time, the best of three stretches: what the code can do when nothing disturbs it. */
static double rate(pass_fn pass, const struct texts *t, const struct keywords *k, double stretch_s)
{
	double best = 0;
	volatile long sum = 0;
	for (int i = 0; i < 3; i++) {
		int n = 0;
		double from = cpu_s(), now = from;
		for (; now - from < stretch_s; now = cpu_s(), n++)
			sum += pass(t, k);
		best = n / (now - from) > best ? n / (now - from) : best;
	}
	return best;
}

/* Texts of LONG_BYTES over texts of half that length: 2 is linear. */
static double growth(const struct keywords *k, const char *fill, double stretch_s)
{
	double per_pass[2];
	for (size_t i = 0; i < 2; i++) {
		size_t room = LONG_BYTES >> i, n = strlen(fill);
		struct texts t = { .n = 1 };
		t.at[0] = calloc(room + 1, 1);
		if (!t.at[0])
			abort();
		for (size_t at = 0; at + n <= room; at += n)
			memcpy(t.at[0] + at, fill, n);
		per_pass[i] = 1 / rate(classify_all, &t, k, stretch_s);
		free(t.at[0]);
	}
	return per_pass[0] / per_pass[1];
}

static double mebibytes(size_t n_bytes)
{
	return (double)n_bytes / 1048576;
}

static void put(struct bench *b, const char *name, double value, const char *unit, const char *aim, double aim_value)
{
	report_add(&b->report, (struct figure){ .measure = "text", .name = name, .unit = unit, .value = value, .aim = aim, .aim_value = aim_value });
}

void text_run(struct bench *b)
{
	struct complaint c = { 0 };
	OWN(keywords) struct keywords *k = NULL;
	OWN(mem) struct texts *t = calloc(1, sizeof(*t));
	double stretch_s = b->quick ? 0.2 : 1;
	const struct mallinfo2 before = mallinfo2();
	if (!t || keywords_load(CONFIG, &k, &c)) {
		fprintf(stderr, "bench: %s:%d: %s\n", c.file, c.line, c.text);
		exit(1);
	}
	const struct mallinfo2 with = mallinfo2();
	read_table("tests/fixtures/replies.tsv", t);
	read_table("tests/fixtures/villagers.tsv", t);
	read_table("tests/fixtures/replies_blind.tsv", t);
	if (!t->n)
		exit(1);
	report_say(&b->report, "text: %zu messages of %zu bytes on average, one core", t->n, t->n_bytes / t->n);
	put(b, "classify", rate(classify_all, t, k, stretch_s) * (double)t->n, "messages/s", "200,000", 200000);
	put(b, "fold", rate(fold_all, t, k, stretch_s) * (double)t->n_bytes / 1e6, "MB/s", "100", 100);
	put(b, "measure", rate(measure_all, t, k, stretch_s) * (double)t->n, "messages/s", "1,000,000", 1e6);
	put(b, "tables of the keyword files", mebibytes(with.uordblks + with.hblkhd - before.uordblks - before.hblkhd), "MiB", "at most 8", 8);
	put(b, "the same with gaps that reading them left", mebibytes(with.arena + with.hblkhd - before.arena - before.hblkhd), "MiB", "at most 8", 8);
	put(b, "64 KiB over 32 KiB, words", growth(k, "nha toi bi dot ", stretch_s), "times", "2", 2);
	put(b, "64 KiB over 32 KiB, one word", growth(k, "a", stretch_s), "times", "2", 2);
	put(b, "64 KiB over 32 KiB, lost encoding", growth(k, "nhµ bÞ dét ", stretch_s), "times", "2", 2);
	for (size_t i = 0; i < t->n; i++)
		free(t->at[i]);
}
