/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a tick that waits for its server: bytes come and go meanwhile, and nothing else happens before the tick is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/loop.h"
#include "tests/support/fixture.h"

struct rig {
	struct fixture *f;
	struct loop *loop;
	struct peer *peer; /* says back what it is told */
	pid_t pid;
};

static struct rig start(void)
{
	struct rig r = { .f = fixture_new(NULL) };
	r.f->clock = clock_real();
	assert_int_equal(loop_new(&r.loop), 0);
	loop_attach(r.loop, r.f->core);
	r.peer = core_peer_add(r.f->core, PEER_QUERY);
	char *const argv[] = { (char *)"cat", NULL };
	assert_int_equal(loop_ops.start(r.loop, r.peer, "/bin/cat", argv, &r.pid), 0);
	return r;
}

static void end(struct rig *r)
{
	kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	loop_free(r->loop);
	fixture_free(r->f);
}

/* A server that answers after that long. */
static int answer_after(int after_ms, pid_t *ret_pid)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	*ret_pid = fork();
	if (*ret_pid == 0) {
		poll(NULL, 0, after_ms);
		_exit(write(ends[1], "x", 1) != 1);
	}
	close(ends[1]);
	return ends[0];
}

static void wait_carries_bytes_and_leaves_the_frames_alone(void **state)
{
	(void)state;
	struct rig r = start();
	pid_t server;
	int fd = answer_after(300, &server);
	assert_int_equal(peer_output(r.peer, "{\"op\":\"ping\"}\n", 14, 0), 0);
	assert_int_equal(loop_wait(r.loop, fd, POLLIN, 5000), 1);
	assert_int_equal(buffer_left(&r.peer->out), 0);
	assert_true(peer_has_line(r.peer)); /* read, and left for the next tick */
	assert_int_equal(r.f->core->n_frames, 0);
	waitpid(server, NULL, 0);
	close(fd);
	end(&r);
}

static void wait_ends_in_time_though_peers_hang_up_or_flood(void **state)
{
	(void)state;
	struct rig r = start();
	pid_t server;
	int fd = answer_after(3000, &server);
	int64_t began = clock_mono_ms(&r.f->clock);
	kill(r.pid, SIGKILL);
	assert_int_equal(loop_wait(r.loop, fd, POLLIN, 200), 0);
	int64_t took = clock_mono_ms(&r.f->clock) - began;
	assert_true(took >= 200 && took < 1500);
	assert_non_null(core_peer_find(r.f->core, r.peer->id)); /* its end is noted after the tick */
	assert_false(r.peer->doomed);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	close(fd);
	end(&r);
}

static void line_over_the_limit_dooms_nobody_inside_a_tick(void **state)
{
	(void)state;
	struct rig r = start();
	pid_t server;
	int fd = answer_after(500, &server);
	char data[4096];
	memset(data, 'x', sizeof(data));
	for (int i = 0; i < 80; i++)
		assert_int_equal(peer_output(r.peer, data, sizeof(data), 0), 0);
	assert_int_equal(loop_wait(r.loop, fd, POLLIN, 5000), 1);
	assert_true(buffer_left(&r.peer->in) > 256 * 1024);
	assert_false(r.peer->doomed);
	waitpid(server, NULL, 0);
	close(fd);
	end(&r);
}

static void control_socket_makes_the_one_folder_it_lacks(void **state)
{
	(void)state;
	struct rig r = start();
	struct complaint c = { 0 };
	char path[160], deeper[160];
	struct stat st;
	snprintf(path, sizeof(path), "%s/run/core.sock", r.f->dir);
	snprintf(deeper, sizeof(deeper), "%s/a/b/core.sock", r.f->dir);
	assert_int_equal(loop_listen(r.loop, deeper, &c), E_CONFIG);
	assert_non_null(strstr(c.text, "No such file"));
	assert_int_equal(loop_listen(r.loop, path, &c), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wait_carries_bytes_and_leaves_the_frames_alone),
		cmocka_unit_test(wait_ends_in_time_though_peers_hang_up_or_flood),
		cmocka_unit_test(line_over_the_limit_dooms_nobody_inside_a_tick),
		cmocka_unit_test(control_socket_makes_the_one_folder_it_lacks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
