/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp and Landlock around the HTTP driver. Called once by main.c. */
#include "gateway/drivers/http/cell.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netdb.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"

/* Rights that younger headers name. */
#define RIGHT_REFER (1ULL << 13)
#define RIGHT_TRUNCATE (1ULL << 14)
#define RIGHTS_FIRST (RIGHT_REFER - 1)
#define MEMORY_BYTES ((rlim_t)256 * 1024 * 1024)

/* ---- files ---- */

static uint64_t known_rights(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	uint64_t rights = version < 1 ? 0 : RIGHTS_FIRST;
	rights |= version >= 2 ? RIGHT_REFER : 0;
	return rights | (version >= 3 ? RIGHT_TRUNCATE : 0);
}

/* Reading alone; absent ones are left out. */
static int allow(int ruleset, const char *path)
{
	struct stat st;
	OWN(fd) int fd = path && *path ? open(path, O_PATH | O_CLOEXEC) : -1;
	if (fd < 0 || fstat(fd, &st))
		return 0;
	struct landlock_path_beneath_attr rule = { .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE, .parent_fd = fd };
	if (S_ISDIR(st.st_mode))
		rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) ? E_UNAVAILABLE : 0;
}

static int close_files(const char *ca_file)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	const char *const paths[] = {
		*ca_file ? ca_file : curl->cainfo,
		*ca_file ? NULL : curl->capath,
		*ca_file ? NULL : "/usr/share/ca-certificates",
		*ca_file ? NULL : "/usr/local/share/ca-certificates",
		"/etc/resolv.conf",
		"/etc/hosts",
		"/etc/host.conf",
		"/etc/nsswitch.conf",
		"/etc/gai.conf",
	};
	const uint64_t rights = known_rights();
	struct landlock_ruleset_attr all = { .handled_access_fs = rights };
	OWN(fd) int ruleset = rights ? (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0) : -1;
	if (ruleset < 0)
		return E_UNAVAILABLE;
	for (size_t i = 0; i < COUNT_OF(paths); i++)
		if (allow(ruleset, paths[i]))
			return E_UNAVAILABLE;
	return syscall(SYS_landlock_restrict_self, ruleset, 0) ? E_UNAVAILABLE : 0;
}

/* ---- system calls ---- */

static const int refused[] = {
	SCMP_SYS(execve),	SCMP_SYS(execveat),	SCMP_SYS(fork),		     SCMP_SYS(vfork),	       SCMP_SYS(bind),
	SCMP_SYS(listen),	SCMP_SYS(accept),	SCMP_SYS(accept4),	     SCMP_SYS(kill),	       SCMP_SYS(tkill),
	SCMP_SYS(pidfd_open),	SCMP_SYS(ptrace),	SCMP_SYS(process_vm_readv),  SCMP_SYS(process_vm_writev), SCMP_SYS(open_by_handle_at),
	SCMP_SYS(chmod),	SCMP_SYS(fchmodat),	SCMP_SYS(chown),	     SCMP_SYS(lchown),	       SCMP_SYS(fchownat),
	SCMP_SYS(truncate),	SCMP_SYS(setxattr),	SCMP_SYS(utimensat),	     SCMP_SYS(mount),	       SCMP_SYS(umount2),
	SCMP_SYS(chroot),	SCMP_SYS(pivot_root),	SCMP_SYS(setns),	     SCMP_SYS(unshare),	       SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open), SCMP_SYS(keyctl),	SCMP_SYS(add_key),	     SCMP_SYS(request_key),    SCMP_SYS(init_module),
	SCMP_SYS(finit_module), SCMP_SYS(kexec_load),	SCMP_SYS(userfaultfd),	     SCMP_SYS(memfd_create),   SCMP_SYS(io_uring_setup),
	SCMP_SYS(setuid),	SCMP_SYS(setgid),	SCMP_SYS(setresuid),	     SCMP_SYS(setresgid),      SCMP_SYS(personality),
	SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(reboot),
};

/* Outwards by IPv4 and IPv6; the resolver asks the kernel (netlink) which of them there is. */
static int refuse_sockets(scmp_filter_ctx filter)
{
	const uint32_t deny = SCMP_ACT_ERRNO(EPERM);
	int r = seccomp_rule_add(filter, deny, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_LT, AF_INET));
	for (unsigned family = AF_INET + 1; !r && family < AF_NETLINK; family++)
		if (family != AF_INET6)
			r = seccomp_rule_add(filter, deny, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, family));
	r = r ? r : seccomp_rule_add(filter, deny, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GT, AF_NETLINK));
	/* raw sockets would need a privilege, but not in every container */
	return r ? r : seccomp_rule_add(filter, deny, SCMP_SYS(socket), 2, SCMP_A0(SCMP_CMP_NE, AF_NETLINK), SCMP_A1(SCMP_CMP_MASKED_EQ, 0xF, SOCK_RAW));
}

/* Threads may be started (names are resolved in one), processes not; the C library falls back from clone3. */
static int refuse_processes(scmp_filter_ctx filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
	return r ? r : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static int close_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter ? refuse_processes(filter) : -ENOMEM;
	r = r ? r : refuse_sockets(filter);
	for (size_t i = 0; !r && i < COUNT_OF(refused); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0) == -ENOMEM)
			r = -ENOMEM;
	r = r ? r : seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return r ? E_UNAVAILABLE : 0;
}

static int limit_memory(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return 0; /* the sanitizer maps terabytes */
#else
	const struct rlimit most = { MEMORY_BYTES, MEMORY_BYTES };
	return setrlimit(RLIMIT_DATA, &most) ? E_UNAVAILABLE : 0;
#endif
}

/* What the resolver loads of its own accord, before it cannot any more. */
static void warm_up(void)
{
	struct addrinfo *found = NULL;
	tzset();
	if (!getaddrinfo("localhost", NULL, NULL, &found))
		freeaddrinfo(found);
}

int cell_enter(const char *ca_file)
{
	const struct rlimit none = { 0, 0 };
	warm_up();
	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return E_UNAVAILABLE;
	int memory = limit_memory(), files = close_files(ca_file), calls = close_calls();
	return memory ? memory : files ? files : calls;
}
