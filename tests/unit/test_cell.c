/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTTP driver's confinement: a process made for each row, one denial after the other, and what still works. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/drivers/http/cell.h"

#define NO_CELL 200

struct place {
	char folder[64], ca_file[96], other[96], fresh[96];
};

/* Each act: 0 or the errno. */
static int result(long r)
{
	return r < 0 ? errno : 0;
}

static int read_other(const struct place *p)
{
	return result(open(p->other, O_RDONLY | O_CLOEXEC));
}
static int read_passwords(const struct place *p)
{
	(void)p;
	return result(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}
static int write_certificates(const struct place *p)
{
	return result(open(p->ca_file, O_WRONLY | O_CLOEXEC));
}
static int create_file(const struct place *p)
{
	return result(open(p->fresh, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}
static int list_folder(const struct place *p)
{
	return result(open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}
static int remove_file(const struct place *p)
{
	return result(unlink(p->other));
}
static int rename_file(const struct place *p)
{
	return result(rename(p->other, p->fresh));
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
static int socket_local(const struct place *p)
{
	(void)p;
	return result(socket(AF_UNIX, SOCK_STREAM, 0));
}
static int socket_packet(const struct place *p)
{
	(void)p;
	return result(socket(AF_PACKET, SOCK_DGRAM, 0));
}
static int socket_raw(const struct place *p)
{
	(void)p;
	return result(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
}
static int open_door(const struct place *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	(void)p;
	return result(bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&at, sizeof(at)));
}
static int trace_parent(const struct place *p)
{
	(void)p;
	return result(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}
static int signal_parent(const struct place *p)
{
	(void)p;
	return result(kill(getppid(), 0));
}

static int read_certificates(const struct place *p)
{
	return result(open(p->ca_file, O_RDONLY | O_CLOEXEC));
}
static int read_hosts(const struct place *p)
{
	(void)p;
	return result(open("/etc/hosts", O_RDONLY | O_CLOEXEC));
}
static int call_out(const struct place *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(1) };
	(void)p;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = fd < 0 ? errno : result(connect(fd, (struct sockaddr *)&at, sizeof(at)));
	return r == ECONNREFUSED || r == EINPROGRESS ? 0 : r;
}
static int resolve_name(const struct place *p)
{
	struct addrinfo *found = NULL;
	(void)p;
	int r = getaddrinfo("localhost", "443", NULL, &found);
	if (!r)
		freeaddrinfo(found);
	return r ? EIO : 0;
}
static void *do_nothing(void *self)
{
	return self;
}
static int start_thread(const struct place *p)
{
	pthread_t thread;
	(void)p;
	int r = pthread_create(&thread, NULL, do_nothing, NULL);
	return r ? r : pthread_join(thread, NULL);
}

static const struct {
	const char *label;
	int (*act)(const struct place *p);
	bool files; /* Landlock's */
	int expected;
} acts[] = {
	{ "reads another file", read_other, true, EACCES },
	{ "reads the list of users", read_passwords, true, EACCES },
	{ "writes its certificates", write_certificates, true, EACCES },
	{ "creates a file", create_file, true, EACCES },
	{ "lists a folder", list_folder, true, EACCES },
	{ "removes a file", remove_file, true, EACCES },
	{ "renames a file", rename_file, true, EACCES },
	{ "changes a mode", change_mode, false, EPERM },
	{ "starts a program", start_program, false, EPERM },
	{ "starts a process", start_process, false, EPERM },
	{ "opens a local socket", socket_local, false, EPERM },
	{ "opens a packet socket", socket_packet, false, EPERM },
	{ "opens a raw socket", socket_raw, false, EPERM },
	{ "opens a door", open_door, false, EPERM },
	{ "traces its parent", trace_parent, false, EPERM },
	{ "signals its parent", signal_parent, false, EPERM },
	{ "may read its certificates", read_certificates, false, 0 },
	{ "may read the hosts' names", read_hosts, false, 0 },
	{ "may call out", call_out, false, 0 },
	{ "may resolve a name", resolve_name, false, 0 },
	{ "may start a thread", start_thread, false, 0 },
};

static bool kernel_has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static void put_file(const char *path)
{
	OWN(fd) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
}

static void each_denial_holds_and_calling_out_works(void **state)
{
	struct place p = { .folder = "/tmp/test-cell-XXXXXX" };
	bool landlock = kernel_has_landlock();
	(void)state;
	assert_non_null(mkdtemp(p.folder));
	snprintf(p.ca_file, sizeof(p.ca_file), "%s/ca.pem", p.folder);
	snprintf(p.other, sizeof(p.other), "%s/other", p.folder);
	snprintf(p.fresh, sizeof(p.fresh), "%s/fresh", p.folder);
	put_file(p.ca_file);
	put_file(p.other);
	for (size_t i = 0; i < COUNT_OF(acts); i++) {
		int status = 0;
		if (acts[i].files && !landlock)
			continue;
		pid_t pid = fork();
		if (!pid) {
			int r = cell_enter(p.ca_file);
			_exit(r && landlock ? NO_CELL : acts[i].act(&p));
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != acts[i].expected)
			fail_msg("%s: %s %d", acts[i].label, WIFEXITED(status) ? "result" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	}
	unlink(p.ca_file);
	unlink(p.other);
	unlink(p.fresh);
	rmdir(p.folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_denial_holds_and_calling_out_works),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
