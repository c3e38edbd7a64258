/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors and processes around the core, on libsystemd's sd-event. Called by main.c; the core never sees a descriptor. */
#include "gateway/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/loop_child.h"
#include "gateway/loop_conns.h"
#include "gateway/loop_socket.h"
#include "gateway/power.h"
#include "gateway/reserve.h"
#include "gateway/supervisor.h"

#define STOP_MS 10000
#define FEED_MS 1000
#define REST_MS 100 /* of the listeners, when there is no descriptor for a caller */

struct listener {
	int fd;
	char *path;
	sd_event_source *source;
};

struct loop {
	sd_event *event;
	struct core *core;
	struct loop_conns conns;
	struct listener control, query;
	int drivers_fd;
	int64_t stop_at_mono_ms, fed_mono_ms, accept_at_mono_ms; /* 0 = the listeners do not rest */
	bool stop, hup, words;
};

/* ---- inside a tick ---- */

static void feed_watchdog(struct loop *l, int64_t mono_ms)
{
	if (mono_ms - l->fed_mono_ms < FEED_MS)
		return;
	l->fed_mono_ms = mono_ms;
	sd_notify(0, "WATCHDOG=1");
}

int loop_wait(void *self, int fd, short events, int limit_ms)
{
	struct loop *l = self;
	int64_t mono_ms = clock_mono_ms(l->core->clock), until = mono_ms + limit_ms;
	for (;;) {
		int64_t left = until - mono_ms;
		int ready = loop_conns_poll(&l->conns, fd, events, (int)(left < 0 ? 0 : left < FEED_MS ? left : FEED_MS));
		if (ready)
			return ready;
		mono_ms = clock_mono_ms(l->core->clock);
		feed_watchdog(l, mono_ms);
		if (mono_ms >= until)
			return 0;
	}
}

/* ---- children ---- */

static int start(void *self, struct peer *p, const char *program, char *const argv[], pid_t *ret_pid)
{
	struct loop *l = self;
	pid_t pid;
	int fd, r = loop_child_start(program, argv, l->drivers_fd, &fd, &pid);
	if (r)
		return r;
	if (loop_conns_add(&l->conns, fd, p)) {
		close(fd);
		kill(pid, SIGKILL);
		return E_IO;
	}
	*ret_pid = pid;
	return 0;
}

static int run(void *self, char *const argv[], pid_t *ret_pid)
{
	(void)self;
	return loop_child_run(argv, ret_pid);
}

static void kill_child(void *self, pid_t pid, int sig)
{
	(void)self;
	kill(pid, sig);
}

static int on_child(sd_event_source *s, const struct signalfd_siginfo *si, void *arg)
{
	(void)s;
	(void)si;
	struct loop *l = arg;
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!power_reaped(l->core, pid, status))
			supervisor_reaped(l->core->supervisor, l->core, pid, status);
	return 0;
}

static bool disk_low(void *self, const char *data_dir)
{
	(void)self;
	return reserve_low(data_dir);
}

static void release_reserve(void *self, const char *data_dir)
{
	(void)self;
	reserve_give_up(data_dir);
}

static void words_changed(void *self)
{
	((struct loop *)self)->words = true;
}

const struct core_ops loop_ops = { .start = start, .kill = kill_child, .run = run, .disk_low = disk_low, .release_reserve = release_reserve, .words = words_changed };

/* ---- clients ---- */

static int greet(struct peer *p)
{
	OWN(json) json_t *f = json_pack("{s:s,s:i,s:i}", "op", "hello", "version", 1, "schema", STORE_SCHEMA);
	OWN(buffer) struct buffer line = { 0 };
	int r = f ? json_put_line(&line, f) : E_NOMEM;
	return r ? r : peer_output(p, line.data, line.n_bytes, 0);
}

static void enable(struct listener *at, int enabled)
{
	if (at->source)
		sd_event_source_set_enabled(at->source, enabled);
}

/* A caller who cannot be let in stays ready: asked without a rest, he would take the whole processor. */
static void rest(struct loop *l)
{
	enable(&l->control, SD_EVENT_OFF);
	enable(&l->query, SD_EVENT_OFF);
	l->accept_at_mono_ms = clock_mono_ms(l->core->clock) + REST_MS;
}

/* How long there is to wait at most until the listeners are asked again. */
static int64_t tend_listeners(struct loop *l, int64_t wait_ms)
{
	if (!l->accept_at_mono_ms)
		return wait_ms;
	int64_t left = l->accept_at_mono_ms - clock_mono_ms(l->core->clock);
	if (left > 0)
		return left < wait_ms ? left : wait_ms;
	enable(&l->control, SD_EVENT_ON);
	enable(&l->query, SD_EVENT_ON);
	l->accept_at_mono_ms = 0;
	return wait_ms;
}

static int on_connect(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	(void)s;
	(void)events;
	struct loop *l = arg;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			rest(l);
		return 0;
	}
	struct ucred who;
	socklen_t n = sizeof(who);
	bool known = !getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &n);
	/* the web process speaks on its own socket only, where every frame needs a session */
	if (!known || l->conns.n_clients >= LOOP_CLIENTS_MAX || who.pid == supervisor_web_pid(l->core->supervisor)) {
		close(client);
		return 0;
	}
	struct peer *p = core_peer_add(l->core, PEER_CLIENT);
	if (!p) {
		close(client);
		return 0;
	}
	p->uid = who.uid;
	p->pid = who.pid;
	if (greet(p) || loop_conns_add(&l->conns, client, p)) {
		core_peer_gone(l->core, p);
		close(client);
		return 0;
	}
	l->conns.n_clients++;
	return 0;
}

static int listen_on(struct loop *l, struct listener *at, const char *path, struct complaint *c)
{
	int r = loop_socket_open(path, c, &at->fd);
	if (r)
		return r;
	at->path = strdup(path);
	if (!at->path)
		return E_NOMEM;
	return sd_event_add_io(l->event, &at->source, at->fd, EPOLLIN, on_connect, l) < 0 ? E_IO : 0;
}

static void listener_done(struct listener *at)
{
	if (at->path)
		unlink(at->path);
	sd_event_source_disable_unref(at->source);
	if (at->fd >= 0)
		close(at->fd);
	free(at->path);
	*at = (struct listener){ .fd = -1 };
}

int loop_listen(struct loop *l, const char *path, struct complaint *c)
{
	return listen_on(l, &l->control, path, c);
}

int loop_listen_query(struct loop *l, const char *path, struct complaint *c)
{
	return listen_on(l, &l->query, path, c);
}

void loop_unlisten_query(struct loop *l)
{
	listener_done(&l->query);
}

/* ---- life ---- */

static int on_stop(sd_event_source *s, const struct signalfd_siginfo *si, void *arg)
{
	(void)s;
	(void)si;
	((struct loop *)arg)->stop = true;
	return 0;
}

static int on_hup(sd_event_source *s, const struct signalfd_siginfo *si, void *arg)
{
	(void)s;
	(void)si;
	((struct loop *)arg)->hup = true;
	return 0;
}

int loop_new(struct loop **ret)
{
	struct loop *l = calloc(1, sizeof(*l));
	if (!l)
		return E_NOMEM;
	l->control.fd = l->query.fd = -1;
	l->drivers_fd = -1;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (sd_event_new(&l->event) < 0 || sd_event_add_signal(l->event, NULL, SIGCHLD, on_child, l) < 0 ||
	    sd_event_add_signal(l->event, NULL, SIGTERM, on_stop, l) < 0 || sd_event_add_signal(l->event, NULL, SIGINT, on_stop, l) < 0 ||
	    sd_event_add_signal(l->event, NULL, SIGHUP, on_hup, l) < 0) {
		loop_free(l);
		return E_IO;
	}
	l->conns.event = l->event;
	sd_event_set_watchdog(l->event, true);
	*ret = l;
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	loop_conns_done(&l->conns);
	listener_done(&l->control);
	listener_done(&l->query);
	sd_event_unref(l->event);
	free(l);
}

void loop_attach(struct loop *l, struct core *core)
{
	l->core = l->conns.core = core;
}

void loop_inherit(struct loop *l, int drivers_fd)
{
	l->drivers_fd = drivers_fd;
}

static int wait_events(struct loop *l, int64_t due_mono_ms)
{
	int64_t wait_ms = core_has_work(l->core) ? 0 : due_mono_ms - clock_mono_ms(l->core->clock);
	wait_ms = tend_listeners(l, wait_ms);
	uint64_t wait_us = wait_ms <= 0 ? 0 : (uint64_t)wait_ms * 1000;
	int r = sd_event_run(l->event, wait_us);
	/* everything that is ready shares one commit */
	for (int i = 0; r > 0 && i < 256; i++)
		r = sd_event_run(l->event, 0);
	return r < 0 ? E_IO : 0;
}

/* One turn: what is ready, a tick, what it lets out. */
static int turn_once(struct loop *l, const struct loop_turn *turn)
{
	int r = wait_events(l, turn->due_mono_ms(turn->self));
	if (r)
		return r;
	if (l->hup) {
		l->hup = false;
		turn->reload(turn->arg);
	}
	if (l->words && turn->words) {
		l->words = false;
		turn->words(turn->arg);
	}
	r = turn->tick(turn->self);
	if (!r)
		loop_conns_tend(&l->conns);
	return r;
}

int loop_turn(struct loop *l, const struct loop_turn *turn, bool *ret_asked)
{
	int r = 0;
	while (!r && !l->stop)
		r = turn_once(l, turn);
	if (!r)
		*ret_asked = true;
	return r;
}

static bool stopping_done(struct loop *l)
{
	if (!l->stop)
		return false;
	if (!l->stop_at_mono_ms) {
		sd_notify(0, "STOPPING=1");
		l->stop_at_mono_ms = clock_mono_ms(l->core->clock) + STOP_MS;
		core_stop(l->core);
	}
	return core_stopped(l->core) || clock_mono_ms(l->core->clock) >= l->stop_at_mono_ms;
}

static int tick_core(void *self)
{
	return core_tick(self);
}

static int64_t core_due(void *self)
{
	return core_due_mono_ms(self);
}

int loop_run(struct loop *l, void (*reload)(void *arg), void (*reload_words)(void *arg), void *arg)
{
	struct loop_turn turn = { .tick = tick_core, .due_mono_ms = core_due, .self = l->core, .reload = reload, .words = reload_words, .arg = arg };
	int r = 0;
	do
		r = turn_once(l, &turn);
	while (!r && !stopping_done(l));
	supervisor_kill_all(l->core->supervisor, l->core);
	return r;
}
