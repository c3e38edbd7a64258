/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Called once by a driver, when it knows what it has to open. Landlock decides about files by what they are and not by
 * how they are called: something else that appears under the same name later stays closed. */
#include "gateway/drivers/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
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
#define RIGHT_IOCTL (1ULL << 15)
#define RIGHTS_FIRST (RIGHT_REFER - 1)

/* ---- files ---------------------------------------------------------------------------------------------------- */

/* All rights that this kernel can withhold; 0 = it has no Landlock. */
static uint64_t known_rights(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	uint64_t rights = version < 1 ? 0 : RIGHTS_FIRST;
	rights |= version >= 2 ? RIGHT_REFER : 0;
	rights |= version >= 3 ? RIGHT_TRUNCATE : 0;
	return rights | (version >= 5 ? RIGHT_IOCTL : 0);
}

static int allow(int ruleset, const char *path, uint64_t wanted)
{
	struct stat st;
	OWN(fd) int fd = path ? open(path, O_PATH | O_CLOEXEC) : -1;
	if (fd < 0 || fstat(fd, &st))
		return 0;
	if (!S_ISDIR(st.st_mode))
		wanted &= ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
	struct landlock_path_beneath_attr rule = { .allowed_access = wanted, .parent_fd = fd };
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) ? E_UNAVAILABLE : 0;
}

static int close_files(const struct confine *c)
{
	const uint64_t rights = known_rights(), read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
	const uint64_t use = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE | RIGHT_IOCTL;
	struct landlock_ruleset_attr all = { .handled_access_fs = rights };
	OWN(fd) int ruleset = rights ? (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0) : -1;
	if (ruleset < 0)
		return E_UNAVAILABLE;
	int r = 0;
	for (size_t i = 0; !r && i < c->n_paths; i++)
		r = allow(ruleset, c->paths[i], use & rights);
	for (size_t i = 0; !r && i < c->n_readable; i++)
		r = allow(ruleset, c->readable[i], read & rights);
	if (r)
		return r;
	return syscall(SYS_landlock_restrict_self, ruleset, 0) ? E_UNAVAILABLE : 0;
}

/* ---- system calls --------------------------------------------------------------------------------------------- */

static const int refused[] = {
	SCMP_SYS(execve),	SCMP_SYS(execveat),	 SCMP_SYS(fork),	SCMP_SYS(vfork),
	SCMP_SYS(bind),		SCMP_SYS(listen),	SCMP_SYS(accept),	 SCMP_SYS(accept4),	SCMP_SYS(kill),
	SCMP_SYS(pidfd_open),	 SCMP_SYS(pidfd_send_signal), SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(open_by_handle_at), SCMP_SYS(chmod),
	SCMP_SYS(fchmodat),	SCMP_SYS(chown),	 SCMP_SYS(lchown),	SCMP_SYS(fchownat),
	SCMP_SYS(truncate),	SCMP_SYS(setxattr),	 SCMP_SYS(utimensat),	SCMP_SYS(mount),
	SCMP_SYS(umount2),	SCMP_SYS(chroot),	 SCMP_SYS(pivot_root),	SCMP_SYS(setns),
	SCMP_SYS(unshare),	SCMP_SYS(bpf),		 SCMP_SYS(perf_event_open), SCMP_SYS(keyctl),
	SCMP_SYS(add_key),	SCMP_SYS(request_key),	 SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(kexec_load),	SCMP_SYS(userfaultfd),	 SCMP_SYS(memfd_create), SCMP_SYS(io_uring_setup),
	SCMP_SYS(setuid),	SCMP_SYS(setgid),	 SCMP_SYS(setresuid),	SCMP_SYS(setresgid),
	SCMP_SYS(personality),	SCMP_SYS(reboot),	 SCMP_SYS(settimeofday), SCMP_SYS(clock_settime),
};

/* Of one that calls nowhere. The resolver signals its own threads. */
static const int refused_inside[] = { SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(tkill) };

static int refuse(scmp_filter_ctx filter, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), calls[i], 0) == -ENOMEM)
			return E_NOMEM;
	return 0;
}

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
	r = r ? r : seccomp_rule_add(filter, deny, SCMP_SYS(socket), 2, SCMP_A0(SCMP_CMP_NE, AF_NETLINK), SCMP_A1(SCMP_CMP_MASKED_EQ, 0xF, SOCK_RAW));
	return r ? E_UNAVAILABLE : 0;
}

/* Threads may be started, processes not; the C library falls back from clone3, whose flags no filter can read. */
static int refuse_processes(scmp_filter_ctx filter)
{
	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)))
		return E_UNAVAILABLE;
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) ? E_UNAVAILABLE : 0;
}

static int close_calls(bool calls_out)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter ? refuse_processes(filter) : E_NOMEM;
	if (!r)
		r = refuse(filter, refused, COUNT_OF(refused));
	if (!r)
		r = calls_out ? refuse_sockets(filter) : refuse(filter, refused_inside, COUNT_OF(refused_inside));
	/* typing into a terminal that is shared with others */
	if (!r && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, TIOCSTI)))
		r = E_UNAVAILABLE;
	if (!r && seccomp_load(filter))
		r = E_UNAVAILABLE;
	if (filter)
		seccomp_release(filter);
	return r;
}

static int limit_memory(size_t bytes)
{
#if defined(__SANITIZE_ADDRESS__)
	(void)bytes; /* the sanitizer maps terabytes */
	return 0;
#else
	const struct rlimit most = { bytes, bytes };
	return bytes && setrlimit(RLIMIT_DATA, &most) ? E_UNAVAILABLE : 0;
#endif
}

int confine_enter(const struct confine *c)
{
	const struct rlimit none = { 0, 0 };
	tzset(); /* before files are out of reach */
	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return E_UNAVAILABLE;
	int memory = limit_memory(c->memory_bytes), files = close_files(c), calls = close_calls(c->calls_out);
	return memory ? memory : files ? files : calls;
}
