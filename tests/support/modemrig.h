/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-gammu between a simulated modem and a test that plays the core: frames over real pipes, a real pseudo terminal.
 * What counts is what the handset got, not what the driver says. Failures end the test (cmocka's fail_msg). */
#ifndef CAUNOI_TESTS_SUPPORT_MODEMRIG_H
#define CAUNOI_TESTS_SUPPORT_MODEMRIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/base/buffer.h"
#include "tests/support/simmodem.h"

#define HANDSET "+84912345678"
#define VILLAGER "+84987654321"
/* The modem's limits are a sixth and two thirds of the core's: a prompt that does not come is given up after 2 s, an answer after 8. */
#define MODEMRIG_DEADLINE_S 12
#define MODEMRIG_LIMIT_MS 60000 /* for what must happen; generous, because machines are busy */

struct modemrig {
	struct simmodem modem;
	pid_t driver;
	int to, from, status; /* status: of the driver that ended last */
	struct buffer in;
	json_t *frames; /* all so far */
	json_t *config, *secrets;
	char device[SIMMODEM_PATH_MAX]; /* what hello names; the simulator's port unless the test changes it */
	int n_attempts, n_starts;
	bool mute;  /* do not answer inbound and receipt */
	bool alone; /* a driver that ends is not started again */
};

struct modemrig_message {
	const char *text, *encoding;
	int part, parts, ref;
	bool receipt;
};

/* Simulator and driver; waits until the driver takes messages. config, secrets: more of hello (taken over), or NULL. */
void modemrig_start(struct modemrig *r, const char *const *modem_arguments, json_t *config, json_t *secrets);
/* For cmocka's setup and teardown: one at a usual port, with MODEMRIG_DEADLINE_S. */
int modemrig_set_up(void **state);
int modemrig_tear_down(void **state);
/* The driver alone, on a device of the test's own; waits for nothing. *r was cleared. */
void modemrig_start_at(struct modemrig *r, const char *device, json_t *config, json_t *secrets);
void modemrig_stop(struct modemrig *r);
void modemrig_start_driver(struct modemrig *r);
void modemrig_kill_driver(struct modemrig *r);
int64_t modemrig_now_ms(void);

/* A frame to the driver; takes the reference. */
void modemrig_say(struct modemrig *r, json_t *frame);
/* An operation of the simulator; takes the reference. Result of ask: the caller's. */
void modemrig_tell(struct modemrig *r, json_t *operation);
json_t *modemrig_ask(struct modemrig *r, json_t *operation);
/* One fault instead of all before; takes the reference. */
void modemrig_script(struct modemrig *r, json_t *fault);
/* Reads frames for at most for_ms. */
void modemrig_listen(struct modemrig *r, int64_t for_ms);
size_t modemrig_n(const struct modemrig *r);
bool modemrig_fits(const json_t *frame, const char *op, const char *key_or_null, const char *value);
size_t modemrig_count(const struct modemrig *r, const char *op, const char *key_or_null, const char *value);
/* The first such frame from index `from` on, waiting for it; borrowed. */
json_t *modemrig_expect(struct modemrig *r, size_t from, const char *op, const char *key_or_null, const char *value);
void modemrig_expect_credit(struct modemrig *r, size_t from, int credit);

/* Sends and waits for the result frame; borrowed. */
json_t *modemrig_submit(struct modemrig *r, const char *to, const struct modemrig_message *m);
json_t *modemrig_submit_text(struct modemrig *r, const char *text);
/* How many segments the network took; how often the handset has shown exactly this text; messages in a memory. */
size_t modemrig_sent(struct modemrig *r);
int modemrig_heard(struct modemrig *r, const char *text);
int64_t modemrig_used(struct modemrig *r, const char *memory);
/* Until neither SM nor SR holds anything. */
void modemrig_wait_empty(struct modemrig *r);

#endif
