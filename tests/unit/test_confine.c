/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A confined process, made for each row: what it may not do any more, one denial after the other, and what still works. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/drivers/confine.h"

#define MEMORY_BYTES (64UL * 1024 * 1024)

struct place {
	char dir[64], allowed[96], other[96], fresh[96];
};

/* Each act: 0 or the errno. */
static int result(long r)
{
	return r < 0 ? errno : 0;
}

static int open_other(const struct place *p)
{
	return result(open(p->other, O_RDONLY | O_CLOEXEC));
}

static int write_other(const struct place *p)
{
	return result(open(p->other, O_WRONLY | O_CLOEXEC));
}

static int create_file(const struct place *p)
{
	return result(open(p->fresh, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

static int list_folder(const struct place *p)
{
	return result(open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int make_folder(const struct place *p)
{
	return result(mkdir(p->fresh, 0700));
}

static int remove_file(const struct place *p)
{
	return result(unlink(p->other));
}

static int rename_file(const struct place *p)
{
	return result(rename(p->other, p->fresh));
}

static int make_link(const struct place *p)
{
	return result(symlink(p->other, p->fresh));
}

static int change_mode(const struct place *p)
{
	return result(chmod(p->other, 0777));
}

static int start_program(const struct place *p)
{
	char *const argv[] = { (char *)"true", NULL };
	(void)p;
	return result(execv("/bin/true", argv));
}

static int start_process(const struct place *p)
{
	(void)p;
	pid_t pid = fork();
	if (!pid)
		_exit(0);
	return result(pid);
}

static int socket_internet(const struct place *p)
{
	(void)p;
	return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int socket_internet6(const struct place *p)
{
	(void)p;
	return result(socket(AF_INET6, SOCK_DGRAM, 0));
}

static int socket_local(const struct place *p)
{
	(void)p;
	return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int signal_parent(const struct place *p)
{
	(void)p;
	return result(kill(getppid(), 0));
}

static int trace_parent(const struct place *p)
{
	(void)p;
	return result(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int become_other(const struct place *p)
{
	(void)p;
	return result(setuid(65534));
}

static int type_into_terminal(const struct place *p)
{
	(void)p;
	return result(ioctl(0, TIOCSTI, "x"));
}

static int much_memory(const struct place *p)
{
	(void)p;
#if defined(__SANITIZE_ADDRESS__)
	return ENOMEM;
#else
	char *volatile block = malloc(2 * MEMORY_BYTES);
	return block ? 0 : ENOMEM;
#endif
}

static int open_allowed(const struct place *p)
{
	return result(open(p->allowed, O_RDWR | O_CLOEXEC));
}

static int see_other(const struct place *p)
{
	struct stat st;
	return result(stat(p->other, &st));
}

static void *nothing(void *self)
{
	return self;
}

static int start_thread(const struct place *p)
{
	pthread_t thread;
	(void)p;
	int r = pthread_create(&thread, NULL, nothing, NULL);
	return r ? r : pthread_join(thread, NULL);
}

static const struct {
	const char *label;
	int (*act)(const struct place *p);
	int expected;
} acts[] = {
	{ "opening a file", open_other, EACCES },	  { "writing a file", write_other, EACCES },
	{ "making a file", create_file, EACCES },	  { "listing a folder", list_folder, EACCES },
	{ "making a folder", make_folder, EACCES },	  { "removing a file", remove_file, EACCES },
	{ "renaming a file", rename_file, EACCES },	  { "making a link", make_link, EACCES },
	{ "changing a mode", change_mode, EPERM },	  { "starting a program", start_program, EPERM },
	{ "starting a process", start_process, EPERM },	  { "a socket of IPv4", socket_internet, EPERM },
	{ "a socket of IPv6", socket_internet6, EPERM },  { "a local socket", socket_local, EPERM },
	{ "a signal to another", signal_parent, EPERM },  { "tracing another", trace_parent, EPERM },
	{ "another user", become_other, EPERM },	  { "typing into a terminal", type_into_terminal, EPERM },
	{ "memory over the limit", much_memory, ENOMEM }, { "the file that was named", open_allowed, 0 },
	{ "looking whether a file is there", see_other, 0 }, { "a thread", start_thread, 0 },
};

static void make_file(const char *path)
{
	OWN(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
}

static int run_confined(const struct place *p, int (*act)(const struct place *))
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		const char *const paths[] = { p->allowed, "/nonexistent/device" };
		if (confine_enter(&(struct confine){ .paths = paths, .n_paths = COUNT_OF(paths), .memory_bytes = MEMORY_BYTES }))
			_exit(255);
		_exit(act(p));
	}
	int status;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void confine_denies_all_but_what_was_named(void **state)
{
	struct place p = { .dir = "/tmp/confine-XXXXXX" };
	(void)state;
	assert_non_null(mkdtemp(p.dir));
	snprintf(p.allowed, sizeof(p.allowed), "%s/allowed", p.dir);
	snprintf(p.other, sizeof(p.other), "%s/other", p.dir);
	snprintf(p.fresh, sizeof(p.fresh), "%s/fresh", p.dir);
	make_file(p.allowed);
	make_file(p.other);
	for (size_t i = 0; i < COUNT_OF(acts); i++) {
		int got = run_confined(&p, acts[i].act);
		if (got == 255)
			skip(); /* a kernel without Landlock */
		if (got != acts[i].expected)
			fail_msg("%s: %s", acts[i].label, got < 0 ? "killed" : strerror(got));
	}
	unlink(p.allowed);
	unlink(p.other);
	rmdir(p.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(confine_denies_all_but_what_was_named) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
