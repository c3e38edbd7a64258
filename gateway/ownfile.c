/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads, stages and replaces files of words. Called by the verbs of setting and template; decides nothing about what they say. */
#include "gateway/ownfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/settings.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/text.h"
#include "gateway/core.h"
#include "gateway/folder.h"

#define STAGED ".taken"
#define STAMP_CHARS 15 /* 20261122-173000 */

static const char *const names[OWNFILE_COUNT] = { OWNFILE_NAMES };
static const char *const paths[OWNFILE_COUNT] = {
	[OWNFILE_KEYWORDS] = "keywords/keywords.conf", [OWNFILE_ACCUSATION] = "keywords/accusation.conf", [OWNFILE_SPELLING] = "keywords/spelling.conf",
	[OWNFILE_SENSE] = "keywords/sense.conf",       [OWNFILE_TOPICS] = "topics/topics.conf",		  [OWNFILE_TEMPLATES] = "topics/phrasebook.conf",
};

int ownfile_parse(const char *name, enum ownfile *ret)
{
	for (int i = 0; i < OWNFILE_COUNT; i++)
		if (strcmp(name, names[i]) == 0) {
			*ret = (enum ownfile)i;
			return 0;
		}
	return E_NOT_FOUND;
}

const char *ownfile_path(enum ownfile which)
{
	return paths[which];
}

/* Beside the configuration, with something behind the name; the caller's. */
static char *beside(const char *config_file, enum ownfile which, const char *behind)
{
	const char *slash = strrchr(config_file, '/');
	char *path = NULL;
	return asprintf(&path, "%.*s%s%s", slash ? (int)(slash - config_file + 1) : 0, config_file, paths[which], behind) < 0 ? NULL : path;
}

/* ---- reading ---- */

static int read_text(const char *path, char **ret)
{
	OWN(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	OWN(buffer) struct buffer text = { 0 };
	struct stat st;
	if (fd < 0)
		return errno == ENOENT ? E_NOT_FOUND : E_IO;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return E_IO;
	for (ssize_t n = 1; n > 0;) {
		int r = buffer_reserve(&text, 65536);
		if (r)
			return r;
		n = read(fd, text.data + text.n_bytes, 65536);
		if (n < 0)
			return E_IO;
		text.n_bytes += (size_t)n;
		if (text.n_bytes > OWNFILE_BYTES_MAX)
			return E_TOO_BIG;
	}
	*ret = text_read(buffer_text(&text), buffer_left(&text));
	return *ret ? 0 : E_NOMEM;
}

int ownfile_read(const char *config_file, enum ownfile which, char **ret_path, char **ret_text, bool *ret_own)
{
	OWN(mem) char *path = NULL, *own = beside(config_file, which, "");
	int r = own ? settings_find(config_file, paths[which], &path) : E_NOMEM;
	if (!r)
		r = read_text(path, ret_text);
	if (r)
		return r;
	*ret_own = strcmp(own, path) == 0;
	*ret_path = MOVE(path);
	return 0;
}

bool ownfile_writable(const char *config_file, enum ownfile which)
{
	OWN(mem) char *path = beside(config_file, which, ""), *folder = path ? folder_of(path) : NULL;
	OWN(mem) char *above = folder ? folder_of(folder) : NULL;
	if (!above)
		return false;
	return !access(folder, W_OK | X_OK) || (access(folder, F_OK) && !access(above, W_OK | X_OK)); /* it would be made */
}

static bool is_stamp(const char *text)
{
	return strlen(text) == STAMP_CHARS && strspn(text, "0123456789-") == STAMP_CHARS;
}

static int compare_older(const void *a, const void *b)
{
	return strcmp(*(const char *const *)b, *(const char *const *)a);
}

static int sorted(char **found, size_t n, json_t **ret)
{
	OWN(json) json_t *list = json_array();
	if (n)
		qsort(found, n, sizeof(*found), compare_older);
	for (size_t i = 0; list && i < n; i++)
		if (json_array_append_new(list, json_string(found[i])))
			return E_NOMEM;
	*ret = MOVE(list);
	return *ret ? 0 : E_NOMEM;
}

int ownfile_older(const char *config_file, enum ownfile which, json_t **ret)
{
	OWN(mem) char *path = beside(config_file, which, ".");
	char *found[256];
	size_t n = 0;
	if (!path)
		return E_NOMEM;
	const char *name = strrchr(path, '/') + 1;
	size_t stem = strlen(name);
	path[name - path - 1] = '\0';
	DIR *d = opendir(path);
	for (struct dirent *e; d && n < COUNT_OF(found) && (e = readdir(d));)
		if (!strncmp(e->d_name, name, stem) && is_stamp(e->d_name + stem) && (found[n] = strdup(e->d_name + stem)))
			n++;
	if (d)
		closedir(d);
	int r = sorted(found, n, ret);
	while (n)
		free(found[--n]);
	return r;
}

int ownfile_read_older(const char *config_file, enum ownfile which, const char *name, char **ret_text)
{
	char behind[STAMP_CHARS + 2];
	if (!is_stamp(name))
		return E_NOT_FOUND;
	snprintf(behind, sizeof(behind), ".%s", name);
	OWN(mem) char *path = beside(config_file, which, behind);
	return path ? read_text(path, ret_text) : E_NOMEM;
}

/* ---- writing ---- */

/* By the machine's owner, or by chance. */
static int refused(void)
{
	return errno == EACCES || errno == EROFS || errno == EPERM ? E_DENIED : E_IO;
}

static int write_new(const char *path, const char *text)
{
	if (unlink(path) && errno != ENOENT)
		return refused();
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return refused();
	OWN(file) FILE *out = fdopen(fd, "w");
	if (!out) {
		close(fd);
		return E_IO;
	}
	return fputs(text, out) < 0 || fflush(out) || fsync(fd) ? E_IO : 0;
}

static int make_folder(const char *config_file, enum ownfile which)
{
	OWN(mem) char *path = beside(config_file, which, ""), *folder = path ? folder_of(path) : NULL;
	if (!folder)
		return E_NOMEM;
	return !mkdir(folder, 0750) || errno == EEXIST ? 0 : refused();
}

static int keep_older(const struct scope *in, enum ownfile which)
{
	char behind[STAMP_CHARS * 6];
	struct calendar now = calendar_local(in->zone, in->now_ms);
	snprintf(behind, sizeof(behind), ".%04d%02d%02d-%02d%02d%02d", now.year, now.month, now.day, now.hour, now.minute, now.second);
	OWN(mem) char *own = beside(in->config->file, which, ""), *older = beside(in->config->file, which, behind), *text = NULL;
	int r = own && older ? read_text(own, &text) : E_NOMEM;
	return r == E_NOT_FOUND ? 0 : r ? r : write_new(older, text);
}

static void forget_oldest(const struct scope *in, enum ownfile which)
{
	OWN(json) json_t *all = NULL;
	if (ownfile_older(in->config->file, which, &all))
		return;
	for (size_t i = OWNFILE_KEPT; i < json_array_size(all); i++) {
		OWN(mem) char *behind = NULL;
		if (asprintf(&behind, ".%s", json_string_value(json_array_get(all, i))) < 0)
			behind = NULL;
		OWN(mem) char *path = behind ? beside(in->config->file, which, behind) : NULL;
		if (path && unlink(path))
			log_warn("words.older", "%s cannot be removed", path);
	}
}

static void put_in_force(struct core *core, int64_t which, int64_t unused)
{
	(void)unused;
	OWN(mem) char *path = beside(core->config->file, (enum ownfile)which, "");
	OWN(mem) char *staged = beside(core->config->file, (enum ownfile)which, STAGED), *folder = path ? folder_of(path) : NULL;
	if (!folder || !staged || rename(staged, path) || folder_sync(folder)) {
		log_error("words.taken", "%s cannot be put in force: %s", paths[which], strerror(errno));
		return;
	}
	log_info("words.taken", "file=%s", paths[which]);
	if (core->ops->words)
		core->ops->words(core->loop);
}

int ownfile_take(struct tick *t, enum ownfile which, const char *text)
{
	OWN(mem) char *staged = beside(t->in.config->file, which, STAGED);
	int r = staged ? make_folder(t->in.config->file, which) : E_NOMEM;
	r = r ? r : write_new(staged, text);
	r = r ? r : keep_older(&t->in, which);
	if (r)
		return r;
	forget_oldest(&t->in, which);
	return tick_after(t, put_in_force, which, 0);
}
