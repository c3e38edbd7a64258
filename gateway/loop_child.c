/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a child is given: its lock, its end of the pair, its death with ours. */
#include "gateway/loop_child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int program_path(const char *program, char *ret, size_t room)
{
	if (program[0] == '/')
		return snprintf(ret, room, "%s", program) < (int)room ? 0 : E_TOO_BIG;
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return E_IO;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(ret, room, "%s/%s", self, program);
	if (!access(ret, X_OK))
		return 0;
	snprintf(ret, room, "%s/../libexec/caunoi/%s", self, program);
	return access(ret, X_OK) ? E_NOT_FOUND : 0;
}

static void child_main(int drivers_fd, int fd, const char *path, char *const argv[])
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		_exit(1); /* the core died before the line above */
	if (dup2(fd, 0) < 0 || dup2(fd, 1) < 0)
		_exit(126);
	if (drivers_fd >= 0)
		fcntl(drivers_fd, F_SETFD, 0);
	execv(path, argv);
	_exit(127);
}

int loop_child_start(const char *program, char *const argv[], int drivers_fd, int *ret_fd, pid_t *ret_pid)
{
	char path[600];
	int pair[2], r = program_path(program, path, sizeof(path));
	if (r)
		return r;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return E_IO;
	int size = 1 << 20;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	pid_t pid = fork();
	if (pid == 0)
		child_main(drivers_fd, pair[1], path, argv);
	close(pair[1]);
	if (pid < 0 || fcntl(pair[0], F_SETFL, O_NONBLOCK)) {
		close(pair[0]);
		if (pid > 0)
			kill(pid, SIGKILL);
		return E_IO;
	}
	*ret_fd = pair[0];
	*ret_pid = pid;
	return 0;
}

static void command_main(char *const argv[])
{
	char *const environment[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	int fd = open("/dev/null", O_RDWR);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1 || fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0)
		_exit(126);
	execve(argv[0], argv, environment);
	_exit(127);
}

int loop_child_run(char *const argv[], pid_t *ret_pid)
{
	pid_t pid = fork();
	if (pid == 0)
		command_main(argv);
	if (pid < 0)
		return E_IO;
	*ret_pid = pid;
	return 0;
}
