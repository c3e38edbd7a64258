/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modem's line discipline. Called by the loop with what the port gave. */
#include "tests/simulators/modem/line.h"

#include <ctype.h>
#include <string.h>

#include "tests/simulators/modem/command.h"
#include "tests/simulators/modem/need.h"
#include "tests/simulators/modem/sending.h"

#define TEXT_BYTES_MAX 4096
#define ESCAPE 0x1B
#define CTRL_Z 0x1A

static char *taken(struct buffer *b)
{
	char *text = need(strdup(buffer_text(b)));
	buffer_cut(b, 0);
	return text;
}

static void command_due(struct modem *m, void *text)
{
	if (m->hung)
		return;
	if (command_line(m, text))
		line_ready(m);
}

static void body_due(struct modem *m, void *text)
{
	if (m->hung)
		return;
	if (sending_body(m, text))
		line_ready(m);
}

static void prompt_due(struct modem *m, void *data)
{
	(void)data;
	modem_write(m, "\r\n> ", 4);
	m->line.mode = LINE_BODY;
	line_feed(m, "", 0);
}

static void gather(struct line *l, char c)
{
	if (buffer_left(&l->text) < TEXT_BYTES_MAX)
		must(buffer_put(&l->text, &c, 1));
}

static void command_byte(struct modem *m, char c)
{
	struct line *l = &m->line;
	if (l->echo)
		modem_write(m, &c, 1);
	if (c != '\r') {
		if (isprint((unsigned char)c))
			gather(l, c);
		return;
	}
	if (strncasecmp(buffer_text(&l->text), "AT", 2) != 0) {
		buffer_cut(&l->text, 0);
		return;
	}
	l->mode = LINE_BUSY;
	timers_add(&m->timers, m->delays.latency_ms, command_due, taken(&l->text));
}

static void body_byte(struct modem *m, char c)
{
	struct line *l = &m->line;
	if (c == ESCAPE) {
		buffer_cut(&l->text, 0);
		l->mode = LINE_COMMAND;
		modem_say(m, "OK");
	} else if (c == CTRL_Z) {
		l->mode = LINE_BUSY;
		timers_add(&m->timers, m->delays.send_ms, body_due, taken(&l->text));
	} else {
		if (l->echo)
			modem_write(m, &c, 1);
		gather(l, c);
	}
}

void line_feed(struct modem *m, const char *data, size_t n_bytes)
{
	struct line *l = &m->line;
	if (m->hung)
		return;
	must(buffer_put(&l->in, data, n_bytes));
	while (buffer_left(&l->in) && l->mode != LINE_BUSY) {
		char c = *buffer_text(&l->in);
		buffer_take(&l->in, 1);
		if (l->mode == LINE_COMMAND)
			command_byte(m, c);
		else
			body_byte(m, c);
	}
}

void line_ready(struct modem *m)
{
	m->line.mode = LINE_COMMAND;
	line_feed(m, "", 0);
}

void line_prompt(struct modem *m)
{
	timers_add(&m->timers, m->delays.prompt_ms, prompt_due, NULL);
}

void line_hang_up(struct modem *m)
{
	struct line *l = &m->line;
	if (l->mode == LINE_BODY || timers_cancel(&m->timers, prompt_due))
		l->mode = LINE_COMMAND;
	buffer_cut(&l->in, 0);
	buffer_cut(&l->text, 0);
}

void line_reset(struct modem *m)
{
	timers_cancel(&m->timers, command_due);
	timers_cancel(&m->timers, body_due);
	timers_cancel(&m->timers, prompt_due);
	buffer_cut(&m->line.in, 0);
	buffer_cut(&m->line.text, 0);
	m->line.mode = LINE_COMMAND;
}
