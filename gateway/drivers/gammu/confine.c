/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Called once by a driver, when it knows what it has to open. Landlock decides about files by what they are and not by
 * how they are called: something else that appears under the same name later stays closed. */
#include "gateway/drivers/gammu/confine.h"

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

static int allow(int ruleset, const char *path, uint64_t rights)
{
	OWN(fd) int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return 0;
	const uint64_t wanted = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE | RIGHT_IOCTL;
	struct landlock_path_beneath_attr rule = { .allowed_access = wanted & rights, .parent_fd = fd };
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) ? E_UNAVAILABLE : 0;
}

static int close_files(const struct confine *c)
{
	const uint64_t rights = known_rights();
	struct landlock_ruleset_attr all = { .handled_access_fs = rights };
	OWN(fd) int ruleset = rights ? (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0) : -1;
	if (ruleset < 0)
		return E_UNAVAILABLE;
	for (size_t i = 0; i < c->n_paths; i++) {
		int r = allow(ruleset, c->paths[i], rights);
		if (r)
			return r;
	}
	return syscall(SYS_landlock_restrict_self, ruleset, 0) ? E_UNAVAILABLE : 0;
}

/* ---- system calls --------------------------------------------------------------------------------------------- */

static const int refused[] = {
	SCMP_SYS(execve),	SCMP_SYS(execveat),	 SCMP_SYS(fork),	SCMP_SYS(vfork),
	SCMP_SYS(socket),	SCMP_SYS(socketpair),	 SCMP_SYS(connect),	SCMP_SYS(bind),
	SCMP_SYS(listen),	SCMP_SYS(accept),	 SCMP_SYS(accept4),	SCMP_SYS(kill),
	SCMP_SYS(tkill),	SCMP_SYS(pidfd_open),	 SCMP_SYS(pidfd_send_signal), SCMP_SYS(ptrace),
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

/* Threads may be started, processes not; the C library falls back from clone3, whose flags no filter can read. */
static int refuse_processes(scmp_filter_ctx filter)
{
	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)))
		return E_UNAVAILABLE;
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) ? E_UNAVAILABLE : 0;
}

static int close_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter ? refuse_processes(filter) : E_NOMEM;
	for (size_t i = 0; !r && i < COUNT_OF(refused); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0) == -ENOMEM)
			r = E_NOMEM;
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
	int memory = limit_memory(c->memory_bytes), files = close_files(c), calls = close_calls();
	return memory ? memory : files ? files : calls;
}
