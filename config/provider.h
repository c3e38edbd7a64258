/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An HTTP SMS API as data: how a message becomes a request, what an answer means, how callbacks are read. The profile
 * file is read once; everything after is pure. Used by drivers/http (requests, answers) and console/web (callbacks).
 *
 *     struct provider *p;  provider_load(file, &p, &complaint);
 *     struct provider_request r = { 0 };  provider_request(p, &m, secrets, &r, &why);  … r.path, r.body, r.headers …
 *     struct provider_answer a;  provider_answer(p, &received, &a);  … provider_answer_done(&a);
 */
#ifndef CAUNOI_CONFIG_PROVIDER_H
#define CAUNOI_CONFIG_PROVIDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/document.h"
#include "gateway/base/buffer.h"
#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

struct provider;

/* E_NOT_FOUND (no such file), E_IO, E_CONFIG (file, line, key and sentence in *c), E_NOMEM. */
MUST_CHECK int provider_load(const char *file, struct provider **ret, struct complaint *c);
void provider_free(struct provider *p);

const char *provider_name(const struct provider *p);
const char *provider_method(const struct provider *p); /* "GET", "POST", "PUT": of every submit */
bool provider_idempotent(const struct provider *p);    /* the same key twice is one message */
int provider_lifetime_h(const struct provider *p);     /* how long the provider remembers a key; 0 = not said */
double provider_timeout_s(const struct provider *p);
/* How the carrier counts: at most upto[0] characters are one segment, upto[1] two …, longer texts are refused. */
#define PROVIDER_SEGMENTS_MAX 16
enum provider_text { PROVIDER_PLAIN, PROVIDER_UNICODE, PROVIDER_ADVERT, PROVIDER_TEXTS }; /* advert: plain, the carrier adds to it */
struct provider_limits {
	int upto[PROVIDER_SEGMENTS_MAX];
	int n; /* 0 = not said: the network's own */
};
const struct provider_limits *provider_limits(const struct provider *p, enum provider_text kind);
bool provider_unicode(const struct provider *p);
int provider_max_characters(const struct provider *p); /* 0 = not said */
/* One of the texts that a template-locked route takes; true for every text where the route is not locked. */
bool provider_takes_text(const struct provider *p, const char *text);
#define PROVIDER_BATCH_MAX 1000
int provider_batch(const struct provider *p); /* messages of one text that one request may carry */
bool provider_needs_token(const struct provider *p); /* {{auth}} must be fetched: provider_token_request */
bool provider_has_lookup(const struct provider *p);
/* Seconds from the doubt to look-up n (from 0); -1 = no more. */
int provider_lookup_after_s(const struct provider *p, int n);
/* Are its prices Vietnamese dong? */
bool provider_charges_vnd(const struct provider *p);
bool provider_has_balance(const struct provider *p);
bool provider_has_inbound(const struct provider *p);
bool provider_has_receipt(const struct provider *p);
bool provider_path_fixed(const struct provider *p);    /* the same path for every message */
bool provider_headers_fixed(const struct provider *p); /* the same headers for every message */
/* First secret that the profile names and secrets lacks (requests and signature); NULL = all there. Borrowed. */
const char *provider_missing_secret(const struct provider *p, const json_t *secrets);

/* ---- requests ---- */
struct provider_message {
	const char *to;		 /* E.164 with "+" */
	const char *text;	 /* UTF-8, whole */
	const char *sender;	 /* "" = none */
	const char *key;	 /* the same in every attempt */
	const char *attempt;
	const char *receipt_url; /* "" or NULL = none */
	int parts;
	bool unicode; /* does not fit GSM 7-bit */
	int64_t validity_s, now_ms;
	const char *token;     /* what provider_token_answer gave; NULL = none is needed */
	const char *reference; /* look-ups: the provider's id; NULL or "" = not known */
};
struct provider_request {
	const char *method; /* borrowed from the profile */
	double timeout_s;
	struct buffer path;    /* behind base_url, with its query */
	struct buffer headers; /* "Name: value" strings, each ended by a NUL; Content-Type among them */
	int n_headers;
	struct buffer body;
};
struct provider_refusal {
	const char *rule;  /* static: "unsafe_value" "no_secret" "too_long" "unicode" "not_national" "too_big" … */
	const char *fault; /* static: "message" or "channel" */
};
/* Fills *ret, reusing its memory. E_REFUSED with *ret_why: the message cannot be said in this profile; E_NOMEM. */
MUST_CHECK int provider_request(const struct provider *p, const struct provider_message *m, const json_t *secrets,
				struct provider_request *ret, struct provider_refusal *ret_why);
/* The same for n messages of one text and sender, n ≤ provider_batch; each was tried alone before. */
MUST_CHECK int provider_requests(const struct provider *p, const struct provider_message *m, size_t n, const json_t *secrets,
				 struct provider_request *ret, struct provider_refusal *ret_why);
MUST_CHECK int provider_token_request(const struct provider *p, const json_t *secrets, int64_t now_ms, struct provider_request *ret,
				      struct provider_refusal *ret_why);
/* Asks what became of a message; of m to, key, attempt, sender, reference, token and now_ms are looked at. */
MUST_CHECK int provider_lookup_request(const struct provider *p, const struct provider_message *m, const json_t *secrets,
				       struct provider_request *ret, struct provider_refusal *ret_why);
MUST_CHECK int provider_balance_request(const struct provider *p, const json_t *secrets, const char *token, int64_t now_ms,
					struct provider_request *ret, struct provider_refusal *ret_why);
void provider_request_done(struct provider_request *r);

/* ---- answers ---- */
struct provider_answer {
	const char *outcome; /* static: "accepted" "refused" "not_sent" "unclear" */
	const char *fault;   /* static: "message" "recipient" "channel"; NULL = none */
	const char *detail;  /* static English; NULL = none */
	char *reference;     /* provider's id; NULL = none */
	char *code;	     /* provider's code, or "http:429"; NULL = none */
	char *price;	       /* as the provider wrote it; NULL = not said */
	int64_t retry_after_s; /* 0 = not said; at most a day */
	int segments;	       /* what the provider counted; 0 = not said */
	bool renew;	       /* the token was refused: a new one is to be fetched */
	bool whole;	       /* said of the request, not of this one of its messages */
};
/* First rule whose conditions all hold. "accepted" without the id that the profile names, or out of an unreadable body,
 * becomes "unclear". E_NOMEM only. */
MUST_CHECK int provider_answer(const struct provider *p, const struct received *in, struct provider_answer *ret);
/* The answer to a request for n messages, m as they were sent: ret has room for n. */
MUST_CHECK int provider_answers(const struct provider *p, const struct provider_message *m, size_t n, const struct received *in,
				struct provider_answer *ret);
void provider_answer_done(struct provider_answer *a);

struct provider_token {
	const char *outcome; /* static: "accepted"; "not_sent" (try again); "refused" (a person must act) */
	char *token;	     /* with "accepted"; the caller's, secret */
	int64_t lifetime_s;
	char *detail; /* else: what came instead, without secrets and numbers; the caller's */
};
MUST_CHECK int provider_token_answer(const struct provider *p, const struct received *in, const json_t *secrets, struct provider_token *ret);
void provider_token_done(struct provider_token *t);
/* "accepted" and "refused" are proof; "not_sent": the provider does not know the message; "unclear": not decided yet. */
MUST_CHECK int provider_lookup_answer(const struct provider *p, const struct received *in, struct provider_answer *ret);
/* Whole units of the account's currency. E_INVALID: the answer does not say it. */
MUST_CHECK int provider_balance_answer(const struct provider *p, const struct received *in, int64_t *ret);

/* ---- callbacks ---- */
struct provider_inbound {
	char *id, *from, *to, *text; /* id and to may be NULL; from as the network gave it */
	int ref, total, part;	     /* total 0 = whole; else one part of total, from 1 */
};
struct provider_receipt {
	char *reference;    /* the id that the answer gave */
	const char *status; /* static: "delivered" "failed" "buffered" (also for a word the map lacks) */
	char *code;	    /* the provider's own status word */
	char *to;	    /* NULL = not said */
};
struct provider_event {
	char *malformed; /* JSON of the element that cannot be read as an event; NULL = one of the two below */
	bool is_receipt;
	struct provider_inbound inbound;
	struct provider_receipt receipt;
};
struct provider_events {
	struct provider_event *at;
	size_t n, n_malformed; /* n: with the malformed ones; may be 0: nothing that concerns us */
};
/* Every event of a callback that came to the one or the other address, in its order; one whose "only" says that it is of the
 * other kind is read as that; of many, those that cannot be read stand among the others. E_NOT_FOUND: the profile has no such
 * callback; E_INVALID: malformed as a whole, or no event of it can be read (400, keep the raw); E_NOMEM. *ret_why (static) is set where
 * something is malformed: the first key of the profile that found nothing it could use, "receipt.status". */
MUST_CHECK int provider_events(const struct provider *p, bool is_receipt, const struct received *in, struct provider_events *ret,
			       const char **ret_why);
void provider_event_done(struct provider_event *e);
void provider_events_done(struct provider_events *e);
/* The same where it holds exactly one event, of that kind. */
MUST_CHECK int provider_inbound(const struct provider *p, const struct received *in, struct provider_inbound *ret);
MUST_CHECK int provider_receipt(const struct provider *p, const struct received *in, struct provider_receipt *ret);
void provider_inbound_done(struct provider_inbound *i);
void provider_receipt_done(struct provider_receipt *r);
/* Body of the 200 answer; "" = empty. */
const char *provider_inbound_reply(const struct provider *p);
const char *provider_receipt_reply(const struct provider *p);
/* 0 good (or the profile has no signature there); E_DENIED absent or wrong (403); E_NOMEM. Constant time. *ret_skew_s: how far a
 * signed moment lies from now_ms where that alone is why, else 0. */
MUST_CHECK int provider_signature(const struct provider *p, bool is_receipt, const json_t *secrets, const struct received *in,
				  int64_t *ret_skew_s);

#endif
