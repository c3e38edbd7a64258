/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A modem by another hand than sim-modem: it plays what it is told to say at AT+CMGS and after Ctrl-Z, in the manner of
 * some make: echo that stays, odd line ends, numeric results, chatter, a slow line. Shares no code with sim-modem nor with
 * the product. A child of the test; what it saw and said lies in memory shared with it. Failures end the test.
 *
 * A script is steps with '|' between them: ">" the prompt, ">TEXT" one of its own, "~N" wait N ms, "w" wait until the test
 * says go, "@" the message goes on the air, "i" a message for us comes in and is told of, "c" a status report comes, "!" the
 * plug is pulled, "=TEXT" bytes as they are, anything else a line, in which '%' is the reference. */
#ifndef CAUNOI_TESTS_SUPPORT_STRANGER_H
#define CAUNOI_TESTS_SUPPORT_STRANGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define STRANGER_PATH_MAX 64
#define STRANGER_AIR 512
#define STRANGER_JOBS 64

struct stranger_manner {
	const char *label;
	const char *before, *after; /* around each line; NULL = CR LF */
	bool echo_stays;            /* whatever ATE0 says */
	bool numeric;               /* "0" for OK, until ATV1 */
	bool mute;                  /* no results at all, until ATQ0 */
	bool poor;                  /* ERROR to everything that it can do without */
	bool bare;                  /* OK and nothing else to "=?" */
	bool listless;              /* reads messages one by one only */
	const char *gap;            /* behind a colon; NULL = one space */
	const char *tail;           /* behind each line */
	const char *chatter;        /* said before each line … */
	int chatters;               /* … so often */
	int chunk, pace_us;         /* so many bytes in one go, and the pause behind them; chunk 0 = all */
};

struct stranger_script {
	const char *label, *at_command, *at_end;
	int drop_in;  /* > 0: the plug is pulled when so many octets of the message have come */
	int drop_out; /* > 0: the same when so many octets of at_end have been said */
};

/* What the test reads; written by the stranger alone but for script and go. */
struct stranger_record {
	_Atomic(const struct stranger_script *) script; /* the next message's; NULL = taken with thanks */
	atomic_int commands;    /* AT+CMGS since the script was set */
	atomic_int aired;       /* messages on the air since then */
	atomic_int references;  /* complete "+CMGS: n" lines since then */
	atomic_int doubled;     /* messages that were on the air before, ever */
	atomic_int came, stored, pulled; /* messages that came in, and that lie in its memory; plugs pulled: all ever */
	uint64_t air[STRANGER_AIR];
	atomic_int n_jobs, go; /* go: the test's */
	char jobs[STRANGER_JOBS]; /* what was asked of it, first letters: Send, Ussd, List, sIgnal, Delete */
};

struct stranger {
	pid_t pid;
	struct stranger_record *record;
	char dir[STRANGER_PATH_MAX], link[STRANGER_PATH_MAX]; /* its port */
};

void stranger_start(struct stranger *s, const struct stranger_manner *manner);
void stranger_stop(struct stranger *s);
/* How the next message goes, and the counts of it from nought. */
void stranger_play(struct stranger *s, const struct stranger_script *script);

#endif
