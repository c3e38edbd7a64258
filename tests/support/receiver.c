/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. One thread, one poll: connections stay open, a request at a time on each. */
#include "tests/support/receiver.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/json.h"

#define CONNS_MAX 64
#define ANSWER "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n"

struct conn {
	int fd;
	struct buffer in;
};
struct receiver {
	char key[128];
	int port, listener, wake[2];
	pthread_t thread;
	pthread_mutex_t lock; /* what follows */
	bool mute, stop;
	const char *refusal; /* of the next fail_next */
	int fail_next, n_requests, n_bad;
	json_t *taken;
	struct conn conns[CONNS_MAX];
	int n_conns;
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	abort();
}

/* ---- one request ---- */

static bool header(const char *head, const char *name, char *ret, size_t room)
{
	const char *at = strcasestr(head, name);
	if (!at)
		return false;
	at += strlen(name);
	size_t n = strcspn(at, "\r\n");
	snprintf(ret, room, "%.*s", (int)n, at);
	return true;
}

static bool is_signed(const struct receiver *r, const char *head, const char *body, size_t n_body)
{
	char id[128], at[32], signature[128], want[128] = "v1,";
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n_mac;
	struct buffer text = { 0 };
	if (!header(head, "\nwebhook-id: ", id, sizeof(id)) || !header(head, "\nwebhook-timestamp: ", at, sizeof(at)) ||
	    !header(head, "\nwebhook-signature: ", signature, sizeof(signature)))
		return false;
	must(!buffer_printf(&text, "%s.%s.", id, at) && !buffer_put(&text, body, n_body), "memory");
	HMAC(EVP_sha256(), r->key, (int)strlen(r->key), (const unsigned char *)buffer_text(&text), buffer_left(&text), mac, &n_mac);
	buffer_done(&text);
	EVP_EncodeBlock((unsigned char *)want + 3, mac, (int)n_mac);
	long long apart = (long long)time(NULL) - strtoll(at, NULL, 10);
	return !strcmp(want, signature) && apart >= -2 && apart <= 60;
}

/* The status to answer a whole request with; NULL = none now. */
static const char *take(struct receiver *r, const char *head, const char *body, size_t n_body)
{
	json_t *event = NULL;
	char id[128] = "";
	r->n_requests++;
	bool bad = !is_signed(r, head, body, n_body) || json_parse(body, n_body, &event);
	header(head, "\nwebhook-id: ", id, sizeof(id));
	bad = bad || strcmp(json_str(event, "id", ""), id);
	r->n_bad += bad;
	bool fail = r->fail_next > 0 && r->fail_next-- > 0;
	if (!fail && !r->mute && event)
		json_array_append(r->taken, event);
	json_decref(event);
	return r->mute ? NULL : fail ? r->refusal : "204 Taken";
}

static void read_requests(struct receiver *r, struct conn *c)
{
	for (;;) {
		char length[24];
		const char *text = buffer_text(&c->in), *end = memmem(text, buffer_left(&c->in), "\r\n\r\n", 4);
		if (!end)
			return;
		OWN(mem) char *head = strndup(text, (size_t)(end - text));
		size_t n_head = (size_t)(end - text) + 4, n_body;
		must(header(head, "\ncontent-length: ", length, sizeof(length)), "a request without length");
		n_body = (size_t)strtoul(length, NULL, 10);
		if (buffer_left(&c->in) < n_head + n_body)
			return;
		const char *status = take(r, head, text + n_head, n_body);
		buffer_take(&c->in, n_head + n_body);
		if (status && dprintf(c->fd, ANSWER, status) < 0)
			return;
	}
}

/* ---- the thread ---- */

static void drop(struct receiver *r, int i)
{
	close(r->conns[i].fd);
	buffer_done(&r->conns[i].in);
	r->conns[i] = r->conns[--r->n_conns];
}

static void tend(struct receiver *r, const struct pollfd *fds)
{
	char some[8192];
	for (int i = r->n_conns - 1; i >= 0; i--) {
		if (!fds[i + 2].revents)
			continue;
		ssize_t n = read(r->conns[i].fd, some, sizeof(some));
		if (n > 0 && !buffer_put(&r->conns[i].in, some, (size_t)n))
			read_requests(r, &r->conns[i]);
		else
			drop(r, i);
	}
	if (!fds[0].revents)
		return;
	int fd = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0 && r->n_conns == CONNS_MAX)
		close(fd);
	else if (fd >= 0)
		r->conns[r->n_conns++] = (struct conn){ .fd = fd };
}

static void *run(void *self)
{
	struct receiver *r = self;
	struct pollfd fds[CONNS_MAX + 2];
	for (bool stop = false; !stop;) {
		fds[0] = (struct pollfd){ .fd = r->listener, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = r->wake[0], .events = POLLIN };
		for (int i = 0; i < r->n_conns; i++)
			fds[i + 2] = (struct pollfd){ .fd = r->conns[i].fd, .events = POLLIN };
		if (poll(fds, (nfds_t)r->n_conns + 2, -1) < 0)
			continue;
		pthread_mutex_lock(&r->lock);
		stop = r->stop;
		tend(r, fds);
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

struct receiver *receiver_start(const char *key)
{
	struct receiver *r = calloc(1, sizeof(*r));
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	must(r != NULL, "memory");
	snprintf(r->key, sizeof(r->key), "%s", key);
	r->taken = json_array();
	r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(!bind(r->listener, (const struct sockaddr *)&at, n) && !listen(r->listener, 64), "listen");
	must(!getsockname(r->listener, (struct sockaddr *)&at, &n) && !pipe2(r->wake, O_CLOEXEC), "pipe");
	r->port = ntohs(at.sin_port);
	pthread_mutex_init(&r->lock, NULL);
	must(!pthread_create(&r->thread, NULL, run, r), "thread");
	return r;
}

void receiver_stop(struct receiver *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_mutex_unlock(&r->lock);
	must(write(r->wake[1], "", 1) == 1, "wake");
	pthread_join(r->thread, NULL);
	while (r->n_conns)
		drop(r, 0);
	close(r->listener);
	close(r->wake[0]);
	close(r->wake[1]);
	json_decref(r->taken);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

int receiver_port(const struct receiver *r)
{
	return r->port;
}

void receiver_refuse_next(struct receiver *r, int n, const char *head)
{
	pthread_mutex_lock(&r->lock);
	r->fail_next = n;
	r->refusal = head;
	pthread_mutex_unlock(&r->lock);
}

void receiver_fail_next(struct receiver *r, int n)
{
	receiver_refuse_next(r, n, "500 No");
}

void receiver_mute(struct receiver *r, bool mute)
{
	pthread_mutex_lock(&r->lock);
	r->mute = mute;
	pthread_mutex_unlock(&r->lock);
}

json_t *receiver_taken(struct receiver *r)
{
	pthread_mutex_lock(&r->lock);
	json_t *copy = json_deep_copy(r->taken);
	pthread_mutex_unlock(&r->lock);
	return copy;
}

json_t *receiver_states(struct receiver *r)
{
	OWN(json) json_t *taken = receiver_taken(r);
	json_t *states = json_object();
	size_t i;
	const json_t *e;
	json_array_foreach (taken, i, e) {
		char id[24];
		const json_t *data = json_object_get(e, "data");
		if (strncmp(json_str(e, "type", ""), "message.", 8))
			continue;
		snprintf(id, sizeof(id), "%lld", (long long)json_int(data, "id", 0));
		json_set_str(states, id, json_str(data, "state", ""));
	}
	return states;
}

static int count(struct receiver *r, const int *what)
{
	pthread_mutex_lock(&r->lock);
	int n = what ? *what : (int)json_array_size(r->taken);
	pthread_mutex_unlock(&r->lock);
	return n;
}

int receiver_n_taken(struct receiver *r)
{
	return count(r, NULL);
}

int receiver_n_requests(struct receiver *r)
{
	return count(r, &r->n_requests);
}

int receiver_n_bad(struct receiver *r)
{
	return count(r, &r->n_bad);
}
