/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A driver without a process: a peer of the core whose frames a test writes and reads as bytes. On a fixture. Every step that
 * fails ends the test. */
#ifndef CAUNOI_TESTS_SIM_DRIVER_H
#define CAUNOI_TESTS_SIM_DRIVER_H

#include <jansson.h>

#include "gateway/message.h"
#include "tests/support/fixture.h"

#define SIM_MODEM "{\"op\":\"ready\",\"credit\":1,\"whole\":false,\"idempotent\":false,\"receipts\":true,\"inbound\":true,\"ussd\":true}"
#define SIM_ONCE "{\"op\":\"ready\",\"credit\":8,\"whole\":true,\"idempotent\":false,\"receipts\":true,\"inbound\":true,\"ussd\":false}"
#define SIM_HTTP "{\"op\":\"ready\",\"credit\":512,\"whole\":true,\"idempotent\":true,\"receipts\":true,\"inbound\":true,\"ussd\":false}"

/* Channels of the tests: "sim1" (modem, exact pauses of 30 s, 60 s …), "esms" as many as the core gives. */
#define SIM_CHANNEL(name, more)                                                                                                            \
	"{ name = \"" name                                                                                                                 \
	"\"; driver = \"exec\"; program = \"/bin/true\"; rate_per_second = 1000; burst = 1000; retry = { first_s = 30; factor = 2; "       \
	"cap_s = 3600; jitter_percent = 0; attempts = 0; }; " more " }"
#define SIM_CONFIG(more) "channels = ( " SIM_CHANNEL("sim1", more) " );\n"

#define SIM_HOUR_MS INT64_C(3600000)
#define SIM_DAY_MS (24 * SIM_HOUR_MS)
/* That time of the fixture's first day, which begins at 07:00 local time. */
#define SIM_AT(h, m, s, ms) (FIXTURE_NOW_MS + ((h)-7) * SIM_HOUR_MS + (m)*INT64_C(60000) + (s)*INT64_C(1000) + (ms))

/* Four segments of GSM 7 bit. */
extern const char sim_four_parts[];

/* Connects a driver to channel index and says ready; one tick. NULL ready: says nothing. */
struct peer *sim_driver_connect(struct fixture *f, int channel, const char *ready);
/* The connection ends: unwritten output is not handed. */
void sim_driver_lose(struct fixture *f, struct peer *p);
/* One frame as text, without its end. */
void sim_driver_say(struct peer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Reads everything that waits, as written to its socket; the caller's array of frames. */
json_t *sim_driver_read(struct peer *p);
/* Reads, and gives the text field of the n-th frame of op (0 = first); NULL when there is none. The caller's. */
char *sim_driver_field(struct peer *p, const char *op, int n, const char *field);
/* Reads what waits; how many frames of op. */
int sim_driver_count(struct peer *p, const char *op);
/* Reads one submit: its attempt, 0 when none waits. More than one ends the test. */
int64_t sim_driver_attempt(struct peer *p);
/* Reads one submit of a message in four parts: which part (0 = none waits) and its attempt. */
int sim_driver_part(struct peer *p, int64_t *ret_attempt);
/* A result with more fields (",\"reference\":\"7\"" or ""). */
void sim_driver_result(struct peer *p, int64_t attempt, const char *outcome, const char *more);

/* A tick now; a tick after_ms later. */
void sim_tick(struct fixture *f);
void sim_wait(struct fixture *f, int64_t after_ms);
/* The clocks go on to that moment; no tick. */
void sim_set_now(struct fixture *f, int64_t at_ms);
/* A new flow that runs. */
int64_t sim_flow(struct fixture *f, enum message_class class);

struct sim_message {
	const char *number, *text, *topic, *pin, *wish, *key;
	enum message_class class;
	int64_t flow, due_at, expires_at;
};
/* Puts a message in a tick of its own that claims nothing. Defaults: "+84912345678", "Xin chao", the class's own flow. */
int64_t sim_put(struct fixture *f, const struct sim_message *m);

int64_t sim_int(struct fixture *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* One text of a one-row query; "" for NULL or no row. The caller's. */
char *sim_text(struct fixture *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Changes rows outside the core's sight, in a transaction of its own. */
void sim_sql(struct fixture *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Fails the test when the message's state is another. */
#define assert_state(f, id, state)                                                                                                         \
	sim_assert_text(sim_text(f, "SELECT state FROM message WHERE id = %lld", (long long)(id)), state, __FILE__, __LINE__)
/* Of the last attempt of a part; "-" = none yet. */
#define assert_outcome(f, id, part, want) \
	assert_text(sim_text(f, "SELECT coalesce(outcome, '-') FROM attempt WHERE message = %lld AND part = %d ORDER BY n DESC LIMIT 1", (long long)(id), part), want)
#define assert_text(text, want) sim_assert_text(text, want, __FILE__, __LINE__)
/* Takes text. */
void sim_assert_text(char *text, const char *want, const char *file, int line);

#endif
