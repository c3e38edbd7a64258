/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. Called by the tests of the core's modules; knows the frames, nothing of what the core makes of them. */
#include "tests/support/sim_driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/base/json.h"
#include "gateway/flow.h"
#include "gateway/outbox.h"

const char sim_four_parts[] = "111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"
			   "111111111111111111111111"
			   "111111111111111111222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222222"
			   "222222222222222222222222"
			   "222222222222222222222222222222222222333333333333333333333333333333333333333333333333333333333333333333333333333"
			   "333333333333333333333333"
			   "333333333333333333333333333333333333333333333333333333444";

void sim_tick(struct fixture *f)
{
	assert_int_equal(core_tick(f->core), 0);
}

void sim_wait(struct fixture *f, int64_t after_ms)
{
	clock_advance(&f->clock, after_ms);
	sim_tick(f);
}

void sim_set_now(struct fixture *f, int64_t at_ms)
{
	clock_advance(&f->clock, at_ms - clock_now_ms(&f->clock));
}

int64_t sim_flow(struct fixture *f, enum message_class class)
{
	int64_t id;
	struct tick *t = fixture_begin(f);
	assert_int_equal(flow_new(t, "chien dich", class, &id), 0);
	assert_int_equal(flow_set_state(t, id, FLOW_RUNNING, 0), 0);
	fixture_commit(f);
	return id;
}

struct peer *sim_driver_connect(struct fixture *f, int channel, const char *ready)
{
	struct peer *p = core_peer_add(f->core, PEER_DRIVER);
	assert_non_null(p);
	p->channel = channel;
	f->core->channels[channel].peer = p->id;
	if (ready)
		sim_driver_say(p, "%s", ready);
	sim_tick(f);
	return p;
}

void sim_driver_lose(struct fixture *f, struct peer *p)
{
	core_peer_gone(f->core, p);
}

void sim_driver_say(struct peer *p, const char *fmt, ...)
{
	char *line = NULL;
	va_list ap;
	va_start(ap, fmt);
	int n = vasprintf(&line, fmt, ap);
	va_end(ap);
	assert_true(n > 0);
	assert_int_equal(peer_input(p, line, (size_t)n), 0);
	assert_int_equal(peer_input(p, "\n", 1), 0);
	free(line);
}

json_t *sim_driver_read(struct peer *p)
{
	json_t *frames = json_array();
	const char *text = buffer_text(&p->out), *end;
	size_t left = buffer_left(&p->out);
	while (left && (end = memchr(text, '\n', left))) {
		json_t *f = NULL;
		assert_int_equal(json_parse(text, (size_t)(end - text), &f), 0);
		json_array_append_new(frames, f);
		left -= (size_t)(end - text) + 1;
		text = end + 1;
	}
	assert_int_equal(left, 0);
	peer_written(p, buffer_left(&p->out));
	return frames;
}

static const json_t *nth(const json_t *frames, const char *op, int n)
{
	size_t i;
	const json_t *f;
	json_array_foreach (frames, i, f)
		if (!strcmp(json_str(f, "op", ""), op) && n-- == 0)
			return f;
	return NULL;
}

char *sim_driver_field(struct peer *p, const char *op, int n, const char *field)
{
	OWN(json) json_t *frames = sim_driver_read(p);
	const char *text = json_str(nth(frames, op, n), field, NULL);
	return text ? strdup(text) : NULL;
}

int sim_driver_count(struct peer *p, const char *op)
{
	OWN(json) json_t *frames = sim_driver_read(p);
	int n = 0;
	while (nth(frames, op, n))
		n++;
	return n;
}

int sim_driver_part(struct peer *p, int64_t *ret_attempt)
{
	OWN(json) json_t *frames = sim_driver_read(p);
	*ret_attempt = 0;
	for (size_t i = 0; i < json_array_size(frames); i++) {
		const json_t *f = json_array_get(frames, i);
		if (strcmp(json_str(f, "op", ""), "submit"))
			continue;
		assert_int_equal(*ret_attempt, 0);
		*ret_attempt = atoll(json_str(f, "attempt", ""));
		assert_int_equal(json_int(f, "parts", 0), 4);
		return (int)json_int(f, "part", 0);
	}
	return 0;
}

int64_t sim_driver_attempt(struct peer *p)
{
	OWN(json) json_t *frames = sim_driver_read(p);
	assert_null(nth(frames, "submit", 1));
	return strtoll(json_str(nth(frames, "submit", 0), "attempt", "0"), NULL, 10);
}

void sim_driver_result(struct peer *p, int64_t attempt, const char *outcome, const char *more)
{
	sim_driver_say(p, "{\"op\":\"result\",\"attempt\":\"%lld\",\"outcome\":\"%s\"%s}", (long long)attempt, outcome, more);
}

int64_t sim_put(struct fixture *f, const struct sim_message *m)
{
	struct phone to;
	char key[64];
	int64_t address = 0, id = 0;
	assert_int_equal(phone_parse(&f->config->plan, m->number ? m->number : "+84912345678", &to, NULL), 0);
	struct tick *t = fixture_begin(f);
	snprintf(key, sizeof(key), "test:%lld", (long long)tick_seq(t));
	assert_int_equal(address_put(t, &to, &address), 0);
	int64_t flow = m->flow ? m->flow : message_class_is_bulk(m->class) ? FLOW_SINGLE : FLOW_ANSWERS;
	struct outbox_put p = { .key = m->key ? m->key : key,
				.flow = flow,
				.address = address,
				.class = m->class,
				.topic = m->topic,
				.text = m->text ? m->text : "Xin chao",
				.pin = m->pin,
				.wish = m->wish,
				.due_at = m->due_at,
				.expires_at = m->expires_at };
	assert_int_equal(outbox_put(t, &p, &id), 0);
	fixture_commit(f);
	return id;
}

static char *format(const char *fmt, va_list ap)
{
	char *sql = NULL;
	assert_true(vasprintf(&sql, fmt, ap) > 0);
	return sql;
}

int64_t sim_int(struct fixture *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	OWN(mem) char *sql = format(fmt, ap);
	va_end(ap);
	return store_scalar(f->db, sql, INT64_MIN);
}

char *sim_text(struct fixture *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	OWN(mem) char *sql = format(fmt, ap);
	va_end(ap);
	struct statement *st = store_prepare_text(f->db, sql);
	char *text = strdup(store_row(st) > 0 && column_text(st, 0) ? column_text(st, 0) : "");
	store_drop(st);
	return text;
}

void sim_sql(struct fixture *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	OWN(mem) char *sql = format(fmt, ap);
	va_end(ap);
	assert_int_equal(store_begin(f->db), 0);
	assert_int_equal(store_script(f->db, sql), 0);
	assert_int_equal(store_commit(f->db), 0);
}

void sim_assert_text(char *text, const char *want, const char *file, int line)
{
	OWN(mem) char *got = text;
	_assert_string_equal(got ? got : "(none)", want, file, line);
}
