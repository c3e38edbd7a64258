/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads files for a call and hands them on. Called by errand; holds one chunk at a time. */
#include "console/terminal/parcel.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/text.h"

#define TEXT_BYTES_MAX (200 * 1024)

static int open_file(const char *path, int *ret_fd, struct complaint *c)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		int r = errno == ENOENT || errno == ENOTDIR ? E_NOT_FOUND : E_IO;
		complaint_set(c, "", "file", "%.300s: %s", path, strerror(errno));
		return r;
	}
	*ret_fd = fd;
	return 0;
}

/* Fills data as far as the file goes. */
static int read_full(int fd, char *data, size_t room, size_t *ret_bytes, const char *path, struct complaint *c)
{
	size_t n = 0;
	while (n < room) {
		ssize_t got = read(fd, data + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			complaint_set(c, "", "file", "%.300s: %s", path, strerror(errno));
			return E_IO;
		}
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_bytes = n;
	return 0;
}

static int read_text(const char *path, size_t most, json_t **ret, struct complaint *c)
{
	OWN(fd) int fd = -1;
	OWN(mem) char *data = malloc(most + 1);
	size_t n = 0;
	int r = data ? open_file(path, &fd, c) : E_NOMEM;
	if (!r)
		r = read_full(fd, data, most + 1, &n, path, c);
	if (r)
		return r;
	if (n > most) {
		complaint_set(c, "", "too_big", "%.300s is larger than %zu bytes.", path, most);
		return E_TOO_BIG;
	}
	/* editors put a mark before and a line end behind a text; neither belongs to it */
	size_t from = n >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	if (n > from && data[n - 1] == '\n')
		n -= n > from + 1 && data[n - 2] == '\r' ? 2 : 1;
	if (!text_is_valid(data + from, n - from))
		return complaint_set(c, "", "invalid_utf8", "%.300s is not UTF-8 text.", path);
	*ret = json_stringn(data + from, n - from);
	return *ret ? 0 : E_NOMEM;
}

static int make_absolute(const struct verb_arg *a, const char *path, json_t *args)
{
	if (path[0] == '/' || path[0] == '\0' || strcmp(path, "-") == 0)
		return 0;
	OWN(mem) char *folder = getcwd(NULL, 0);
	OWN(mem) char *whole = NULL;
	if (!folder)
		return E_IO;
	if (asprintf(&whole, "%s/%s", folder, path) < 0) {
		whole = NULL;
		return E_NOMEM;
	}
	return json_set_str(args, a->name, whole);
}

int parcel_read(const struct verb *v, json_t *args, struct complaint *c)
{
	int r = 0;
	for (size_t i = 0; !r && i < v->n_args; i++) {
		const struct verb_arg *a = &v->args[i];
		const char *path = json_str(args, a->name, NULL);
		json_t *text = NULL;
		if (!path)
			continue;
		if (a->type == ARG_FILE) {
			r = read_text(path, a->max > 0 ? (size_t)a->max : TEXT_BYTES_MAX, &text, c);
			if (!r && json_object_set_new(args, a->name, text))
				r = E_NOMEM;
		} else if (a->type == ARG_TEXT && a->rank && strcmp(a->name, "file") == 0) { /* --file of "setting list" is no path */
			r = make_absolute(a, path, args);
		}
	}
	return r;
}

int parcel_look(const struct verb *v, const json_t *args, struct complaint *c)
{
	int r = 0;
	for (size_t i = 0; !r && i < v->n_args; i++) {
		const char *path = v->args[i].type == ARG_UPLOAD ? json_str(args, v->args[i].name, NULL) : NULL;
		OWN(fd) int fd = -1;
		if (path)
			r = open_file(path, &fd, c);
	}
	return r;
}

static int send_chunk(struct wire *w, const char *data, size_t n, int64_t *upload, json_t **ret_error)
{
	size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL);
	OWN(mem) char *text = malloc(room);
	OWN(json) json_t *reply = NULL;
	if (!text)
		return E_NOMEM;
	sodium_bin2base64(text, room, (const unsigned char *)data, n, sodium_base64_VARIANT_ORIGINAL);
	OWN(json) json_t *frame = json_pack("{s:s,s:I,s:s}", "op", "put", "upload", (json_int_t)*upload, "data", text);
	int r = frame ? wire_ask(w, frame, &reply) : E_NOMEM;
	if (r)
		return r;
	if (!json_flag(reply, "ok", false)) {
		*ret_error = json_incref(json_object_get(reply, "error"));
		return E_REFUSED;
	}
	*upload = json_int(json_object_get(reply, "result"), "upload", 0);
	return *upload > 0 ? 0 : E_PROTOCOL;
}

static int send_file(struct wire *w, const char *path, int64_t *ret_upload, json_t **ret_error, struct complaint *c)
{
	OWN(fd) int fd = -1;
	OWN(mem) char *data = malloc(PARCEL_CHUNK_BYTES);
	int64_t upload = 0;
	size_t n = 0;
	int r = data ? open_file(path, &fd, c) : E_NOMEM;
	/* an empty file is one empty chunk: the core, not the terminal, says what is wrong with it */
	do {
		if (!r)
			r = read_full(fd, data, PARCEL_CHUNK_BYTES, &n, path, c);
		if (!r && (n > 0 || upload == 0))
			r = send_chunk(w, data, n, &upload, ret_error);
	} while (!r && n == PARCEL_CHUNK_BYTES);
	if (!r)
		*ret_upload = upload;
	return r;
}

int parcel_send(struct wire *w, const struct verb *v, json_t *args, json_t **ret_error, struct complaint *c)
{
	int r = 0;
	for (size_t i = 0; !r && i < v->n_args; i++) {
		const char *path = v->args[i].type == ARG_UPLOAD ? json_str(args, v->args[i].name, NULL) : NULL;
		int64_t upload = 0;
		if (!path)
			continue;
		r = send_file(w, path, &upload, ret_error, c);
		if (!r && json_set_int(args, v->args[i].name, upload))
			r = E_NOMEM;
	}
	return r;
}
