/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Children for backups and reports. Called by the server; dies with it. Knows nothing of what they do. */
#include "console/query/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/json.h"

static void become(const char *config, const char *option, const char *value, int out)
{
	char *const argv[] = { (char *)"caunoi-query", (char *)"--config", (char *)(uintptr_t)config, (char *)(uintptr_t)option,
			       (char *)(uintptr_t)value, NULL };
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0)
		_exit(1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execv("/proc/self/exe", argv);
	_exit(1);
}

int child_start(struct child *c, const char *config, const char *option, const char *value)
{
	int ends[2];
	if (c->pid)
		return E_UNAVAILABLE;
	if (pipe2(ends, O_CLOEXEC))
		return E_IO;
	pid_t pid = fork();
	if (pid == 0)
		become(config, option, value, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return E_UNAVAILABLE;
	}
	*c = (struct child){ .pid = pid, .fd = ends[0] };
	return 0;
}

bool child_read(struct child *c, json_t **ret)
{
	char block[4096];
	ssize_t n = read(c->fd, block, sizeof(block));
	if (n < 0 && errno == EINTR)
		return false;
	if (n > 0 && buffer_left(&c->out) < FRAME_BYTES_MAX && buffer_put(&c->out, block, (size_t)n) == 0)
		return false;
	json_t *result = NULL;
	if (json_parse(buffer_text(&c->out), buffer_left(&c->out), &result) || !json_is_object(result)) {
		json_decref(result);
		result = json_pack("{s:s,s:s}", "rule", "unfinished", "text", "The work was not finished.");
	}
	*ret = result;
	return true;
}

void child_done(struct child *c)
{
	if (!c->pid)
		return;
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
	close(c->fd);
	buffer_done(&c->out);
	*c = (struct child){ 0 };
}
