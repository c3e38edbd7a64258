/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-web with a core and a query process that the test plays: what it passes on is read and answered by hand. Every step that
 * fails ends the test. */
#ifndef CAUNOI_TESTS_WEBRIG_H
#define CAUNOI_TESTS_WEBRIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/base/buffer.h"

#define WEBRIG_SECRET "hook+secret/0123456789"
#define WEBRIG_SECRET_URL "hook%2Bsecret%2F0123456789"
#define WEBRIG_TOKEN "Authorization: Bearer tok-1\r\n"
#define WEBRIG_HOST "Host: test\r\n"
#define WEBRIG_URL "http://127.0.0.1:8480" /* its public address */
#define WEBRIG_WAIT_MS 30000

struct webrig {
	pid_t pid;
	int core;	       /* our end of the web's standard input */
	int query_door, query; /* listening; accepted, -1 = none */
	struct buffer core_in, query_in;
	char folder[64], listen[108], query_path[108];
};

/* cmocka's set-up and tear-down; greeted: the core has said hello. */
int webrig_begin(void **state);
int webrig_greeted(void **state);
/* As greeted, with behind_proxy = true. */
int webrig_behind_proxy(void **state);
/* Ten requests of a token at once, then one a second. */
int webrig_paced(void **state);
int webrig_end(void **state);
void webrig_greet(struct webrig *w);
/* The core's end is closed; the program's exit code. */
int webrig_exit_code(struct webrig *w);
int64_t webrig_mono_ms(void);

/* ---- the caller's side ---- */
int webrig_call(const struct webrig *w);
void webrig_send(int fd, const char *text, size_t n);
void webrig_say(int fd, const char *text);
/* more: lines of the head, each with its CR LF. */
void webrig_post(int fd, const char *path, const char *more, const char *body);

struct webrig_answer {
	int status; /* 0 = closed without one */
	struct buffer all;
	char *body; /* in all */
};
#define WEBRIG_ANSWER __attribute__((cleanup(webrig_answer_done))) struct webrig_answer
void webrig_answer_done(struct webrig_answer *a);
/* One answer out of what the connection gives. */
void webrig_read_answer(int fd, struct webrig_answer *a, int after_ms);
/* Says request on a connection of its own. */
void webrig_ask(struct webrig *w, const char *request, struct webrig_answer *ret);
bool webrig_has_field(const struct webrig_answer *a, const char *line);
/* True when the other side closes within after_ms. */
bool webrig_is_closed(int fd, int after_ms);

/* ---- the core's and the query process's side ---- */
/* The next frame to the core, which is alive: it answers pings. */
json_t *webrig_core_frame(struct webrig *w);
/* The same; NULL when none comes in time. */
json_t *webrig_core_next(struct webrig *w, int after_ms);
void webrig_no_core_frame(struct webrig *w, int after_ms);
json_t *webrig_query_frame(struct webrig *w);
/* Answers a frame: op and what stands behind its id. */
void webrig_reply(int fd, const json_t *frame, const char *op, const char *rest);
/* A door for the query process. */
int webrig_listen(const char *path);
void webrig_accept_query(struct webrig *w);
void webrig_hang_up_query(struct webrig *w);

#endif
