/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sleep functions of this program. Called by libgammu only: our own code waits with nanosleep or on conditions. */
#include "gateway/drivers/gammu/pace.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

/* A sleep function has no argument that could carry it; a thread's own variable is the only place. */
static _Thread_local struct line *followed;

void pace_follow(struct line *line)
{
	followed = line;
}

static int rest(int64_t us)
{
	struct timespec left = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
	if (followed) {
		line_rest(followed, us);
		return 0;
	}
	return nanosleep(&left, NULL);
}

int usleep(useconds_t us)
{
	return rest((int64_t)us);
}

unsigned sleep(unsigned s)
{
	return rest((int64_t)s * 1000000) ? s : 0;
}
