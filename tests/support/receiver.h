/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine that is told what happens: listens on 127.0.0.1, checks the signature of every event with OpenSSL (not with our code) and
 * keeps what it took. Answers as it is told to. In a thread of its own; failures to set it up end the test. */
#ifndef CAUNOI_TESTS_SUPPORT_RECEIVER_H
#define CAUNOI_TESTS_SUPPORT_RECEIVER_H

#include <jansson.h>
#include <stdbool.h>

struct receiver;

/* key: the signatures' key, as bytes of a text. */
struct receiver *receiver_start(const char *key);
void receiver_stop(struct receiver *r);
int receiver_port(const struct receiver *r);
/* The next n events are answered 500 after they were read. */
void receiver_fail_next(struct receiver *r, int n);
/* The same with another status line, and perhaps headers: "410 Gone". head must live as long. */
void receiver_refuse_next(struct receiver *r, int n, const char *head);
/* While it is mute nothing is answered. */
void receiver_mute(struct receiver *r, bool mute);
/* Bodies of what was answered 2xx, in that order; the caller's. */
json_t *receiver_taken(struct receiver *r);
/* The state that each message was told last, by its id; the caller's. */
json_t *receiver_states(struct receiver *r);
/* So far: 2xx answers, all requests, and those whose signature, moment or id was wrong. */
int receiver_n_taken(struct receiver *r);
int receiver_n_requests(struct receiver *r);
int receiver_n_bad(struct receiver *r);

#endif
