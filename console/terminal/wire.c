/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames over a Unix socket, seen from one who asks. Called by errand and parcel; knows nothing of what the frames mean but
 * their id. */
#include "console/terminal/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "gateway/base/json.h"

#define GREETING_MS 5000

/* A path may be longer than a socket address holds: then its folder is opened and named by descriptor. */
static int socket_address(const char *path, struct sockaddr_un *ret, int *ret_folder)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) < sizeof(ret->sun_path)) {
		memcpy(ret->sun_path, path, strlen(path) + 1);
		return 0;
	}
	const char *slash = strrchr(path, '/');
	OWN(mem) char *folder = slash ? strndup(path, (size_t)(slash - path)) : NULL;
	if (!folder)
		return E_UNAVAILABLE;
	*ret_folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_folder < 0)
		return errno == EACCES ? E_DENIED : E_UNAVAILABLE;
	int n = snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d%s", *ret_folder, slash);
	return n > 0 && (size_t)n < sizeof(ret->sun_path) ? 0 : E_UNAVAILABLE;
}

static int connect_to(const char *path, int *ret_fd)
{
	struct sockaddr_un address;
	OWN(fd) int folder = -1;
	int r = socket_address(path, &address, &folder);
	if (r)
		return r;
	OWN(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return E_IO;
	while (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		if (errno != EINTR)
			return errno == EACCES || errno == EPERM ? E_DENIED : E_UNAVAILABLE;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* Takes one whole line out of what has arrived. E_AGAIN = not whole yet. */
static int take_line(struct wire *w, json_t **ret)
{
	const char *text = buffer_text(&w->in);
	const char *end = buffer_left(&w->in) ? memchr(text, '\n', buffer_left(&w->in)) : NULL;
	if (!end)
		return buffer_left(&w->in) > FRAME_BYTES_MAX ? E_PROTOCOL : E_AGAIN;
	size_t n = (size_t)(end - text);
	int r = json_parse(text, n, ret);
	buffer_take(&w->in, n + 1);
	return r ? E_PROTOCOL : 0;
}

static int read_more(struct wire *w, int64_t until_mono_ms)
{
	int64_t left = until_mono_ms - clock_mono_ms(w->clock);
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	int n = poll(&p, 1, left > 0 ? (int)left : 0);
	if (n == 0 || (n < 0 && errno != EINTR))
		return E_UNAVAILABLE;
	if (n < 0)
		return 0;
	if (buffer_reserve(&w->in, 65536))
		return E_NOMEM;
	ssize_t got = read(w->fd, w->in.data + w->in.n_bytes, 65536);
	if (got < 0 && errno == EINTR)
		return 0;
	if (got <= 0)
		return E_UNAVAILABLE;
	w->in.n_bytes += (size_t)got;
	w->in.data[w->in.n_bytes] = '\0';
	return 0;
}

static int next_frame(struct wire *w, int64_t until_mono_ms, json_t **ret)
{
	int r;
	while ((r = take_line(w, ret)) == E_AGAIN) {
		r = read_more(w, until_mono_ms);
		if (r)
			return r;
	}
	return r;
}

static int greet(struct wire *w)
{
	OWN(json) json_t *hello = NULL;
	int r = next_frame(w, clock_mono_ms(w->clock) + GREETING_MS, &hello);
	if (r)
		return r;
	/* who may not ask at all hears so instead of a greeting */
	if (json_int(json_object_get(hello, "error"), "status", 0) == 403)
		return E_DENIED;
	return strcmp(json_str(hello, "op", ""), "hello") == 0 ? 0 : E_PROTOCOL;
}

int wire_open(const char *socket_path, const struct clock *clock, struct wire *ret)
{
	struct wire w = { .fd = -1, .clock = clock };
	int r = connect_to(socket_path, &w.fd);
	if (!r)
		r = greet(&w);
	if (r)
		wire_close(&w);
	else
		*ret = w;
	return r;
}

void wire_close(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	buffer_done(&w->in);
}

static int write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t put = send(fd, data, n, MSG_NOSIGNAL);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return E_UNAVAILABLE;
		data += put;
		n -= (size_t)put;
	}
	return 0;
}

static bool answers(const json_t *frame, int64_t id)
{
	const char *op = json_str(frame, "op", "");
	if (strcmp(op, "unsupported") == 0)
		return true;
	return (strcmp(op, "reply") == 0 || strcmp(op, "rows") == 0) && json_int(frame, "id", -1) == id;
}

int wire_ask(struct wire *w, json_t *frame, json_t **ret)
{
	OWN(buffer) struct buffer line = { 0 };
	int64_t id = ++w->last_id;
	if (json_set_int(frame, "id", id) || json_put_line(&line, frame))
		return E_NOMEM;
	if (buffer_left(&line) > FRAME_BYTES_MAX)
		return E_TOO_BIG;
	if (w->fd < 0 || write_all(w->fd, buffer_text(&line), buffer_left(&line)))
		return E_UNAVAILABLE;
	int64_t until = clock_mono_ms(w->clock) + WIRE_REPLY_MS;
	for (;;) {
		OWN(json) json_t *got = NULL;
		int r = next_frame(w, until, &got);
		if (r)
			return r;
		if (answers(got, id)) {
			*ret = MOVE(got);
			return 0;
		}
	}
}
