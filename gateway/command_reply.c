/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two frames that end a command: its result, or what was wrong with it in words and as an HTTP status. */
#include "gateway/command_reply.h"

#include "gateway/base/json.h"
#include "gateway/core.h"

static int status_of(int err)
{
	switch ((enum err)err) {
	case E_INVALID:
	case E_TOO_BIG: return 422;
	case E_NOT_FOUND: return 404;
	case E_EXISTS:
	case E_REFUSED: return 409;
	case E_DENIED: return 403;
	case E_UNAVAILABLE: return 503;
	case E_CONFIG: return 422;
	case E_OK:
	case E_NOMEM:
	case E_IO:
	case E_CORRUPT:
	case E_NEWER:
	case E_PROTOCOL:
	case E_AGAIN:
	case E_UNDO:
	case E_UNKNOWN:
	case E_BROKEN: return 500;
	}
	return 500;
}

static const char *rule_of(int err)
{
	int status = status_of(err);
	return status == 404 ? "not_found" : status == 403 ? "denied" : status == 503 ? "unavailable" : status == 422 ? "invalid" : status == 409 ? "refused" : "failed";
}

int command_reply_ok(struct tick *t, int64_t peer, int64_t id, json_t *result)
{
	return tick_send_peer(t, peer, json_pack("{s:s,s:I,s:b,s:o}", "op", "reply", "id", (json_int_t)id, "ok", 1, "result", result ? result : json_null()), 0);
}

int command_reply_error(struct tick *t, int64_t peer, int64_t id, int err, const struct refusal *why)
{
	const char *text = why->text[0] ? why->text : err_text(err);
	return tick_send_peer(t, peer, json_pack("{s:s,s:I,s:b,s:{s:s,s:i,s:s,s:O?,s:s}}", "op", "reply", "id", (json_int_t)id, "ok", 0, "error", "rule",
						 why->rule[0] ? why->rule : rule_of(err), "status", why->status ? why->status : status_of(err),
						 "field", why->field, "args", why->args, "text", text), 0);
}
