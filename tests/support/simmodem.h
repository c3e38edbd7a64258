/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A running sim-modem for a test: started in its own folder under TMPDIR, asked over its control socket, stopped and
 * swept away. Failures end the test (cmocka's fail_msg). */
#ifndef CAUNOI_TESTS_SUPPORT_SIMMODEM_H
#define CAUNOI_TESTS_SUPPORT_SIMMODEM_H

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

#define SIMMODEM_PATH_MAX 108

struct simmodem {
	pid_t pid;
	int control;
	char dir[SIMMODEM_PATH_MAX];     /* the test may put files of its own here */
	char link[SIMMODEM_PATH_MAX];    /* the modem's port */
	char socket[SIMMODEM_PATH_MAX];
	char journal[SIMMODEM_PATH_MAX]; /* one JSON line a segment that the network accepted */
};

/* Starts build/sim-modem beside the running test's folder. arguments: further options, NULL-terminated, or NULL. */
void simmodem_start(struct simmodem *s, const char *const *arguments);
void simmodem_stop(struct simmodem *s);
/* Sends one operation (a JSON line) and gives the answer, which must have "ok": true; the caller's. */
json_t *simmodem_ask(struct simmodem *s, const char *operation);
/* The same, answer dropped. */
void simmodem_tell(struct simmodem *s, const char *operation);
/* How many segments the network accepted so far. */
long simmodem_sent(struct simmodem *s);

#endif
