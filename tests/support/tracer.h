/* SPDX-License-Identifier: GPL-3.0-or-later */
/* strace around the core of a gateway: counts its calls, makes one fail or kills it there, and tells what came after. The core stays
 * the test's own child. For fault tests. */
#ifndef CAUNOI_TESTS_SUPPORT_TRACER_H
#define CAUNOI_TESTS_SUPPORT_TRACER_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/support/gateway.h"

#define TRACER_WORDS 20

struct tracer {
	char calls[128], inject[128], file[GATEWAY_PATH_MAX + 16];
	const char *words[TRACER_WORDS]; /* strace's command line, NULL-terminated */
};

/* What a trace says about the call that was made to fail. */
struct tracer_fault {
	bool seen;
	char file[GATEWAY_PATH_MAX]; /* what it was about, "" when the call names no file */
	int syncs_after;      /* fsync and fdatasync of the same file afterwards */
	int64_t end_after_ms; /* from it to the end of the program, -1 when that did not end */
};

/* NULL when programs can be traced here; else what is missing. */
const char *tracer_why_not(void);
/* The next cores of g are traced for calls ("pwrite64,fdatasync"), inject is what strace does ("fdatasync:error=EIO:when=3"). */
void tracer_arm(struct tracer *t, struct gateway *g, const char *calls, const char *inject);
/* The next ones are not; the trace stays. */
void tracer_disarm(struct tracer *t, struct gateway *g);
/* For a program that is not the core: the words before its own, after which it is traced with its threads. */
const char *const *tracer_words(struct tracer *t, const char *dir, const char *calls, const char *inject, bool threads);

/* Did strace kill the program, and say so within limit_ms? */
bool tracer_killed(const struct tracer *t, int limit_ms);
struct tracer_fault tracer_fault(const struct tracer *t);
/* Has the core neither ended nor been waited for? */
bool tracer_lives(const struct gateway *g);

#endif
