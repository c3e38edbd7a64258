/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wire's process: one thread, poll, what is read from one side is written to the other. Called by fault tests. */
#include "tests/support/pgproxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define LINES_MAX 32
#define CHUNK_BYTES 65536
#define LOOK_MS 2
#define SET_MS 5000
#define KEY_DATA 'K' /* the server's message that names its backend */

struct pgproxy_board {
	atomic_int mode, mode_now;
	atomic_int aim, after, delay_us;
	atomic_llong hits, commits;
};

struct line {
	int program, server; /* -1 = none; a line without a program is free */
	pid_t backend;
	bool wrote;          /* the lease was held since the last COMMIT */
	bool awaits;         /* the answer to the COMMIT ends it */
	char tail[16];       /* the end of what was read last, for words cut in two */
	size_t n_tail;
};

struct wire {
	struct pgproxy_board *board;
	int listening;
	struct sockaddr_un to;
	struct line lines[LINES_MAX];
};

static void end(struct line *l)
{
	if (l->program >= 0)
		close(l->program);
	if (l->server >= 0)
		close(l->server);
	*l = (struct line){ .program = -1, .server = -1 };
}

static void pause_us(long us)
{
	nanosleep(&(struct timespec){ .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 }, NULL);
}

/* ---- what passes ---- */

static bool pass(int fd, const char *data, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		data += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* Is this the COMMIT that is aimed at? */
static enum pgproxy_aim aim_of(struct wire *w, const char *data, size_t n, struct line *l)
{
	char joined[CHUNK_BYTES + sizeof(l->tail)];
	memcpy(joined, l->tail, l->n_tail);
	memcpy(joined + l->n_tail, data, n);
	size_t all = l->n_tail + n;
	l->wrote |= memmem(joined, all, "close_tick(", 11) != NULL;
	bool commit = l->wrote && memmem(joined, all, "COMMIT", 7) != NULL;
	l->n_tail = commit ? 0 : all < sizeof(l->tail) ? all : sizeof(l->tail);
	memcpy(l->tail, joined + all - l->n_tail, l->n_tail);
	if (!commit)
		return PGPROXY_NOTHING;
	l->wrote = false;
	atomic_fetch_add(&w->board->commits, 1);
	if (atomic_load(&w->board->aim) == PGPROXY_NOTHING || atomic_fetch_sub(&w->board->after, 1) != 1)
		return PGPROXY_NOTHING;
	return (enum pgproxy_aim)atomic_exchange(&w->board->aim, PGPROXY_NOTHING);
}

static void to_server(struct wire *w, struct line *l)
{
	char data[CHUNK_BYTES];
	ssize_t n = read(l->program, data, sizeof(data));
	if (n <= 0) {
		end(l);
		return;
	}
	enum pgproxy_aim aim = aim_of(w, data, (size_t)n, l);
	bool gone = aim == PGPROXY_BEFORE || !pass(l->server, data, (size_t)n) || aim == PGPROXY_BLIND;
	if (aim == PGPROXY_TERMINATE && l->backend > 0) {
		pause_us(atomic_load(&w->board->delay_us));
		kill(l->backend, SIGTERM);
	}
	l->awaits = aim == PGPROXY_AFTER;
	if (gone)
		end(l);
	if (aim != PGPROXY_NOTHING)
		atomic_fetch_add(&w->board->hits, 1);
}

/* Its number stands in a message of 13 bytes in the greeting. */
static void learn_backend(struct line *l, const unsigned char *data, size_t n)
{
	static const unsigned char head[5] = { KEY_DATA, 0, 0, 0, 12 };
	const unsigned char *at = l->backend ? NULL : memmem(data, n, head, sizeof(head));
	if (at && at + 9 <= data + n)
		l->backend = (pid_t)((unsigned)at[5] << 24 | (unsigned)at[6] << 16 | (unsigned)at[7] << 8 | at[8]);
}

static void to_program(struct line *l)
{
	char data[CHUNK_BYTES];
	ssize_t n = read(l->server, data, sizeof(data));
	if (n <= 0) {
		end(l);
		return;
	}
	learn_backend(l, (const unsigned char *)data, (size_t)n);
	if (l->awaits && memmem(data, (size_t)n, "COMMIT", 7)) {
		end(l);
		return;
	}
	if (!l->awaits && !pass(l->program, data, (size_t)n))
		end(l);
}

/* ---- the process ---- */

static void take_in(struct wire *w, enum pgproxy_mode mode)
{
	int fd = accept4(w->listening, NULL, NULL, SOCK_CLOEXEC), one = 1, room = 4 << 20;
	struct line *l = w->lines;
	while (l < w->lines + LINES_MAX && l->program >= 0)
		l++;
	if (fd < 0 || mode == PGPROXY_CUT || l == w->lines + LINES_MAX) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	l->program = fd;
	if (mode == PGPROXY_HALF)
		return;
	l->server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(l->server, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (connect(l->server, (const struct sockaddr *)&w->to, sizeof(w->to)))
		end(l);
}

static void change(struct wire *w, enum pgproxy_mode mode)
{
	for (struct line *l = w->lines; l < w->lines + LINES_MAX; l++) {
		bool torn = mode == PGPROXY_PASS && l->program >= 0 && l->server < 0;
		if (mode == PGPROXY_CUT || torn)
			end(l);
		if (mode == PGPROXY_HALF && l->server >= 0) {
			close(l->server);
			l->server = -1;
		}
	}
	atomic_store(&w->board->mode_now, mode);
}

static void turn(struct wire *w, enum pgproxy_mode mode)
{
	struct pollfd fds[1 + 2 * LINES_MAX] = { { .fd = w->listening, .events = POLLIN } };
	bool flows = mode == PGPROXY_PASS;
	for (int i = 0; i < LINES_MAX; i++) {
		fds[1 + 2 * i] = (struct pollfd){ .fd = flows ? w->lines[i].program : -1, .events = POLLIN };
		fds[2 + 2 * i] = (struct pollfd){ .fd = flows ? w->lines[i].server : -1, .events = POLLIN };
	}
	if (poll(fds, 1 + 2 * LINES_MAX, LOOK_MS) <= 0)
		return;
	for (int i = 0; i < LINES_MAX; i++) {
		struct line *l = &w->lines[i];
		if (fds[2 + 2 * i].revents && l->server >= 0)
			to_program(l);
		if (fds[1 + 2 * i].revents && l->program >= 0)
			to_server(w, l);
	}
	if (fds[0].revents)
		take_in(w, mode);
}

static void serve(struct wire *w, pid_t test)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	w->listening = dup2(w->listening, 3);
	close_range(4, ~0u, 0); /* the test's own, which others wait to see closed */
	for (int i = 0; i < LINES_MAX; i++)
		w->lines[i] = (struct line){ .program = -1, .server = -1 };
	while (getppid() == test) { /* it may have ended before the line above */
		enum pgproxy_mode mode = (enum pgproxy_mode)atomic_load(&w->board->mode);
		if (mode != (enum pgproxy_mode)atomic_load(&w->board->mode_now))
			change(w, mode);
		turn(w, mode);
	}
}

/* ---- for the test ---- */

void pgproxy_new(struct pgproxy *p, const char *dir)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(at);
	struct wire w = { .to = { .sun_family = AF_UNIX } };
	p->board = mmap(NULL, sizeof(*p->board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(p->board, MAP_FAILED);
	snprintf(w.to.sun_path, sizeof(w.to.sun_path), "%s/.s.PGSQL.5432", dir);
	w.board = p->board;
	w.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w.listening, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(w.listening, 64), 0);
	assert_int_equal(getsockname(w.listening, (struct sockaddr *)&at, &n), 0);
	p->port = ntohs(at.sin_port);
	pid_t test = getpid();
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (!p->pid) {
		serve(&w, test);
		_exit(0);
	}
	close(w.listening);
}

void pgproxy_free(struct pgproxy *p)
{
	if (p->pid <= 0)
		return;
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	munmap(p->board, sizeof(*p->board));
	*p = (struct pgproxy){ 0 };
}

void pgproxy_set(struct pgproxy *p, enum pgproxy_mode mode)
{
	atomic_store(&p->board->mode, mode);
	for (int waited = 0; atomic_load(&p->board->mode_now) != (int)mode; waited++) {
		if (waited > SET_MS)
			fail_msg("the proxy does not answer");
		pause_us(1000);
	}
}

void pgproxy_aim(struct pgproxy *p, enum pgproxy_aim aim, int n, int delay_us)
{
	atomic_store(&p->board->aim, PGPROXY_NOTHING);
	atomic_store(&p->board->after, n);
	atomic_store(&p->board->delay_us, delay_us);
	atomic_store(&p->board->aim, aim);
}

int64_t pgproxy_hits(const struct pgproxy *p)
{
	return atomic_load(&p->board->hits);
}

int64_t pgproxy_commits(const struct pgproxy *p)
{
	return atomic_load(&p->board->commits);
}
