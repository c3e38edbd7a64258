/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A running sim-api for a test: started with a journal and a control socket in a given folder, asked over that socket,
 * killed with the test. Failures end the test. */
#ifndef CAUNOI_TESTS_SUPPORT_SIMAPI_H
#define CAUNOI_TESTS_SUPPORT_SIMAPI_H

#include "tests/support/client.h"

#define SIMAPI_PATH_MAX 160

struct simapi {
	pid_t pid; /* 0 = not running */
	int port;
	char socket[SIMAPI_PATH_MAX];
	char journal[SIMAPI_PATH_MAX]; /* one JSON line a message that would reach a person */
	struct client control;
};

/* Starts program (a path of sim-api) in dir as name; once = an API that knows no keys. */
void simapi_start(struct simapi *s, const char *program, const char *dir, const char *name, bool once);
void simapi_stop(struct simapi *s);
/* One operation; the answer (with "ok": true) is the caller's. */
json_t *simapi_ask(struct simapi *s, const char *operation);
void simapi_tell(struct simapi *s, const char *operation);

#endif
