/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors and processes around the core, on libsystemd's sd-event. Called by main.c; the core never sees a descriptor. */
#include "gateway/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/supervisor.h"

#define READ_BYTES 65536
#define IN_BYTES_MAX (1 << 20)
#define OUT_BYTES_MAX (64 << 20)
#define CLIENTS_MAX 256
#define STOP_MS 10000
#define RESERVE_BYTES (64 << 20)
#define LOW_BYTES (256ull << 20)
#define WAIT_CONNS_MAX (CLIENTS_MAX + CHANNELS_MAX + 8)
#define FEED_MS 1000

struct conn {
	struct loop *loop;
	int64_t peer;
	int fd;
	sd_event_source *source;
	bool eof, watching_out, watching_in;
	bool too_long; /* a line over the limit: the peer is doomed when no tick runs */
	struct conn *next;
};

struct listener {
	int fd;
	char *path;
	sd_event_source *source;
};

struct loop {
	sd_event *event;
	struct core *core;
	struct conn *conns;
	struct listener control, query;
	int drivers_fd, n_clients;
	int64_t stop_at_mono_ms, fed_mono_ms;
	bool stop, hup;
};

/* ---- reading and writing ---- */

static int watch(struct conn *c, bool in, bool out)
{
	if (c->watching_in == in && c->watching_out == out)
		return 0;
	c->watching_in = in;
	c->watching_out = out;
	return sd_event_source_set_io_events(c->source, (in ? EPOLLIN : 0u) | (out ? EPOLLOUT : 0u)) < 0 ? E_IO : 0;
}

static void read_some(struct conn *c, struct peer *p)
{
	char data[READ_BYTES];
	for (int round = 0; round < 8 && !c->eof; round++) {
		ssize_t n = read(c->fd, data, sizeof(data));
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0)
			c->eof = true;
		else if (peer_input(p, data, (size_t)n))
			c->too_long = c->eof = true;
		if (n < (ssize_t)sizeof(data))
			return;
	}
}

static void write_out(struct conn *c, struct peer *p)
{
	while (buffer_left(&p->out)) {
		ssize_t n = send(c->fd, buffer_text(&p->out), buffer_left(&p->out), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			c->eof = true;
			return;
		}
		peer_written(p, (size_t)n);
	}
}

static bool wants_in(const struct conn *c, const struct peer *p)
{
	return buffer_left(&p->in) < IN_BYTES_MAX && !c->eof;
}

static void write_some(struct conn *c, struct peer *p)
{
	write_out(c, p);
	if (c->eof)
		return;
	if (buffer_left(&p->out) > OUT_BYTES_MAX)
		peer_doom(p, "reads too slowly");
	if (watch(c, wants_in(c, p), buffer_left(&p->out) > 0))
		c->eof = true;
}

static int on_io(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	(void)s;
	(void)fd;
	struct conn *c = arg;
	struct peer *p = core_peer_find(c->loop->core, c->peer);
	if (!p)
		return 0;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_some(c, p);
	if (c->eof && watch(c, false, false))
		return 0;
	return 0;
}

static int add_conn(struct loop *l, int fd, struct peer *p)
{
	struct conn *c = calloc(1, sizeof(*c));
	if (!c)
		return E_NOMEM;
	*c = (struct conn){ .loop = l, .peer = p->id, .fd = fd, .watching_in = true };
	if (sd_event_add_io(l->event, &c->source, fd, EPOLLIN, on_io, c) < 0) {
		free(c);
		return E_IO;
	}
	c->next = l->conns;
	l->conns = c;
	return 0;
}

static void drop_conn(struct loop *l, struct conn *c)
{
	struct conn **at = &l->conns;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	struct peer *p = core_peer_find(l->core, c->peer);
	if (p) {
		l->n_clients -= p->kind == PEER_CLIENT;
		if (p->doomed)
			log_warn("peer.dropped", "peer=%lld reason=%s", (long long)p->id, p->why);
		core_peer_gone(l->core, p);
	}
	sd_event_source_disable_unref(c->source);
	close(c->fd);
	free(c);
}

/* After the tick: out with what may go, away with whoever left. */
static void tend_conns(struct loop *l)
{
	struct conn *next;
	for (struct conn *c = l->conns; c; c = next) {
		next = c->next;
		struct peer *p = core_peer_find(l->core, c->peer);
		if (p && c->too_long)
			peer_doom(p, "a frame over the limit");
		if (p && !c->eof)
			write_some(c, p);
		bool read_out = !p || !peer_has_line(p);
		if (!p || p->doomed || (c->eof && read_out) || (p->closing && !buffer_left(&p->out)))
			drop_conn(l, c);
	}
}

/* ---- inside a tick ---- */

static void feed_watchdog(struct loop *l, int64_t mono_ms)
{
	if (mono_ms - l->fed_mono_ms < FEED_MS)
		return;
	l->fed_mono_ms = mono_ms;
	sd_notify(0, "WATCHDOG=1");
}

/* Connections that can be tended while a tick waits; who wants nothing is left out, or its hang-up would never let poll rest. */
static nfds_t gather_conns(struct loop *l, struct pollfd *ret, struct conn **ret_conns)
{
	nfds_t n = 0;
	for (struct conn *c = l->conns; c && n < WAIT_CONNS_MAX; c = c->next) {
		struct peer *p = core_peer_find(l->core, c->peer);
		if (!p || c->eof)
			continue;
		short events = (short)((wants_in(c, p) ? POLLIN : 0) | (buffer_left(&p->out) ? POLLOUT : 0));
		if (!events)
			continue;
		ret[n] = (struct pollfd){ .fd = c->fd, .events = events };
		ret_conns[n++] = c;
	}
	return n;
}

static void tend_inside(struct loop *l, const struct pollfd *fds, struct conn *const *conns, nfds_t n)
{
	for (nfds_t i = 0; i < n; i++) {
		struct peer *p = core_peer_find(l->core, conns[i]->peer);
		if (fds[i].revents & (POLLIN | POLLHUP | POLLERR))
			read_some(conns[i], p);
		if ((fds[i].revents & POLLOUT) && !conns[i]->eof)
			write_out(conns[i], p);
	}
}

int loop_wait(void *self, int fd, short events, int limit_ms)
{
	struct loop *l = self;
	int64_t mono_ms = clock_mono_ms(l->core->clock), until = mono_ms + limit_ms;
	struct pollfd fds[1 + WAIT_CONNS_MAX];
	struct conn *conns[WAIT_CONNS_MAX];
	for (;;) {
		fds[0] = (struct pollfd){ .fd = fd, .events = events };
		nfds_t n = gather_conns(l, fds + 1, conns);
		int64_t left = until - mono_ms;
		int ready = poll(fds, 1 + n, (int)(left < 0 ? 0 : left < FEED_MS ? left : FEED_MS));
		if (ready < 0 && errno != EINTR)
			return -1;
		if (ready > 0)
			tend_inside(l, fds + 1, conns, n);
		if (ready > 0 && fds[0].revents)
			return 1;
		mono_ms = clock_mono_ms(l->core->clock);
		feed_watchdog(l, mono_ms);
		if (mono_ms >= until)
			return 0;
	}
}

/* ---- children ---- */

static int program_path(const char *program, char *ret, size_t room)
{
	if (program[0] == '/')
		return snprintf(ret, room, "%s", program) < (int)room ? 0 : E_TOO_BIG;
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return E_IO;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(ret, room, "%s/%s", self, program);
	if (!access(ret, X_OK))
		return 0;
	snprintf(ret, room, "%s/../libexec/caunoi/%s", self, program);
	return access(ret, X_OK) ? E_NOT_FOUND : 0;
}

static void child_main(struct loop *l, int fd, const char *path, char *const argv[])
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		_exit(1); /* the core died before the line above */
	if (dup2(fd, 0) < 0 || dup2(fd, 1) < 0)
		_exit(126);
	if (l->drivers_fd >= 0)
		fcntl(l->drivers_fd, F_SETFD, 0);
	execv(path, argv);
	_exit(127);
}

static int start(void *self, struct peer *p, const char *program, char *const argv[], pid_t *ret_pid)
{
	struct loop *l = self;
	char path[600];
	int pair[2], r = program_path(program, path, sizeof(path));
	if (r)
		return r;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return E_IO;
	int size = 1 << 20;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	pid_t pid = fork();
	if (pid == 0)
		child_main(l, pair[1], path, argv);
	close(pair[1]);
	if (pid < 0 || fcntl(pair[0], F_SETFL, O_NONBLOCK) || add_conn(l, pair[0], p)) {
		close(pair[0]);
		if (pid > 0)
			kill(pid, SIGKILL);
		return E_IO;
	}
	*ret_pid = pid;
	return 0;
}

static void command_main(char *const argv[])
{
	char *const environment[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	int fd = open("/dev/null", O_RDWR);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1 || fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0)
		_exit(126);
	execve(argv[0], argv, environment);
	_exit(127);
}

static int run(void *self, char *const argv[], pid_t *ret_pid)
{
	(void)self;
	pid_t pid = fork();
	if (pid == 0)
		command_main(argv);
	if (pid < 0)
		return E_IO;
	*ret_pid = pid;
	return 0;
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

/* ---- disk ---- */

static void reserve_path(const char *data_dir, char *ret, size_t room)
{
	snprintf(ret, room, "%s/reserve", data_dir);
}

static bool disk_low(void *self, const char *data_dir)
{
	(void)self;
	struct statvfs v;
	if (statvfs(data_dir, &v))
		return false;
	unsigned long long free_bytes = (unsigned long long)v.f_bavail * v.f_frsize, all = (unsigned long long)v.f_blocks * v.f_frsize;
	bool low = free_bytes < (all / 20 > LOW_BYTES ? all / 20 : LOW_BYTES);
	char path[600];
	reserve_path(data_dir, path, sizeof(path));
	if (!low && access(path, F_OK)) {
		int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0 && posix_fallocate(fd, 0, RESERVE_BYTES))
			unlink(path);
		if (fd >= 0)
			close(fd);
	}
	return low;
}

static void release_reserve(void *self, const char *data_dir)
{
	(void)self;
	struct statvfs v;
	char path[600];
	if (!statvfs(data_dir, &v) && (unsigned long long)v.f_bavail * v.f_frsize > RESERVE_BYTES / 4)
		return; /* refused for another reason */
	reserve_path(data_dir, path, sizeof(path));
	if (!unlink(path))
		log_warn("disk.reserve", "the disk is full; the reserve was given up so that messages still come in");
}

const struct core_ops loop_ops = { .start = start, .kill = kill_child, .run = run, .disk_low = disk_low, .release_reserve = release_reserve };

/* ---- clients ---- */

static int greet(struct peer *p)
{
	OWN(json) json_t *f = json_pack("{s:s,s:i,s:i}", "op", "hello", "version", 1, "schema", STORE_SCHEMA);
	OWN(buffer) struct buffer line = { 0 };
	int r = f ? json_put_line(&line, f) : E_NOMEM;
	return r ? r : peer_output(p, line.data, line.n_bytes, 0);
}

static int on_connect(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	(void)s;
	(void)events;
	struct loop *l = arg;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0)
		return 0;
	struct ucred who;
	socklen_t n = sizeof(who);
	bool known = !getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &n);
	/* the web process speaks on its own socket only, where every frame needs a session */
	if (!known || l->n_clients >= CLIENTS_MAX || who.pid == supervisor_web_pid(l->core->supervisor)) {
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
	if (greet(p) || add_conn(l, client, p)) {
		core_peer_gone(l->core, p);
		close(client);
		return 0;
	}
	l->n_clients++;
	return 0;
}

/* A core of another data folder answers there: its socket is not taken away. */
static bool somebody_listens(const struct sockaddr_un *a)
{
	OWN(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return fd >= 0 && (connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0 || errno == EAGAIN);
}

/* Members of the group may connect; what they may do follows from their account. */
static void open_to_group(const char *path)
{
	const struct group *g = getgrnam("caunoi");
	if (g && chown(path, (uid_t)-1, g->gr_gid) && geteuid() == 0)
		log_warn("control.group", "path=%s error=%s", path, strerror(errno));
}

static int bind_socket(const char *path, struct complaint *c, int *ret_fd)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	snprintf(c->file, sizeof(c->file), "%s", path);
	if (strlen(path) >= sizeof(a.sun_path)) {
		complaint_set(c, "control", "too_long", "a socket path has at most %zu bytes", sizeof(a.sun_path) - 1);
		return E_CONFIG;
	}
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (somebody_listens(&a)) {
		complaint_set(c, "control", "in_use", "another gateway listens here; stop it, or choose another control");
		return E_IO;
	}
	if (!lstat(path, &st) && S_ISSOCK(st.st_mode))
		unlink(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t before = umask(0117);
	int bad = fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 64);
	umask(before);
	if (bad) {
		complaint_set(c, "control", "unusable", "cannot listen here: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return E_CONFIG;
	}
	*ret_fd = fd;
	return 0;
}

static int listen_on(struct loop *l, struct listener *at, const char *path, struct complaint *c)
{
	int r = bind_socket(path, c, &at->fd);
	if (r)
		return r;
	open_to_group(path);
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
	sd_event_set_watchdog(l->event, true);
	*ret = l;
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	while (l->conns)
		drop_conn(l, l->conns);
	listener_done(&l->control);
	listener_done(&l->query);
	sd_event_unref(l->event);
	free(l);
}

void loop_attach(struct loop *l, struct core *core)
{
	l->core = core;
}

void loop_inherit(struct loop *l, int drivers_fd)
{
	l->drivers_fd = drivers_fd;
}

static int wait_events(struct loop *l, int64_t due_mono_ms)
{
	int64_t wait_ms = core_has_work(l->core) ? 0 : due_mono_ms - clock_mono_ms(l->core->clock);
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
	r = turn->tick(turn->self);
	if (!r)
		tend_conns(l);
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

int loop_run(struct loop *l, void (*reload)(void *arg), void *arg)
{
	struct loop_turn turn = { .tick = tick_core, .due_mono_ms = core_due, .self = l->core, .reload = reload, .arg = arg };
	int r = 0;
	do
		r = turn_once(l, &turn);
	while (!r && !stopping_done(l));
	supervisor_kill_all(l->core->supervisor, l->core);
	return r;
}
