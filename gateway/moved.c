/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The marker of a migration. Written by migrate, asked by the core's start and by backup, removed by restore and by a migration back. */
#include "gateway/moved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/folder.h"

#define FILE_NAME "migrated-to"
#define PLACE_BYTES 200

static char *path_of(const char *data_dir, const char *end)
{
	char *path = NULL;
	return asprintf(&path, "%s/" FILE_NAME "%s", data_dir, end) < 0 ? NULL : path;
}

bool moved_exists(const char *data_dir)
{
	OWN(mem) char *path = path_of(data_dir, "");
	return path && access(path, F_OK) == 0;
}

static void read_place(const char *path, char ret[PLACE_BYTES])
{
	OWN(fd) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, ret, PLACE_BYTES - 1);
	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
}

int moved_check(const char *data_dir, struct complaint *c)
{
	OWN(mem) char *path = path_of(data_dir, "");
	char place[PLACE_BYTES];
	if (!path)
		return E_NOMEM;
	if (access(path, F_OK))
		return 0;
	read_place(path, place);
	snprintf(c->file, sizeof(c->file), "%s", path);
	complaint_set(
		c, "", "moved",
		"the installation was moved to %.160s: put that into the configuration as store. To go back with all that happened since: "
		"caunoi db migrate --to sqlite; to the database as it was then: remove this file",
		place);
	return E_REFUSED;
}

static int write_file(const char *path, const char *place)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	OWN(file) FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	if (fd >= 0 && !out)
		close(fd);
	if (!out)
		return E_IO;
	return fprintf(out, "%s\n", place) < 0 || fflush(out) || fsync(fileno(out)) ? E_IO : 0;
}

int moved_note(const char *data_dir, const char *place)
{
	OWN(mem) char *path = path_of(data_dir, ""), *temporary = path_of(data_dir, ".tmp");
	if (!path || !temporary)
		return E_NOMEM;
	if (unlink(temporary) && errno != ENOENT)
		return E_IO;
	int r = write_file(temporary, place);
	if (!r && rename(temporary, path))
		r = E_IO;
	return r ? r : folder_sync(data_dir);
}

int moved_forget(const char *data_dir)
{
	OWN(mem) char *path = path_of(data_dir, "");
	if (!path)
		return E_NOMEM;
	if (unlink(path))
		return errno == ENOENT ? 0 : E_IO;
	return folder_sync(data_dir);
}
