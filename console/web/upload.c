/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts pieces, one at a time: the next is read when the core has the last one on disk. Called by api.c. */
#include "console/web/upload.h"

#include <string.h>

#include "console/web/api.h"
#include "console/web/relay.h"
#include "console/web/uplink.h"
#include "console/web/web.h"
#include "gateway/base/json.h"

#define PIECE_BYTES (128 * 1024)

static int put_base64(struct buffer *out, const unsigned char *data, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	int r = buffer_reserve(out, (n + 2) / 3 * 4);
	for (size_t i = 0; !r && i < n; i += 3) {
		unsigned b = (unsigned)data[i] << 16 | (i + 1 < n ? (unsigned)data[i + 1] << 8 : 0) | (i + 2 < n ? data[i + 2] : 0);
		char four[4] = { digits[b >> 18], digits[b >> 12 & 63], i + 1 < n ? digits[b >> 6 & 63] : '=',
				 i + 2 < n ? digits[b & 63] : '=' };
		r = buffer_put(out, four, 4);
	}
	return r;
}

static const char *upload_arg(const struct verb *v)
{
	for (size_t i = 0; i < v->n_args; i++)
		if (v->args[i].type == ARG_UPLOAD)
			return v->args[i].name;
	return "file";
}

/* All pieces are there: the command itself. */
static bool say_command(struct visit *v)
{
	OWN(json) json_t *args = NULL;
	int r = api_query_args(v, &args);
	if (!r)
		r = json_set_int(args, upload_arg(v->verb), v->upload);
	if (!r)
		r = api_command_frame(v, args);
	if (r && !v->answered)
		visit_problem(v, 503, "unavailable", "", "out of memory");
	return !r;
}

static bool piece_heard(struct visit *v, const char *line, size_t n_bytes)
{
	OWN(json) json_t *f = NULL;
	const json_t *result;
	int r = relay_reply(v, line, n_bytes, &f, &result);
	if (!r) {
		v->upload = json_int(result, "upload", 0);
		buffer_cut(&v->body, 0);
		if (v->whole && say_command(v)) {
			uplink_put(v->web->uplink, v);
			return false;
		}
	}
	visit_resume(v);
	return false;
}

/* True = refused; false = asked. */
static bool put_piece(struct visit *v)
{
	struct buffer *out = &v->frame;
	buffer_cut(out, 0);
	v->op = "put";
	v->wire = WIRE_CORE;
	v->heard = piece_heard;
	int r = buffer_printf(out, ",\"upload\":%lld,\"session\":\"%s\",\"data\":\"", (long long)v->upload, v->session);
	if (!r)
		r = put_base64(out, (const unsigned char *)buffer_text(&v->body), buffer_left(&v->body));
	if (!r)
		r = buffer_puts(out, "\"}\n");
	if (r) {
		visit_problem(v, 503, "unavailable", "", "out of memory");
		return true;
	}
	visit_ask(v);
	return false;
}

static bool take(struct visit *v, const char *data, size_t *n_bytes)
{
	size_t room = PIECE_BYTES - buffer_left(&v->body), n = *n_bytes < room ? *n_bytes : room;
	if (buffer_put(&v->body, data, n)) {
		visit_problem(v, 503, "unavailable", "", "out of memory");
		*n_bytes = 0;
		return true;
	}
	*n_bytes -= n;
	return buffer_left(&v->body) < PIECE_BYTES ? true : put_piece(v);
}

static bool run(struct visit *v)
{
	if (buffer_left(&v->body) || !v->upload)
		return put_piece(v);
	if (!say_command(v))
		return true;
	visit_ask(v);
	return false;
}

void upload_begin(struct visit *v)
{
	v->take = take;
	v->run = run;
}
