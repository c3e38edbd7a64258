/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads secret files and refuses those that others could read, replace or point elsewhere. Called
 * when a configuration is read (start, SIGHUP, check-config); keeps nothing and logs nothing. */
#include "config/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define SECRET_BYTES_MAX 65536

static bool name_is_plain(const char *name)
{
	return name[0] && name[0] != '.' && strlen(name) <= 64 && !strpbrk(name, "/\\ \t\r\n");
}

/* systemd lets the service's user in by an access list, which shows as group bits in the mode. */
static mode_t others_mode(int fd, mode_t mode, bool credential)
{
	bool listed = credential && fgetxattr(fd, "system.posix_acl_access", NULL, 0) > 0;
	return mode & (listed ? 0137 : 0177);
}

static int check_file(int fd, const char *path, bool credential, struct complaint *c)
{
	struct stat st;
	if (fstat(fd, &st)) {
		complaint_set(c, "", "secret_unreadable", "the secret %s cannot be read (%s)", path,
			      strerror(errno));
		return E_IO;
	}
	if (!S_ISREG(st.st_mode)) {
		complaint_set(c, "", "secret_kind", "the secret %s is not a regular file", path);
		return E_DENIED;
	}
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		complaint_set(
			c, "", "secret_owner",
			"the secret %s belongs to another user; chown it to root or the service",
			path);
		return E_DENIED;
	}
	if (others_mode(fd, st.st_mode, credential)) {
		complaint_set(
			c, "", "secret_mode",
			"the secret %s has mode %04o and others may read it; run: chmod 600 %s",
			path, st.st_mode & 07777, path);
		return E_DENIED;
	}
	return 0;
}

static int read_all(int fd, char *bytes, size_t room, size_t *ret_n)
{
	size_t n = 0;
	for (;;) {
		ssize_t more = read(fd, bytes + n, room - n);
		if (more < 0 && errno == EINTR)
			continue;
		if (more < 0)
			return E_IO;
		n += (size_t)more;
		if (!more || n == room)
			break;
	}
	*ret_n = n;
	return 0;
}

static int take_text(char *bytes, size_t n, const char *path, size_t chars_min, char **ret,
		     struct complaint *c)
{
	if (n > SECRET_BYTES_MAX)
		return complaint_set(c, "", "secret_too_long",
				     "the secret %s is larger than 64 KiB", path);
	if (n && bytes[n - 1] == '\n')
		n--;
	if (n && bytes[n - 1] == '\r')
		n--;
	if (memchr(bytes, 0, n) || !text_is_valid(bytes, n))
		return complaint_set(
			c, "", "secret_text",
			"the secret %s is not text; encode it, for example with base64", path);
	bytes[n] = '\0';
	if (text_chars(bytes) < chars_min)
		return complaint_set(
			c, "", "secret_short",
			"the secret %s has fewer than %zu characters; make a longer one", path,
			chars_min);
	*ret = strdup(bytes);
	return *ret ? 0 : E_NOMEM;
}

static int read_open(int fd, const char *path, bool credential, size_t chars_min, char **ret,
		     struct complaint *c)
{
	int r = check_file(fd, path, credential, c);
	if (r)
		return r;
	OWN(mem) char *bytes = malloc(SECRET_BYTES_MAX + 2);
	if (!bytes)
		return E_NOMEM;
	size_t n = 0;
	r = read_all(fd, bytes, SECRET_BYTES_MAX + 1, &n);
	if (r)
		complaint_set(c, "", "secret_unreadable", "the secret %s cannot be read (%s)", path,
			      strerror(errno));
	else
		r = take_text(bytes, n, path, chars_min, ret, c);
	explicit_bzero(bytes, n);
	return r;
}

/* E_NOT_FOUND without a complaint when the file does not exist. */
static int try_file(const char *path, bool credential, size_t chars_min, char **ret,
		    struct complaint *c)
{
	OWN(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0)
		return read_open(fd, path, credential, chars_min, ret, c);
	if (errno == ENOENT || errno == ENOTDIR)
		return E_NOT_FOUND;
	if (errno == ELOOP) {
		complaint_set(c, "", "secret_kind",
			      "the secret %s is a symbolic link; put the file itself there", path);
		return E_DENIED;
	}
	complaint_set(c, "", "secret_unreadable", "the secret %s cannot be read (%s)", path,
		      strerror(errno));
	return E_IO;
}

int secret_read(const char *folder, const char *name, size_t chars_min, char **ret,
		struct complaint *c)
{
	if (!name_is_plain(name))
		return complaint_set(
			c, "", "secret_name",
			"\"%.64s\" is no name of a secret: a file name without / is expected",
			name);
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	OWN(mem) char *path = NULL;
	if (credentials && credentials[0] == '/') {
		if (asprintf(&path, "%s/%s", credentials, name) < 0)
			return E_NOMEM;
		int r = try_file(path, true, chars_min, ret, c);
		if (r != E_NOT_FOUND)
			return r;
		free(path);
	}
	path = NULL;
	if (asprintf(&path, "%s/secrets/%s", folder, name) < 0)
		return E_NOMEM;
	int r = try_file(path, false, chars_min, ret, c);
	if (r == E_NOT_FOUND)
		complaint_set(c, "", "secret_missing",
			      "the secret %s does not exist; create it with mode 0600%s", path,
			      credentials
				      ? " (it is not among the credentials of the service either)"
				      : "");
	return r;
}
