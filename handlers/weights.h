/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What single words and pairs of neighbours say about topics, learnt from examples (teach.h): the file topics/weights.tsv. A linear
 * model: each names topics and by how much it speaks for or against them. Loaded by keywords.c, asked where a message's topics are
 * settled; const for the life of a configuration. */
#ifndef CAUNOI_HANDLERS_WEIGHTS_H
#define CAUNOI_HANDLERS_WEIGHTS_H

#include <stdint.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "handlers/pattern.h"
#include "handlers/words.h"

struct topic;
struct weights;

#define WEIGHTS_TOPICS_MAX 64
#define WEIGHTS_PER_UNIT 10 /* a weight of 10 makes a topic e times as likely */
#define WEIGHTS_LARGEST 127
#define WEIGHTS_NUMBER "0" /* stands for every number */

/* What else words speak for or against: a matter that somebody is to see to, danger, a charge, a refusal. */
enum weights_flag { WEIGHTS_MATTER, WEIGHTS_URGENT, WEIGHTS_RESTRICTED, WEIGHTS_OPTOUT, WEIGHTS_FLAGS };
#define WEIGHTS_SUMS (WEIGHTS_TOPICS_MAX + WEIGHTS_FLAGS) /* the topics in their order, then the flags */

/* Lines "words TAB what they say", none, one or two words and HATANG+21 BHYT-4; # begins a remark, "end" the end. Learnt for these topics;
 * what the file says of others is passed over: an office may have dropped one. *ret stays NULL where there is no file. E_CONFIG with *c,
 * E_NOMEM. */
MUST_CHECK int weights_load(const char *config_file, const struct topic *topics, size_t n_topics, struct weights **ret, struct complaint *c);
void weights_free(struct weights *m);
OWN_DEFINE(weights, struct weights *, weights_free)
/* "matter", "urgent", "restricted", "optout". */
const char *weights_flag_name(enum weights_flag flag);
/* Where a flag stands among the sums. */
static inline size_t weights_flag(enum weights_flag flag)
{
	return WEIGHTS_TOPICS_MAX + (size_t)flag;
}
/* Does the file say anything of a topic, by its place? */
bool weights_know(const struct weights *m, size_t topic);
/* Adds up what the words say of each flag, of each topic. */
void weights_flags(const struct weights *m, const struct words *w, float ret[WEIGHTS_FLAGS]);
void weights_topics(const struct weights *m, const struct words *w, float ret[WEIGHTS_TOPICS_MAX]);
/* The word or pair that says most for one of the sums; empty = none does. */
struct span weights_reason(const struct weights *m, const struct words *w, size_t of);
/* How much what stands at word i of n counts, later: behind the first clause. What is said first is more often what somebody wants. */
static inline float weights_place(size_t i, size_t n, bool later)
{
	return (n < 2 ? 1 : 1.3f - 0.6f * (float)i / (float)(n - 1)) * (later ? 0.85f : 1.15f);
}
/* What a word and a pair are told by. */
uint32_t weights_key(const struct word *first, const struct word *second);

#endif
