/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver's loop around libcurl's socket interface. Called by post.c. Keeps the exchanges of a channel, free ones in
 * a list; knows nothing of messages and profiles. */
#include "gateway/drivers/http/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_MAX 256

struct engine {
	const struct exchange_config *config;
	struct driver *d;
	engine_done *done;
	void *self;
	CURLM *multi;
	int epoll;
	int64_t due_ms; /* monotonic; -1 = none */
	struct exchange *exchanges, *free;
	int n_exchanges, n_running;
	bool watching_out;
};

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *self, void *known)
{
	struct engine *e = self;
	struct epoll_event event = { .data.fd = fd };
	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(e->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
	if (known)
		return epoll_ctl(e->epoll, EPOLL_CTL_MOD, fd, &event) ? -1 : 0;
	curl_multi_assign(e->multi, fd, e);
	return epoll_ctl(e->epoll, EPOLL_CTL_ADD, fd, &event) ? -1 : 0;
}

static int on_timer(CURLM *multi, long after_ms, void *self)
{
	struct engine *e = self;
	(void)multi;
	e->due_ms = after_ms < 0 ? -1 : clock_mono_ms(&e->config->clock) + after_ms;
	return 0;
}

static int watch(struct engine *e, int op, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };
	return epoll_ctl(e->epoll, op, fd, &event) ? E_IO : 0;
}

static int set_up(struct engine *e, int in_flight, int batch)
{
	e->multi = curl_multi_init();
	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	e->exchanges = calloc((size_t)in_flight, sizeof(*e->exchanges));
	if (!e->multi || !e->exchanges)
		return E_NOMEM;
	if (e->epoll < 0)
		return E_IO;
	curl_multi_setopt(e->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(e->multi, CURLMOPT_SOCKETDATA, e);
	curl_multi_setopt(e->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(e->multi, CURLMOPT_TIMERDATA, e);
	curl_multi_setopt(e->multi, CURLMOPT_MAXCONNECTS, (long)in_flight);
	curl_multi_setopt(e->multi, CURLMOPT_PIPELINING, e->config->reuse ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING);
	for (int i = 0; i < in_flight; i++) {
		struct exchange *x = &e->exchanges[i];
		int r = exchange_init(x, e->config, (size_t)batch);
		if (r)
			return r;
		e->n_exchanges++;
		x->next_free = e->free;
		e->free = x;
	}
	return watch(e, EPOLL_CTL_ADD, driver_in_fd(e->d), EPOLLIN);
}

int engine_new(const struct exchange_config *config, struct driver *d, int in_flight, int batch, engine_done *done, void *self,
	       struct engine **ret)
{
	struct engine *e = calloc(1, sizeof(*e));
	if (!e)
		return E_NOMEM;
	*e = (struct engine){ .config = config, .d = d, .done = done, .self = self, .epoll = -1, .due_ms = -1 };
	int r = set_up(e, in_flight, batch);
	if (r) {
		engine_free(e);
		return r;
	}
	*ret = e;
	return 0;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	for (int i = 0; i < e->n_exchanges; i++) {
		if (e->exchanges[i].busy)
			curl_multi_remove_handle(e->multi, e->exchanges[i].easy);
		exchange_done(&e->exchanges[i]);
	}
	free(e->exchanges);
	curl_multi_cleanup(e->multi);
	if (e->epoll >= 0)
		close(e->epoll);
	free(e);
}

int engine_running(const struct engine *e)
{
	return e->n_running;
}

struct exchange *engine_take(struct engine *e)
{
	struct exchange *x = e->free;
	if (x)
		e->free = x->next_free;
	return x;
}

void engine_give_back(struct engine *e, struct exchange *x)
{
	exchange_clear(x);
	x->next_free = e->free;
	e->free = x;
}

int engine_start(struct engine *e, struct exchange *x)
{
	int r = exchange_begin(x);
	if (r || curl_multi_add_handle(e->multi, x->easy))
		return E_NOMEM;
	x->busy = true;
	e->n_running++;
	return 0;
}

struct exchange *engine_find(struct engine *e, const struct letter *t)
{
	for (int i = 0; i < e->n_exchanges; i++)
		for (size_t k = 0; e->exchanges[i].busy && k < e->exchanges[i].n_letters; k++)
			if (e->exchanges[i].letters[k] == t)
				return &e->exchanges[i];
	return NULL;
}

static void finish(struct engine *e, struct exchange *x, CURLcode code)
{
	e->done(e->self, x, code);
	curl_multi_remove_handle(e->multi, x->easy);
	e->n_running--;
	engine_give_back(e, x);
}

void engine_abort(struct engine *e, struct exchange *x, const char *why)
{
	x->cut = why;
	finish(e, x, CURLE_ABORTED_BY_CALLBACK);
}

void engine_abort_all(struct engine *e, const char *why)
{
	for (int i = 0; i < e->n_exchanges; i++)
		if (e->exchanges[i].busy)
			engine_abort(e, &e->exchanges[i], why);
}

static void take_finished(struct engine *e)
{
	int left;
	for (CURLMsg *m = curl_multi_info_read(e->multi, &left); m; m = curl_multi_info_read(e->multi, &left)) {
		struct exchange *x = NULL;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &x);
		if (m->msg == CURLMSG_DONE && x)
			finish(e, x, m->data.result);
	}
}

static int wait_ms(const struct engine *e, int64_t most_ms)
{
	int64_t wait = most_ms;
	if (e->due_ms >= 0) {
		int64_t until = e->due_ms - clock_mono_ms(&e->config->clock);
		until = until < 0 ? 0 : until;
		wait = wait < 0 || until < wait ? until : wait;
	}
	return wait > 60000 ? 60000 : (int)wait;
}

static int set_out(struct engine *e)
{
	bool want = driver_wants_write(e->d);
	if (want == e->watching_out)
		return 0;
	e->watching_out = want;
	return want ? watch(e, EPOLL_CTL_ADD, driver_out_fd(e->d), EPOLLOUT) :
		      watch(e, EPOLL_CTL_DEL, driver_out_fd(e->d), 0);
}

int engine_step(struct engine *e, int64_t most_ms)
{
	struct epoll_event events[EVENTS_MAX];
	int running, r = set_out(e);
	if (r)
		return r;
	int n = epoll_wait(e->epoll, events, EVENTS_MAX, wait_ms(e, most_ms));
	if (n < 0 && errno != EINTR)
		return E_IO;
	for (int i = 0; i < n; i++) {
		int fd = events[i].data.fd;
		uint32_t v = events[i].events;
		if (fd == driver_in_fd(e->d) || fd == driver_out_fd(e->d))
			continue; /* the caller pumps after every step */
		int what = (v & EPOLLIN ? CURL_CSELECT_IN : 0) | (v & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
			   (v & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
		curl_multi_socket_action(e->multi, fd, what, &running);
	}
	if (e->due_ms >= 0 && clock_mono_ms(&e->config->clock) >= e->due_ms) {
		e->due_ms = -1;
		curl_multi_socket_action(e->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	take_finished(e);
	return 0;
}
