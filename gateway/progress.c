/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of progress. Called by migrate; what is written here is for eyes only. */
#include "gateway/progress.h"

#include <stdio.h>
#include <unistd.h>

#define AGAIN_MS 200
#define CLEAR "\r\033[K"

struct progress progress_begin(const char *verb, const struct clock *clock)
{
	return (struct progress){ .verb = verb, .clock = clock, .shown = isatty(STDERR_FILENO) == 1 };
}

int progress_step(void *arg, const char *what, int64_t done, int64_t total)
{
	struct progress *p = arg;
	int64_t now = p->shown ? clock_mono_ms(p->clock) : 0;
	if (!p->shown || now < p->at_ms + AGAIN_MS)
		return 0;
	p->at_ms = now;
	p->begun = true;
	fprintf(stderr, CLEAR "%s %s: %lld of %lld (%lld %%)", p->verb, what, (long long)done, (long long)total,
		(long long)(total > 0 ? done * 100 / total : 100));
	return 0;
}

void progress_end(struct progress *p)
{
	if (p->begun)
		fputs(CLEAR, stderr);
	p->begun = false;
}
