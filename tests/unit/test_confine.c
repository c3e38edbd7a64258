/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a confined driver may not do any more, one denial after the other in a process of its own, and what still works: the
 * modem's driver, which has its device and nothing else, and the HTTP driver, which may call out. */
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
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/drivers/confine.h"
#include "gateway/drivers/http/cell.h"

#define MEMORY_BYTES (64UL * 1024 * 1024)
#define NOT_CONFINED 255

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

static int much_memory(const struct place *p)
{
	(void)p;
#if defined(__SANITIZE_ADDRESS__)
	return ENOMEM;
#else
	char *volatile block = malloc(8 * MEMORY_BYTES);
	return block ? 0 : ENOMEM;
#endif
}

static int write_allowed(const struct place *p)
{
	return result(open(p->allowed, O_RDWR | O_CLOEXEC));
}

static int read_allowed(const struct place *p)
{
	return result(open(p->allowed, O_RDONLY | O_CLOEXEC));
}

static int read_passwords(const struct place *p)
{
	(void)p;
	return result(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
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

enum driver { MODEM, HTTP, DRIVERS };

static const struct {
	const char *label;
	int (*act)(const struct place *p);
	bool files; /* Landlock's */
	int expected[DRIVERS];
} acts[] = {
	{ "opening a file", open_other, true, { EACCES, EACCES } },
	{ "writing a file", write_other, true, { EACCES, EACCES } },
	{ "the list of users", read_passwords, true, { EACCES, EACCES } },
	{ "making a file", create_file, true, { EACCES, EACCES } },
	{ "listing a folder", list_folder, true, { EACCES, EACCES } },
	{ "making a folder", make_folder, true, { EACCES, EACCES } },
	{ "removing a file", remove_file, true, { EACCES, EACCES } },
	{ "renaming a file", rename_file, true, { EACCES, EACCES } },
	{ "making a link", make_link, true, { EACCES, EACCES } },
	{ "changing a mode", change_mode, false, { EPERM, EPERM } },
	{ "starting a program", start_program, false, { EPERM, EPERM } },
	{ "starting a process", start_process, false, { EPERM, EPERM } },
	{ "a local socket", socket_local, false, { EPERM, EPERM } },
	{ "a packet socket", socket_packet, false, { EPERM, EPERM } },
	{ "a raw socket", socket_raw, false, { EPERM, EPERM } },
	{ "a door of its own", open_door, false, { EPERM, EPERM } },
	{ "a signal to another", signal_parent, false, { EPERM, EPERM } },
	{ "tracing another", trace_parent, false, { EPERM, EPERM } },
	{ "another user", become_other, false, { EPERM, EPERM } },
	{ "typing into a terminal", type_into_terminal, false, { EPERM, EPERM } },
	{ "memory over the limit", much_memory, false, { ENOMEM, ENOMEM } },
	{ "a socket of IPv4", socket_internet, false, { EPERM, 0 } },
	{ "a socket of IPv6", socket_internet6, false, { EPERM, 0 } },
	{ "calling out", call_out, false, { EPERM, 0 } },
	{ "the hosts' names", read_hosts, true, { EACCES, 0 } },
	{ "resolving a name", resolve_name, false, { EIO, 0 } },
	{ "reading the file that was named", read_allowed, true, { 0, 0 } },
	{ "writing it", write_allowed, true, { 0, EACCES } },
	{ "looking whether a file is there", see_other, false, { 0, 0 } },
	{ "a thread", start_thread, false, { 0, 0 } },
};

static void make_file(const char *path)
{
	OWN(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
}

static bool kernel_has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static int enter(enum driver driver, const struct place *p)
{
	const char *const paths[] = { p->allowed, "/nonexistent/device" };
	if (driver == HTTP)
		return cell_enter(p->allowed);
	return confine_enter(&(struct confine){ .paths = paths, .n_paths = COUNT_OF(paths), .memory_bytes = MEMORY_BYTES });
}

static int run_confined(enum driver driver, const struct place *p, int (*act)(const struct place *), bool landlock)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(enter(driver, p) && landlock ? NOT_CONFINED : act(p));
	int status;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void try_all(enum driver driver)
{
	struct place p = { .dir = "/tmp/confine-XXXXXX" };
	bool landlock = kernel_has_landlock();
	assert_non_null(mkdtemp(p.dir));
	snprintf(p.allowed, sizeof(p.allowed), "%s/allowed", p.dir);
	snprintf(p.other, sizeof(p.other), "%s/other", p.dir);
	snprintf(p.fresh, sizeof(p.fresh), "%s/fresh", p.dir);
	make_file(p.allowed);
	make_file(p.other);
	for (size_t i = 0; i < COUNT_OF(acts); i++) {
		if (acts[i].files && !landlock)
			continue;
		int got = run_confined(driver, &p, acts[i].act, landlock);
		if (got != acts[i].expected[driver])
			fail_msg("%s: %s", acts[i].label, got < 0 ? "killed" : got == NOT_CONFINED ? "not confined" : strerror(got));
	}
	unlink(p.allowed);
	unlink(p.other);
	rmdir(p.dir);
}

static void confine_leaves_a_modems_driver_its_device_alone(void **state)
{
	(void)state;
	try_all(MODEM);
}

static void confine_leaves_the_http_driver_calls_outwards(void **state)
{
	(void)state;
	try_all(HTTP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(confine_leaves_a_modems_driver_its_device_alone),
		cmocka_unit_test(confine_leaves_the_http_driver_calls_outwards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
