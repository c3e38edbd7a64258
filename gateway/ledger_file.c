/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of the ledger: opening, reading line by line, appending with one fsync. Called by ledger.c alone; knows lines, and not what follows from
 * them. A failed fsync is the caller's end. */
#include "gateway/ledger_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"

#define FILE_NAME "ledger.log"

char *ledger_file_path(const char *data_dir)
{
	char *file = NULL;
	return asprintf(&file, "%s/" FILE_NAME, data_dir) < 0 ? NULL : file;
}

static bool is_ours(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 && (st.st_uid == geteuid() || st.st_uid == 0);
}

/* A line torn by a crash is closed, so that the next one stands alone. */
static int close_torn_line(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char last = '\n';
	if (end > 0 && pread(fd, &last, 1, end - 1) != 1)
		return E_IO;
	return last == '\n' || write(fd, "\n", 1) == 1 ? 0 : E_IO;
}

static int foreign(const char *file, struct complaint *c)
{
	snprintf(c->file, sizeof(c->file), "%s", file);
	complaint_set(c, "", "foreign", "is no file of this service's own; move it away and look who made it");
	return E_CORRUPT;
}

int ledger_file_open(const char *file, int *ret_fd, struct complaint *c)
{
	int fd = open(file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0 && errno != ELOOP && errno != ENXIO) {
		snprintf(c->file, sizeof(c->file), "%s", file);
		complaint_set(c, "", "unwritable", "cannot be opened: %s", strerror(errno));
		return E_IO;
	}
	int r = fd < 0 || !is_ours(fd) ? foreign(file, c) : close_torn_line(fd);
	if (r && fd >= 0)
		close(fd);
	if (!r)
		*ret_fd = fd;
	return r;
}

int ledger_file_write(int fd, struct buffer *lines)
{
	while (buffer_left(lines)) {
		ssize_t n = write(fd, buffer_text(lines), buffer_left(lines));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 && (errno == ENOSPC || errno == EDQUOT) ? E_UNAVAILABLE : E_IO;
		buffer_take(lines, (size_t)n);
	}
	return fdatasync(fd) ? E_IO : 0;
}

int ledger_file_each(const char *file, int (*fn)(void *arg, const struct ledger_line *line), void *arg, int64_t *ret_damaged)
{
	int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : E_IO;
	OWN(file) FILE *f = fdopen(fd, "r");
	if (!f) {
		close(fd);
		return E_NOMEM;
	}
	OWN(mem) char *text = NULL;
	size_t room = 0;
	ssize_t n;
	int r = 0;
	while (!r && (n = getline(&text, &room, f)) > 0) {
		struct ledger_line line;
		if (text[n - 1] == '\n')
			text[n - 1] = '\0';
		r = *text ? ledger_line_parse(text, &line) : E_INVALID;
		if (r == E_INVALID) {
			*ret_damaged += *text != '\0';
			r = 0;
		} else if (!r) {
			r = fn(arg, &line);
		}
	}
	return r ? r : ferror(f) ? E_IO : 0;
}
