/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords and backups for the core. Called by the server on frames of its standard input. A backup runs in a process of its
 * own: it reads for minutes, and a database handle must not cross a fork. */
#include "console/query/secretary.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/json.h"

#define PASSES 2
#define MEMORY_BYTES (19 * 1024 * 1024)

json_t *secretary_hash(const char *password)
{
	char hash[crypto_pwhash_STRBYTES];
	if (crypto_pwhash_str_alg(hash, password, strlen(password), PASSES, MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13))
		return json_object();
	return json_pack("{s:s}", "hash", hash);
}

json_t *secretary_verify(const char *password, const char *hash)
{
	return json_pack("{s:b}", "ok", crypto_pwhash_str_verify(hash, password, strlen(password)) == 0);
}

static void run_child(const char *config, const char *file, int out)
{
	char *const argv[] = { (char *)"caunoi-query", (char *)"--config", (char *)(uintptr_t)config, (char *)"--backup",
			       (char *)(uintptr_t)file, NULL };
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0)
		_exit(1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execv("/proc/self/exe", argv);
	_exit(1);
}

int secretary_backup(struct backup_child *b, const char *config, const char *file, const json_t *id)
{
	int ends[2];
	if (b->pid)
		return E_UNAVAILABLE;
	if (pipe2(ends, O_CLOEXEC))
		return E_IO;
	pid_t pid = fork();
	if (pid == 0)
		run_child(config, file, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return E_UNAVAILABLE;
	}
	*b = (struct backup_child){ .pid = pid, .fd = ends[0], .id = json_deep_copy(id) };
	return 0;
}

bool secretary_backup_read(struct backup_child *b, json_t **ret)
{
	char block[4096];
	ssize_t n = read(b->fd, block, sizeof(block));
	if (n < 0 && errno == EINTR)
		return false;
	if (n > 0 && buffer_left(&b->out) < FRAME_BYTES_MAX && buffer_put(&b->out, block, (size_t)n) == 0)
		return false;
	json_t *result = NULL;
	if (json_parse(buffer_text(&b->out), buffer_left(&b->out), &result) || !json_is_object(result)) {
		json_decref(result);
		result = json_pack("{s:s,s:s}", "rule", "backup", "text", "The backup was not finished.");
	}
	*ret = result;
	return true;
}

void secretary_backup_done(struct backup_child *b)
{
	if (!b->pid)
		return;
	kill(b->pid, SIGKILL);
	waitpid(b->pid, NULL, 0);
	close(b->fd);
	json_decref(b->id);
	buffer_done(&b->out);
	*b = (struct backup_child){ 0 };
}
