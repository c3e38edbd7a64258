/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of logging in over HTTP. */
/* clang-format off: cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/webrig.h"

#define WAIT_MS WEBRIG_WAIT_MS

static void password_that_nobody_has_never_reaches_the_core(void **state)
{
	static const struct {
		int chars;
		int status;
	} sizes[] = { { 513, 400 }, { 300000, 400 }, { 1000000, 400 } };
	struct webrig *w = *state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		OWN(fd) int fd = webrig_call(w);
		OWN(mem) char *body = NULL;
		WEBRIG_ANSWER a = { 0 };
		assert_true(asprintf(&body, "{\"user\":\"lan\",\"password\":\"%0*d\"}", sizes[i].chars, 0) > 0);
		webrig_post(fd, "/api/v1/session/open", "Content-Type: application/json\r\n", body);
		webrig_read_answer(fd, &a, WAIT_MS);
		if (a.status != sizes[i].status)
			fail_msg("%d: %d", sizes[i].chars, a.status);
	}
	webrig_no_core_frame(w, 100);
}

#define LAW(name) cmocka_unit_test_setup_teardown(name, webrig_greeted, webrig_end)

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		LAW(password_that_nobody_has_never_reaches_the_core),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
