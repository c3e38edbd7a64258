/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket's lines; what they ask is done in operation.c. Called by the loop in main. */
#include "tests/simulators/modem/control.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/simulators/modem/need.h"
#include "tests/simulators/modem/operation.h"

#define LINE_BYTES_MAX (4 * 1024 * 1024)

int control_open(struct control *c, const char *path)
{
	*c = (struct control){ .path = path, .listener = -1 };
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		c->clients[i].fd = -1;
	if (!path)
		return 0;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >= (int)sizeof(address.sun_path))
		return E_TOO_BIG;
	unlink(path);
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->listener < 0 || bind(c->listener, (struct sockaddr *)&address, sizeof(address)) || listen(c->listener, 8)) {
		control_close(c);
		return E_IO;
	}
	return 0;
}

static void hang_up(struct control_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	buffer_done(&client->in);
}

void control_close(struct control *c)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		hang_up(&c->clients[i]);
	if (c->listener < 0)
		return;
	close(c->listener);
	c->listener = -1;
	unlink(c->path);
}

size_t control_poll(const struct control *c, struct pollfd *ret)
{
	size_t n = 0;
	if (c->listener >= 0)
		ret[n++] = (struct pollfd){ .fd = c->listener, .events = POLLIN };
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0)
			ret[n++] = (struct pollfd){ .fd = c->clients[i].fd, .events = POLLIN };
	return n;
}

static void welcome(struct control *c)
{
	int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	/* a client that does not read its answers must not stop the modem */
	struct timeval patience = { .tv_sec = 2 };
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (c->clients[i].fd < 0) {
			c->clients[i].fd = fd;
			return;
		}
	}
	close(fd);
}

static bool reply(int fd, json_t *answer)
{
	struct buffer out = { 0 };
	must(json_put_line(&out, answer));
	json_decref(answer);
	bool whole = true;
	while (whole && buffer_left(&out)) {
		ssize_t n = send(fd, buffer_text(&out), buffer_left(&out), MSG_NOSIGNAL);
		whole = n > 0;
		if (whole)
			buffer_take(&out, (size_t)n);
	}
	buffer_done(&out);
	return whole;
}

static json_t *ask(struct modem *m, const char *line, size_t n_bytes)
{
	json_t *request = NULL;
	if (json_parse(line, n_bytes, &request) || !json_is_object(request)) {
		json_decref(request);
		return need(json_pack("{s:b, s:s}", "ok", 0, "error", "not a JSON object"));
	}
	json_t *answer = operation_run(m, request);
	json_decref(request);
	return answer;
}

static void read_lines(struct control_client *client, struct modem *m)
{
	must(buffer_reserve(&client->in, 65536));
	ssize_t n = recv(client->fd, client->in.data + client->in.n_bytes, 65536, MSG_DONTWAIT);
	if (n <= 0 || buffer_left(&client->in) > LINE_BYTES_MAX) {
		hang_up(client);
		return;
	}
	client->in.n_bytes += (size_t)n;
	client->in.data[client->in.n_bytes] = '\0';
	for (const char *end; (end = memchr(buffer_text(&client->in), '\n', buffer_left(&client->in))) != NULL;) {
		size_t length = (size_t)(end - buffer_text(&client->in));
		json_t *answer = ask(m, buffer_text(&client->in), length);
		buffer_take(&client->in, length + 1);
		if (!reply(client->fd, answer)) {
			hang_up(client);
			return;
		}
		if (!buffer_left(&client->in))
			return;
	}
}

void control_serve(struct control *c, struct modem *m, const struct pollfd *polled, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!polled[i].revents)
			continue;
		if (polled[i].fd == c->listener)
			welcome(c);
		for (size_t k = 0; k < CONTROL_CLIENTS_MAX; k++)
			if (c->clients[k].fd == polled[i].fd)
				read_lines(&c->clients[k], m);
	}
}
