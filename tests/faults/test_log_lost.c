/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A log that cannot be written: its file may not grow, its reader went away, nobody reads it, it was never there. The gateway starts,
 * takes and sends all the same, quickly, every program of it goes on, and it ends in good order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/gateway.h"

#define FULL_BYTES ((off_t)1 << 30) /* far more than the data of a test */
#define FULL "1073741824"
#define MESSAGES 20
#define ANSWER_MS 5000

static const char *const may_not_grow[] = { "prlimit", "--fsize=" FULL, NULL };
static const char *const closed[] = { "sh", "-c", "exec \"$@\" 2>&-", "sh", NULL };
static const char *const all_closed[] = { "sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh", NULL };

static void log_instead(struct gateway *g, int fd)
{
	assert_true(fd >= 0);
	close(g->log_fd);
	g->log_fd = fd;
}

static int fill_the_file(struct gateway *g)
{
	assert_int_equal(ftruncate(g->log_fd, FULL_BYTES), 0);
	g->under = may_not_grow;
	return -1;
}

static int take_the_reader_away(struct gateway *g)
{
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	log_instead(g, ends[1]);
	return -1;
}

/* A pipe whose every byte is taken: the end to read from, which is kept open. */
static int leave_it_unread(struct gateway *g)
{
	int ends[2];
	char byte = 'x';
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	int flags = fcntl(ends[1], F_GETFL);
	assert_int_equal(fcntl(ends[1], F_SETFL, flags | O_NONBLOCK), 0);
	while (write(ends[1], &byte, 1) == 1)
		;
	assert_int_equal(fcntl(ends[1], F_SETFL, flags), 0);
	log_instead(g, ends[1]);
	return ends[0];
}

static int close_it(struct gateway *g)
{
	g->under = closed;
	return -1;
}

static int close_all_three(struct gateway *g)
{
	g->under = all_closed;
	return -1;
}

static const struct loss {
	const char *label;
	int (*lose)(struct gateway *g);
} losses[] = {
	{ "file may not grow", fill_the_file },
	{ "reader gone", take_the_reader_away },
	{ "never read", leave_it_unread },
	{ "closed", close_it },
	{ "closed with input and output", close_all_three },
};

/* Nothing of the data folder may stand where a program writes its log. */
static void check_standard(const struct gateway *g, const char *label)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		char path[64], to[512] = "";
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)g->core, fd);
		if (readlink(path, to, sizeof(to) - 1) < 0 || !strncmp(to, g->data, strlen(g->data)))
			fail_msg("%s: descriptor %d is %s", label, fd, to);
	}
}

static void send_through(struct gateway *g, const char *label)
{
	for (int i = 0; i < MESSAGES; i++) {
		char to[32];
		snprintf(to, sizeof(to), "+8491200%04d", i);
		int64_t began = gateway_mono_ms();
		json_decref(gateway_do(g, "message.send",
				       json_pack("{s:s,s:s,s:s}", "to", to, "text", "Lich tiem o tram y te", "class", "service")));
		json_decref(gateway_do(g, "loopback.say", json_pack("{s:s,s:s}", "from", to, "text", "Nha toi con do")));
		if (gateway_mono_ms() - began > ANSWER_MS)
			fail_msg("%s: an answer took %lld ms", label, (long long)(gateway_mono_ms() - began));
	}
	gateway_wait(g, label, "SELECT count(DISTINCT contact) = 20 FROM v_msg WHERE state IN ('sent', 'delivered') AND class = 'service'",
		     30000);
	gateway_wait(g, label, "SELECT count(*) = 20 FROM v_inbound WHERE state <> 'received'", 30000);
}

static void a_log_that_cannot_be_written_stops_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(losses); i++) {
		struct gateway *g = gateway_new(NULL);
		int held = losses[i].lose(g);
		gateway_spawn(g);
		if (!gateway_wait_ready(g, 30000))
			fail_msg("%s: the core did not come up (%d)", losses[i].label, gateway_wait_end(g, 100));
		check_standard(g, losses[i].label);
		send_through(g, losses[i].label);
		gateway_stop(g);
		gateway_free(g);
		if (held >= 0)
			close(held);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_log_that_cannot_be_written_stops_nothing) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
