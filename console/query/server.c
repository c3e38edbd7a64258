/* SPDX-License-Identifier: GPL-3.0-or-later */
/* poll over the core, the socket and its clients; one frame of one client at a time, in turn. While the gate is closed no
 * query is begun and what arrives waits. A client that sends garbage or reads too slowly loses its connection; losing the
 * core ends the program. */
#include "console/query/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "console/query/child.h"
#include "console/query/listener.h"
#include "console/query/reading.h"
#include "console/query/orders.h"
#include "console/query/secretary.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/peer.h"
#include "gateway/store/store.h"

#define CLIENTS_MAX 64
#define OUT_BYTES_MAX (4 << 20)
#define FIXED 4 /* poll slots before the clients: core, listener, backup, report */

struct server {
	const struct server_setup *setup;
	struct answerer answerer;
	int listen_fd;
	bool gate_closed, core_gone;
	pid_t web_pid;
	struct peer *core;
	struct peer *clients[CLIENTS_MAX];
	int fds[CLIENTS_MAX];
	size_t n_clients, turn;
	int64_t last_client;
	struct readings readings;
	struct child backup, report;
	json_t *backup_id; /* of the frame that asked */
	struct orders orders;
};

static void say(struct peer *p, json_t *frame)
{
	OWN(json) json_t *f = frame;
	OWN(buffer) struct buffer line = { 0 };
	if (!f || json_put_line(&line, f) || peer_output(p, buffer_text(&line), buffer_left(&line), 0))
		peer_doom(p, "out of memory");
	else if (buffer_left(&p->out) > OUT_BYTES_MAX)
		peer_doom(p, "does not read");
}

/* ---- the core ---- */

static void say_result(struct server *s, const json_t *id, json_t *result)
{
	say(s->core, json_pack("{s:s,s:O?,s:o}", "op", "answer", "id", id, "result", result));
}

static void on_gate(struct server *s, const json_t *f)
{
	s->gate_closed = json_flag(f, "closed", false);
	store_quiet(s->answerer.in->db);
	if (s->gate_closed)
		say(s->core, json_pack("{s:s,s:b}", "op", "gate", "closed", 1));
}

static void on_hash(struct server *s, const json_t *f)
{
	const char *password = json_str(f, "password", ""), *old_hash = json_str(f, "old_hash", NULL);
	say_result(s, json_object_get(f, "id"), old_hash ? secretary_change(password, json_str(f, "old", ""), old_hash) : secretary_hash(password));
}

static void on_verify(struct server *s, const json_t *f)
{
	say_result(s, json_object_get(f, "id"), secretary_verify(json_str(f, "password", ""), json_str(f, "hash", "")));
}

static void on_backup(struct server *s, const json_t *f)
{
	const json_t *id = json_object_get(f, "id");
	if (child_start(&s->backup, s->setup->config_file, "--backup", json_str(f, "file", "")))
		say_result(s, id, json_pack("{s:s,s:s}", "rule", "busy", "text", "Another backup is being written; try again."));
	else
		s->backup_id = json_deep_copy(id);
}

static void on_changed(struct server *s, const json_t *f)
{
	orders_changed(&s->orders, json_object_get(f, "nouns"));
}

static void on_ping(struct server *s, const json_t *f)
{
	say(s->core, json_pack("{s:s,s:I}", "op", "pong", "n", (json_int_t)json_int(f, "n", 0)));
}

static void on_web(struct server *s, const json_t *f)
{
	s->web_pid = (pid_t)json_int(f, "pid", 0);
}

/* What the core cannot tell the database now. */
static void on_spool(struct server *s, const json_t *f)
{
	s->setup->in->spooled = json_int(f, "spooled", 0);
}

static void on_stop(struct server *s, const json_t *f)
{
	(void)f;
	s->core_gone = true;
}

static struct peer *client_of(struct server *s, int64_t id)
{
	for (size_t i = 0; i < s->n_clients; i++)
		if (s->clients[i]->id == id)
			return s->clients[i];
	return NULL;
}

/* The audit has it: what was read may be shown, if its reader is still there. */
static void on_noted(struct server *s, const json_t *f)
{
	int64_t client = 0;
	json_t *answer = NULL;
	if (readings_noted(&s->readings, json_int(f, "id", 0), clock_now_ms(s->setup->clock), &client, &answer))
		return;
	struct peer *p = client_of(s, client);
	if (p)
		say(p, answer);
	else
		json_decref(answer);
}

static json_t *not_noted(const json_t *answer)
{
	return json_pack("{s:s, s:O?, s:b, s:{s:s, s:i, s:s, s:n, s:s}}", "op", "reply", "id", json_object_get(answer, "id"), "ok", 0, "error", "rule", "unavailable",
			 "status", 503, "field", "", "args", "text", "What is restricted cannot be shown now: the audit could not be written. Try again.");
}

static void give_up_late(struct server *s)
{
	int64_t client = 0;
	json_t *answer = NULL;
	while (readings_late(&s->readings, clock_now_ms(s->setup->clock), &client, &answer)) {
		struct peer *p = client_of(s, client);
		if (p)
			say(p, not_noted(answer));
		json_decref(answer);
	}
}

static void on_nothing(struct server *s, const json_t *f)
{
	(void)s;
	(void)f;
}

static const struct {
	const char *op;
	void (*run)(struct server *s, const json_t *f);
} core_ops[] = {
	{ "gate", on_gate }, { "hash", on_hash }, { "verify", on_verify },   { "backup", on_backup },
	{ "ping", on_ping }, { "web", on_web },   { "stop", on_stop },       { "changed", on_changed },
	{ "spool", on_spool },	 { "noted", on_noted },
	{ "hello", on_nothing }, { "pong", on_nothing }, { "unsupported", on_nothing },
};

static void core_frame(struct server *s, const json_t *f)
{
	const char *op = json_str(f, "op", "");
	for (size_t i = 0; i < COUNT_OF(core_ops); i++)
		if (strcmp(core_ops[i].op, op) == 0) {
			core_ops[i].run(s, f);
			return;
		}
	say(s->core, json_pack("{s:s}", "op", "unsupported"));
}

/* ---- bytes ---- */

/* True when the other end is still there. */
static bool read_into(struct peer *p, int fd)
{
	char block[16384];
	ssize_t n = read(fd, block, sizeof(block));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	return n > 0 && peer_input(p, block, (size_t)n) == 0;
}

static bool write_from(struct peer *p, int fd)
{
	if (!buffer_left(&p->out))
		return true;
	ssize_t n = write(fd, buffer_text(&p->out), buffer_left(&p->out));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	peer_written(p, (size_t)n);
	return true;
}

static void tend_core(struct server *s, short events)
{
	json_t *f;
	if ((events & (POLLIN | POLLHUP | POLLERR)) && !read_into(s->core, s->setup->core_in_fd))
		s->core_gone = true;
	int r;
	while ((r = peer_take_frame(s->core, &f)) == 0) {
		core_frame(s, f);
		json_decref(f);
	}
	if (r != E_AGAIN)
		s->core_gone = true;
	if (!write_from(s->core, s->setup->core_out_fd))
		s->core_gone = true;
}

static void tend_backup(struct server *s)
{
	json_t *result;
	if (!child_read(&s->backup, &result))
		return;
	say_result(s, s->backup_id, result);
	child_done(&s->backup);
	json_decref(MOVE(s->backup_id));
}

/* One report at a time, the oldest order first. */
static void tend_report(struct server *s, bool said)
{
	json_t *result;
	char id[24];
	if (s->report.pid && said && child_read(&s->report, &result)) {
		say(s->core, json_pack("{s:s,s:I,s:o}", "op", "job", "id", (json_int_t)s->orders.last, "result", result));
		child_done(&s->report);
	}
	if (s->report.pid || s->gate_closed || !orders_next(&s->orders, s->answerer.in->db))
		return;
	snprintf(id, sizeof(id), "%lld", (long long)s->orders.last);
	if (child_start(&s->report, s->setup->config_file, "--report", id))
		orders_again(&s->orders);
}

/* ---- clients ---- */

static void greet(struct server *s)
{
	uid_t uid;
	pid_t pid;
	int fd = listener_accept(s->listen_fd, &uid, &pid);
	if (fd < 0)
		return;
	struct peer *p = s->n_clients < CLIENTS_MAX ? peer_new(++s->last_client, PEER_CLIENT) : NULL;
	if (!p) {
		close(fd);
		return;
	}
	p->uid = uid;
	p->pid = pid;
	say(p, json_pack("{s:s,s:i,s:i}", "op", "hello", "version", 1, "schema", STORE_SCHEMA));
	s->fds[s->n_clients] = fd;
	s->clients[s->n_clients++] = p;
}

static void drop_client(struct server *s, size_t i)
{
	close(s->fds[i]);
	peer_free(s->clients[i]);
	s->n_clients--;
	s->clients[i] = s->clients[s->n_clients];
	s->fds[i] = s->fds[s->n_clients];
}

static void tell_attempt(struct server *s, const struct answerer *a)
{
	char verb[64];
	snprintf(verb, sizeof(verb), "%s.%s", a->asked->noun, a->asked->name);
	json_t *tell = readings_attempt(&s->readings, a->actor, verb, a->attempt, s->setup->in->now_ms);
	if (tell)
		say(s->core, tell);
}

/* Said at once, or once the audit has who read the restricted cases in it. */
static void say_answer(struct server *s, struct peer *p, json_t *answer)
{
	const struct answerer *a = &s->answerer;
	char verb[64];
	json_t *tell = NULL;
	if (a->attempt[0])
		tell_attempt(s, a);
	json_t *subjects = a->audited && answer ? readings_of(&s->readings, a->actor, answer, s->setup->in->now_ms) : NULL;
	if (!a->audited || !answer || (subjects && !json_array_size(subjects))) {
		json_decref(subjects);
		say(p, answer);
		return;
	}
	OWN(json) json_t *sorry = not_noted(answer);
	snprintf(verb, sizeof(verb), "%s.%s", a->audited->noun, a->audited->name);
	if (!subjects)
		json_decref(answer);
	if (!subjects || readings_wait(&s->readings, p->id, a->actor, verb, subjects, answer, s->setup->in->now_ms, &tell))
		say(p, MOVE(sorry));
	else
		say(s->core, tell);
}

static void client_frame(struct server *s, struct peer *p, const json_t *f)
{
	const char *op = json_str(f, "op", "");
	s->setup->in->now_ms = clock_now_ms(s->setup->clock);
	if (strcmp(op, "query") == 0)
		say_answer(s, p, answer_query(&s->answerer, p->uid, s->web_pid > 0 && p->pid == s->web_pid, f));
	else if (strcmp(op, "ping") == 0)
		say(p, json_pack("{s:s,s:I}", "op", "pong", "n", (json_int_t)json_int(f, "n", 0)));
	else if (strcmp(op, "hello") != 0)
		say(p, json_pack("{s:s}", "op", "unsupported"));
}

/* One frame of the next client that has one. */
static void serve_one(struct server *s)
{
	for (size_t k = 0; k < s->n_clients; k++) {
		struct peer *p = s->clients[s->turn++ % s->n_clients];
		json_t *f;
		if (p->doomed || !peer_has_line(p))
			continue;
		if (peer_take_frame(p, &f)) {
			peer_doom(p, "garbage");
			continue;
		}
		client_frame(s, p, f);
		json_decref(f);
		return;
	}
}

static bool has_work(const struct server *s)
{
	for (size_t i = 0; !s->gate_closed && i < s->n_clients; i++)
		if (!s->clients[i]->doomed && peer_has_line(s->clients[i]))
			return true;
	return false;
}

static void tend_clients(struct server *s, const struct pollfd *polled, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		struct peer *p = s->clients[i];
		bool there = true;
		if (polled[i].revents & (POLLIN | POLLHUP | POLLERR))
			there = read_into(p, s->fds[i]);
		if (there && !p->doomed)
			there = write_from(p, s->fds[i]);
		if (!there || p->doomed)
			drop_client(s, i);
	}
}

/* ---- the loop ---- */

/* A client with much unread input is not read on: its own fault, its own wait. */
static short wants(const struct peer *p)
{
	short events = buffer_left(&p->in) > FRAME_BYTES_MAX ? 0 : POLLIN;
	return buffer_left(&p->out) ? (short)(events | POLLOUT) : events;
}

static void turn(struct server *s)
{
	struct pollfd p[FIXED + CLIENTS_MAX];
	size_t n = s->n_clients;
	short core_events = buffer_left(&s->core->out) && s->setup->core_in_fd == s->setup->core_out_fd ? POLLIN | POLLOUT : POLLIN;
	p[0] = (struct pollfd){ .fd = s->setup->core_in_fd, .events = core_events };
	p[1] = (struct pollfd){ .fd = n < CLIENTS_MAX ? s->listen_fd : -1, .events = POLLIN };
	p[2] = (struct pollfd){ .fd = s->backup.pid ? s->backup.fd : -1, .events = POLLIN };
	for (size_t i = 0; i < n; i++)
		p[FIXED + i] = (struct pollfd){ .fd = s->fds[i], .events = wants(s->clients[i]) };
	p[3] = (struct pollfd){ .fd = s->report.pid ? s->report.fd : -1, .events = POLLIN };
	int wait_ms = has_work(s) ? 0 : buffer_left(&s->core->out) ? 20 : readings_any(&s->readings) ? 1000 : -1;
	if (poll(p, FIXED + n, wait_ms) < 0)
		return;
	tend_core(s, p[0].revents);
	give_up_late(s);
	if (p[2].revents)
		tend_backup(s);
	tend_report(s, p[3].revents != 0);
	if (!s->gate_closed)
		serve_one(s);
	tend_clients(s, p + FIXED, n);
	if (p[1].revents)
		greet(s);
}

static void server_done(struct server *s)
{
	while (s->n_clients)
		drop_client(s, s->n_clients - 1);
	child_done(&s->backup);
	child_done(&s->report);
	json_decref(s->backup_id);
	peer_free(s->core);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
}

static void set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int server_run(const struct server_setup *setup)
{
	struct server *s = calloc(1, sizeof(*s));
	if (!s)
		return E_NOMEM;
	*s = (struct server){ .setup = setup, .answerer = { .in = setup->in, .registry = setup->registry, .replica = setup->replica }, .web_pid = setup->web_pid,
			      .listen_fd = -1, .core = peer_new(0, PEER_CLIENT), .orders = { .look = true } };
	set_nonblocking(setup->core_in_fd);
	set_nonblocking(setup->core_out_fd);
	int r = s->core ? listener_open(setup->socket, &s->listen_fd) : E_NOMEM;
	while (!r && !s->core_gone)
		turn(s);
	server_done(s);
	free(s);
	return r;
}
