/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One HTTP request under way. It belongs to one thread at a time: to the library's while it is read and answered, to the
 * front thread between visit_ask and visit_resume. */
#ifndef CAUNOI_WEB_VISIT_H
#define CAUNOI_WEB_VISIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "console/web/front.h"
#include "console/web/target.h"
#include "gateway/base/buffer.h"
#include "gateway/base/err.h"

struct web;
struct verb;
struct registry;
struct MHD_Connection;

enum wire_name { WIRE_CORE, WIRE_QUERY, WIRE_COUNT };

struct visit {
	struct web *web;
	struct MHD_Connection *connection;
	struct front_ticket ticket;
	char method[8];
	struct target target;
	bool begun, whole, answered, stream;
	/* The endpoint's. take: a piece of body; *n_bytes becomes what it leaves; NULL = gathered in body. run: the body is whole.
	 * Both: true = go on (run has answered); false = asked, v belongs to the front thread and must not be looked at. */
	bool (*take)(struct visit *v, const char *data, size_t *n_bytes);
	bool (*run)(struct visit *v);
	/* Front thread: a frame that answers. Ends with visit_resume or uplink_put; or true: more frames to the same id come. */
	bool (*heard)(struct visit *v, const char *line, size_t n_bytes);
	const struct verb *verb;
	const char *id; /* in target */
	char *session, *key;
	struct buffer body;
	int64_t upload, uploaded_bytes;
	char ticket_text[128]; /* disclosure */
	json_t *args;	       /* disclosure: for the query behind the command */
	json_t *rows;
	const void *channel;
	bool is_receipt;
	uint64_t seen_seq; /* stream */
	bool stream_waits, stream_beat;
	int64_t stream_until_ms;
	/* What is asked: op, and the frame from behind its id. */
	enum wire_name wire;
	const char *op;
	struct buffer frame;
	bool asked_again;
	int64_t deadline_ms;
	/* The answer. */
	int status, retry_after_s;
	const char *type, *allow, *encoding, *cache; /* static or of a longer life; NULL = none, "no-store" */
	bool varies;		  /* by Accept-Encoding */
	bool packs;		  /* may be sent as gzip: no secret of the session is in it */
	bool by_cookie, closed;	  /* closed: the cookie goes */
	char *opened, *device;	  /* values of cookies to be set */
	struct buffer answer;
	struct visit *next; /* hand-over, streams */
};

/* Library's thread. v->frame, op, wire, heard are set: the request is suspended and handed to the front thread. */
void visit_ask(struct visit *v);
/* Front thread. v is answered (or wants more body): back to the library; v must not be touched any more. */
void visit_resume(struct visit *v);
/* Whichever thread has it. The answer's text is copied. */
void visit_say(struct visit *v, int status, const char *type, const void *data, size_t n_bytes);
void visit_problem(struct visit *v, int status, const char *rule, const char *field, const char *detail);
/* A problem from a core's or query's error object. */
void visit_error(struct visit *v, const json_t *error);
/* Library's thread: header by name in any case, NULL = absent. Borrowed while the request lasts. */
const char *visit_header(struct visit *v, const char *name);
/* Reads Authorization, else the cookie; false = refused with 401 or 403. */
bool visit_session(struct visit *v);
/* Library's thread: queues the answer; an MHD_Result. */
int visit_respond(struct visit *v);
void visit_free(struct visit *v);

#endif
