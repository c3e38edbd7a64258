/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One verb: what a person or a machine can ask for. A row beside its noun; the CLI, the API, --help, completion, the
 * OpenAPI file, the role matrix and docs/verbs.md are printed from these rows. Arguments are checked here before the
 * function sees them: it gets an object that holds every declared argument (absent ones with their default, or missing
 * when they have none), of the right JSON type and in range. */
#ifndef CAUNOI_GATEWAY_VERB_H
#define CAUNOI_GATEWAY_VERB_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "gateway/base/err.h"

struct tick;
struct scope;

enum verb_kind {
	VERB_COMMAND,    /* writes; runs in the core, in the tick */
	VERB_QUERY,      /* reads; runs in caunoi-query */
	VERB_DISCLOSURE, /* opens sealed data: a command commits audit and quota and gives a ticket, the query answers it */
	VERB_LOCAL,      /* needs no core: runs in the CLI, or in caunoid called by the CLI */
};

enum role {
	ROLE_OPERATOR,
	ROLE_OUTREACH,
	ROLE_APPROVER,
	ROLE_REVIEWER,
	ROLE_SECRETARY,
	ROLE_ADMINISTRATOR,
	ROLE_AUDITOR,
	ROLE_COUNT,
};
#define R_(r) (1u << ROLE_##r)
#define ROLES_ALL ((1u << ROLE_COUNT) - 1)
#define ROLES_STAFF (R_(OPERATOR) | R_(OUTREACH) | R_(APPROVER) | R_(REVIEWER) | R_(SECRETARY))

enum arg_type {
	ARG_TEXT,  /* string, valid UTF-8, at most max bytes (default 4096) */
	ARG_INT,   /* integer in [min, max] when max > min */
	ARG_FLAG,  /* boolean; --name on the command line */
	ARG_NUM,   /* number */
	ARG_TIME,  /* ISO 8601 text; local without offset; passed on as text, checked where it is used */
	ARG_PHONE, /* a telephone number; the function receives E.164 */
	ARG_FILE,  /* a file the CLI reads ("-" = standard input): small ones arrive as text (max bytes), see ARG_UPLOAD */
	ARG_UPLOAD, /* a file of any size: the caller sends {"op":"put"} chunks first, the argument is the upload's id */
	ARG_NAME,  /* [a-z0-9-]{1,32}: a channel, a user */
};

struct verb_arg {
	const char *name; /* "max-per-day": dashes here and on the command line; JSON may have "max_per_day" as well */
	enum arg_type type;
	int rank;         /* 1, 2 … positional; 0 = option. ID of the thing = rank 1 and name "id" */
	bool required;
	int64_t min, max;
	const char *otherwise;      /* default as text, NULL = absent */
	const char *const *choices; /* NULL-terminated, NULL = any */
	bool any_bytes; /* on the command line it may be what a phone sends: bytes that are no UTF-8 are read as text_read does */
	const char *help_en, *help_vi;
};

struct call {
	const struct verb *verb;
	const char *dotted; /* "campaign.approve" */
	const json_t *args; /* checked, borrowed */
	const char *actor;  /* "uid:0", "user:admin": the audit's and the two-person rule's */
	enum role role;
	const char *unit;   /* territory: unit code prefix, "" = everything */
	const char *key;    /* idempotency key or NULL */
	const char *session; /* what the caller carries, a session or a token; NULL = the machine's own people */
	int64_t peer, request; /* who waits for the reply */
};

/* Why not, in a form that the edge turns into words. */
struct refusal {
	int status;     /* HTTP status: 400 403 404 409 422 429 503 … ; 0 = from the err code */
	char rule[48];  /* "opted_out", "two_person", "lint" … */
	char field[64]; /* argument, or "" */
	char text[400]; /* one English sentence; no people's numbers or words but the caller's own */
	char attempt[40]; /* "case:7": it is there, and whoever asked may not know; for the audit alone, "" = none */
	json_t *args;   /* values for the sentence, may be NULL; freed by refusal_done */
};
/* Fills and returns err, so that `return refuse(why, E_REFUSED, 409, "two_person", "", "…")` reads well. */
int refuse(struct refusal *why, int err, int status, const char *rule, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
void refusal_done(struct refusal *why);

/* 0 with *ret (the caller's) = the noun's shape; E_AGAIN waits (tick_ask); other negative: refused, *why filled or taken from err. */
typedef int (*command_fn)(struct tick *t, const struct call *c, json_t **ret, struct refusal *why);
/* *ret is an object (one thing) or an array (a page of a list: at most args.limit items; *ret_next = cursor of the
 * next page or 0). */
typedef int (*query_fn)(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why);

struct verb {
	const char *noun, *name; /* "campaign", "approve"; noun "" for check-config and the like */
	enum verb_kind kind;
	unsigned roles;          /* R_(OPERATOR) | …; the operator may do everything */
	bool creates;            /* HTTP 201 */
	bool own_key;            /* keeps its idempotency keys itself, as long as the thing lives */
	bool anyone;             /* may be asked without a session: logging in */
	bool whole;              /* of the whole organisation: a territory that does not hold it is not enough */
	bool remote;             /* VERB_LOCAL that needs no file of the caller: queries may ask it too */
	bool audited;            /* a query: rows that say "restricted": true are shown once the audit has who read them */
	bool list;               /* answers a list: args limit (1–1000, default 100) and after are added by the registry */
	const struct verb_arg *args;
	size_t n_args;
	const char *help_en, *help_vi;
	command_fn command; /* VERB_COMMAND, VERB_DISCLOSURE (writes audit and quota) */
	query_fn query;     /* VERB_QUERY, VERB_DISCLOSURE (answers) */
};

/* Tables of verbs, one per module, gathered in one array by the program. */
struct verb_table {
	const struct verb *verbs;
	size_t n_verbs;
};
#define VERB_ARGS(a) .args = (a), .n_args = sizeof(a) / sizeof((a)[0])
#define VERB_TABLE(v) { .verbs = (v), .n_verbs = sizeof(v) / sizeof((v)[0]) }

/* What every list takes besides its own arguments: limit and after. */
#define VERB_LIST_ARGS 2
extern const struct verb_arg verb_list_args[VERB_LIST_ARGS];

const char *role_name(enum role r);
MUST_CHECK int role_parse(const char *name, enum role *ret);
const char *verb_kind_name(enum verb_kind k);
const char *arg_type_name(enum arg_type t);

/* Checks args (an object as it came; unknown names refused, "limit" and "after" known for lists) against v and gives a complete
 * new object. From the command line numbers and flags may come as text ("12", "true"): they are read. E_INVALID with
 * *why (status 422, field, rule "missing", "unknown_argument", "wrong_type", "out_of_range", "not_a_choice", "bad_number"). plan
 * (struct phone_plan) may be NULL: phones are then passed on as they are. */
struct phone_plan;
MUST_CHECK int verb_check(const struct verb *v, const json_t *args, const struct phone_plan *plan, json_t **ret,
			  struct refusal *why);
/* May this role use this verb? */
bool verb_allowed(const struct verb *v, enum role role);

#endif
