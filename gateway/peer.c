/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buffers of one connected program, and which submits have begun to leave. Called by core.c and loop.c. */
#include "gateway/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"

struct peer *peer_new(int64_t id, enum peer_kind kind)
{
	struct peer *p = calloc(1, sizeof(*p));
	if (p)
		*p = (struct peer){ .id = id, .kind = kind, .channel = -1 };
	return p;
}

void peer_free(struct peer *p)
{
	if (!p)
		return;
	buffer_done(&p->in);
	buffer_done(&p->out);
	free(p->marks);
	free(p);
}

void peer_doom(struct peer *p, const char *why)
{
	if (p->doomed)
		return;
	p->doomed = true;
	snprintf(p->why, sizeof(p->why), "%s", why);
}

int peer_input(struct peer *p, const void *data, size_t n_bytes)
{
	int r = buffer_put(&p->in, data, n_bytes);
	if (!r && buffer_left(&p->in) > FRAME_BYTES_MAX && !memchr(buffer_text(&p->in), '\n', FRAME_BYTES_MAX + 1))
		r = E_PROTOCOL;
	return r;
}

bool peer_has_line(const struct peer *p)
{
	return buffer_left(&p->in) && memchr(buffer_text(&p->in), '\n', buffer_left(&p->in)) != NULL;
}

int peer_take_frame(struct peer *p, json_t **ret)
{
	const char *text = buffer_text(&p->in);
	size_t left = buffer_left(&p->in);
	const char *end = left ? memchr(text, '\n', left) : NULL;
	if (!end)
		return E_AGAIN;
	size_t n = (size_t)(end - text);
	json_t *frame = NULL;
	int r = n > FRAME_BYTES_MAX ? E_PROTOCOL : json_parse(text, n, &frame);
	buffer_take(&p->in, n + 1);
	if (r || !json_is_object(frame)) {
		json_decref(frame);
		return E_PROTOCOL;
	}
	*ret = frame;
	return 0;
}

static int mark(struct peer *p, int64_t attempt)
{
	if (p->n_marks == p->marks_room) {
		size_t room = p->marks_room ? p->marks_room * 2 : 64;
		struct peer_mark *m = realloc(p->marks, room * sizeof(*m));
		if (!m)
			return E_NOMEM;
		p->marks = m;
		p->marks_room = room;
	}
	p->marks[p->n_marks++] = (struct peer_mark){ attempt, p->put_bytes };
	return 0;
}

int peer_output(struct peer *p, const char *data, size_t n_bytes, int64_t attempt)
{
	int r = attempt ? mark(p, attempt) : 0;
	if (!r)
		r = buffer_put(&p->out, data, n_bytes);
	if (!r)
		p->put_bytes += n_bytes;
	return r;
}

void peer_written(struct peer *p, size_t n_bytes)
{
	buffer_take(&p->out, n_bytes);
	p->written_bytes += n_bytes;
	while (p->marks_from < p->n_marks && p->marks[p->marks_from].from < p->written_bytes)
		p->marks_from++;
	if (p->marks_from == p->n_marks)
		p->marks_from = p->n_marks = 0;
}

bool peer_was_written(const struct peer *p, int64_t attempt)
{
	for (size_t i = p->marks_from; i < p->n_marks; i++)
		if (p->marks[i].attempt == attempt)
			return false;
	return true;
}
