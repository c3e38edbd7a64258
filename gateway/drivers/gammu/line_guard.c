/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guard's states. Called by the line for every read on either side; keeps at most one line of each and one raw
 * reply, whatever the modem sends. Never waits and never reads a clock. */
#include "gateway/drivers/gammu/line_guard.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/text.h"
#include "gateway/drivers/gammu/answer.h"

#define ESC 0x1B
#define CTRL_Z 0x1A
#define TAIL_MS 3000
#define QUOTE_MS 1500
#define CTRL_Z_PAUSE_MS 500
#define PENDING_BYTES_MAX (64 * 1024)

void line_guard_init(struct line_guard *g, const struct guard_limits *limits)
{
	*g = (struct line_guard){ .state = GUARD_IDLE, .limits = { .prompt_ms = GUARD_PROMPT_MS, .answer_ms = GUARD_ANSWER_MS } };
	if (limits)
		g->limits = *limits;
}

static void forget_urcs(struct line_guard *g)
{
	for (size_t i = 0; i < g->n_urcs; i++)
		free(g->urcs[i].text);
	g->n_urcs = 0;
}

void line_guard_done(struct line_guard *g)
{
	forget_urcs(g);
	buffer_done(&g->reply);
	buffer_done(&g->to_modem);
	buffer_done(&g->to_library);
	buffer_done(&g->held);
}

static void put(struct line_guard *g, struct buffer *to, const char *bytes, size_t n_bytes)
{
	if (buffer_left(to) + n_bytes > PENDING_BYTES_MAX || buffer_put(to, bytes, n_bytes))
		g->failed = true;
}

/* Writes now, or after_ms later. */
static void put_later(struct line_guard *g, const char *bytes, size_t n_bytes, int64_t after_ms, int64_t now_ms)
{
	put(g, after_ms ? &g->held : &g->to_modem, bytes, n_bytes);
	g->held_till_ms = now_ms + after_ms;
}

static void release_held(struct line_guard *g)
{
	put(g, &g->to_modem, buffer_text(&g->held), buffer_left(&g->held));
	buffer_done(&g->held);
	g->send.handed |= g->held_ends;
	g->held_ends = false;
}

static void to_library(struct line_guard *g, const char *line)
{
	put(g, &g->to_library, "\r\n", 2);
	put(g, &g->to_library, line, strlen(line));
	put(g, &g->to_library, "\r\n", 2);
}

static void add_urc(struct line_guard *g, enum guard_urc_kind kind, const char *text)
{
	bool spare = kind == GUARD_STORED || kind == GUARD_NETWORK;
	char *copy = g->n_urcs < (spare ? GUARD_URCS / 2 : GUARD_URCS) ? strdup(text) : NULL;
	if (copy)
		g->urcs[g->n_urcs++] = (struct guard_urc){ kind, copy };
	else
		g->dropped_lines++;
}

/* ---- ends ----------------------------------------------------------------------------------------------------- */

static void close_command(struct line_guard *g)
{
	g->state = GUARD_IDLE;
	g->command[0] = '\0';
	buffer_done(&g->held);
	g->held_ends = false;
}

static void end_send(struct line_guard *g, enum guard_sent sent)
{
	if (g->send.sent == GUARD_SENT_OPEN)
		g->send.sent = sent;
}

static void end_library(struct line_guard *g, const char *final)
{
	to_library(g, final);
	close_command(g);
}

static void end_raw(struct line_guard *g, enum guard_raw how)
{
	g->raw = how;
	close_command(g);
}

bool line_guard_sending(const struct line_guard *g)
{
	return g->state == GUARD_PROMPT || g->state == GUARD_DATA || g->state == GUARD_FINAL || g->state == GUARD_TAIL;
}

static void on_final(struct line_guard *g, const char *line, enum answer_final final, enum cms_kind kind, int code)
{
	if (g->owner == GUARD_DRIVER) {
		g->raw_kind = kind;
		g->raw_code = code;
		end_raw(g, final == ANSWER_OK ? GUARD_RAW_OK : GUARD_RAW_ERROR);
		return;
	}
	if (final == ANSWER_ERROR && line_guard_sending(g) && g->send.sent == GUARD_SENT_OPEN) {
		g->send.kind = kind;
		g->send.code = code;
		end_send(g, GUARD_SENT_ERROR);
	} else if (final == ANSWER_OK && g->state == GUARD_FINAL) {
		end_send(g, GUARD_SENT_NO_ANSWER); /* OK without a reference proves nothing, */
		g->sick = true;			   /* and the right answer may still come into the next send */
	} else if (final == ANSWER_OK && (g->state == GUARD_PROMPT || g->state == GUARD_DATA)) {
		return; /* belongs to something earlier: no message was entered yet */
	}
	enum answer_final told = g->state == GUARD_COMMAND ? answer_softened(g->command, final, g->replied) : final;
	end_library(g, told == final ? line : told == ANSWER_OK ? "OK" : "ERROR");
}

/* ---- lines of the modem --------------------------------------------------------------------------------------- */

static void on_urc(struct line_guard *g, const char *line)
{
	const char *rest = strchr(line, ':');
	rest = rest ? rest + 1 + strspn(rest + 1, " ") : "";
	if (!strncmp(line, "+CMTI:", 6) || !strncmp(line, "+CDSI:", 6)) {
		add_urc(g, GUARD_STORED, rest);
	} else if (!strncmp(line, "+CMT:", 5) || !strncmp(line, "+CDS:", 5)) {
		g->pdu_next = true;
		g->pdu_of = line[2] == 'M' ? GUARD_DELIVER : GUARD_REPORT;
	} else if (!strncmp(line, "+CUSD:", 6)) {
		add_urc(g, GUARD_USSD, rest);
	} else if (!strncmp(line, "+CREG:", 6)) {
		add_urc(g, GUARD_NETWORK, rest);
	}
}

static void on_reply(struct line_guard *g, const char *line)
{
	g->replied = true;
	if (g->owner == GUARD_LIBRARY) {
		to_library(g, line);
	} else if (buffer_left(&g->reply) + strlen(line) < GUARD_REPLY_BYTES) {
		if (buffer_puts(&g->reply, line) || buffer_puts(&g->reply, "\n"))
			g->failed = true;
	} else {
		g->dropped_lines++;
	}
}

static void on_reference(struct line_guard *g, const char *line, int mr, int64_t now_ms)
{
	g->send.mr = mr;
	end_send(g, GUARD_SENT_ACCEPTED);
	to_library(g, line);
	g->state = GUARD_TAIL;
	g->due_ms = now_ms + TAIL_MS;
}

static void on_line(struct line_guard *g, const char *line, int64_t now_ms)
{
	enum cms_kind kind = CMS_PLAIN;
	int code = 0, mr;
	if (g->pdu_next && answer_may_be_pdu(line)) {
		g->pdu_next = false;
		add_urc(g, g->pdu_of, line);
		return;
	}
	if (answer_is_urc(line, g->command)) {
		on_urc(g, line);
		return;
	}
	enum answer_final final = g->state == GUARD_IDLE ? ANSWER_NOT_FINAL : answer_final(line, &kind, &code);
	g->pdu_next &= final == ANSWER_NOT_FINAL; /* the PDU was lost */
	if (final != ANSWER_NOT_FINAL)
		on_final(g, line, final, kind, code);
	else if (g->state == GUARD_FINAL && (mr = answer_reference(line)) >= 0)
		on_reference(g, line, mr, now_ms);
	else if (g->state == GUARD_COMMAND && strcmp(line, g->command) && answer_belongs(line, g->command))
		on_reply(g, line);
	else
		g->dropped_lines++;
}

/* A USSD text may hold line breaks: the line goes on until its quote is closed. */
static bool is_open_quote(const char *line)
{
	if (strncmp(line, "+CUSD:", 6))
		return false;
	const char *first = strchr(line, '"'), *last = strrchr(line, '"');
	if (!first)
		return false;
	return first == last || last[1 + strspn(last + 1, ", 0123456789")] != '\0';
}

static void end_line(struct line_guard *g, int64_t now_ms)
{
	while (g->n_line && g->line[g->n_line - 1] == ' ')
		g->n_line--;
	g->line[g->n_line] = '\0';
	g->n_line = 0;
	g->open_quote = g->too_long = false;
	on_line(g, g->line, now_ms);
}

static void on_break(struct line_guard *g, int64_t now_ms)
{
	if (!g->n_line)
		return;
	g->line[g->n_line] = '\0';
	if (!g->too_long && is_open_quote(g->line) && g->n_line + 2 < sizeof(g->line)) {
		g->open_quote = true;
		if (g->line[g->n_line - 1] != '\n')
			g->line[g->n_line++] = '\n';
		return;
	}
	end_line(g, now_ms);
}

static void on_prompt(struct line_guard *g, int64_t now_ms)
{
	g->n_line = 0;
	g->state = GUARD_DATA;
	g->n_typed = 0;
	g->due_ms = now_ms + GUARD_PROMPT_MS;
	put(g, &g->to_library, "\r\n> ", 4);
}

static void from_modem(struct line_guard *g, char c, int64_t now_ms)
{
	g->line_at_ms = now_ms;
	if (c == '\r' || c == '\n' || c == ESC || c == CTRL_Z) { /* the last two as an echo */
		on_break(g, now_ms);
	} else if (c == '\0' || (!g->n_line && c == ' ')) {
		return; /* sent by modems that start up, and behind a prompt */
	} else if (c == '>' && !g->n_line && g->state == GUARD_PROMPT) {
		on_prompt(g, now_ms);
	} else if (g->n_line + 2 < sizeof(g->line)) {
		g->line[g->n_line++] = c;
	} else {
		g->too_long = true;
		g->dropped_bytes++;
	}
}

void line_guard_from_modem(struct line_guard *g, const char *bytes, size_t n_bytes, int64_t now_ms)
{
	for (size_t i = 0; i < n_bytes; i++)
		from_modem(g, bytes[i], now_ms);
}

/* ---- what the library writes ---------------------------------------------------------------------------------- */

static void open_command(struct line_guard *g, const char *command, enum guard_owner owner, int64_t limit_ms, int64_t now_ms)
{
	g->state = GUARD_COMMAND;
	g->owner = owner;
	g->replied = false;
	g->due_ms = now_ms + g->limits.pause_ms + limit_ms;
	size_t n = strlen(command);
	memcpy(g->command, command, n + 1);
	put_later(g, command, n, g->limits.pause_ms, now_ms);
	put_later(g, "\r", 1, g->limits.pause_ms, now_ms);
}

static void refuse(struct line_guard *g)
{
	g->refused++;
	to_library(g, "ERROR");
}

static void open_send(struct line_guard *g, int64_t now_ms)
{
	char command[32];
	snprintf(command, sizeof(command), "AT+CMGS=%d", g->tpdu_bytes);
	g->armed = false;
	open_command(g, command, GUARD_LIBRARY, g->limits.prompt_ms, now_ms);
	g->state = GUARD_PROMPT;
}

static bool is_clean(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			return false;
	return true;
}

static void on_typed(struct line_guard *g, int64_t now_ms)
{
	char *line = g->typed;
	line[g->n_typed] = '\0';
	g->n_typed = 0;
	if (!*line)
		return;
	put(g, &g->to_library, line, strlen(line));
	put(g, &g->to_library, "\r", 1);
	bool send = !strncmp(line, "AT+CMGS=", 8) && line[8] != '?';
	if (answer_is_echo(line))
		to_library(g, "OK"); /* the modem's own echo stays off; this is the library's */
	else if (g->state != GUARD_IDLE || g->sick || !is_clean(line) || !answer_allowed(line) || (send && !g->armed))
		refuse(g);
	else if (send)
		open_send(g, now_ms);
	else
		open_command(g, line, GUARD_LIBRARY, answer_limit_ms(line), now_ms);
}

/* Length in hex digits of the SMSC octets that open the library's PDU; 0 when they make no sense. */
static size_t smsc_digits(const char *hex, size_t n)
{
	if (n < 2 || strspn(hex, "0123456789ABCDEFabcdef") != n)
		return 0;
	char two[3] = { hex[0], hex[1], '\0' };
	size_t octets = (size_t)strtoul(two, NULL, 16);
	return octets <= 12 && 2 + 2 * octets <= n ? 2 + 2 * octets : 0;
}

static void on_ctrl_z(struct line_guard *g, int64_t now_ms)
{
	g->typed[g->n_typed] = '\0';
	size_t smsc = smsc_digits(g->typed, g->n_typed);
	g->send.differs = strcasecmp(g->typed + smsc, g->tpdu_hex) != 0;
	put(g, &g->to_modem, smsc ? g->typed : "00", smsc ? smsc : 2);
	put(g, &g->to_modem, g->tpdu_hex, strlen(g->tpdu_hex));
	int64_t pause_ms = g->limits.pause_ms ? CTRL_Z_PAUSE_MS : 0;
	put_later(g, "\x1A", 1, pause_ms, now_ms);
	g->n_typed = 0;
	g->send.handed = pause_ms == 0;
	g->held_ends = pause_ms != 0;
	g->state = GUARD_FINAL;
	g->due_ms = now_ms + pause_ms + g->limits.answer_ms;
}

static void from_library(struct line_guard *g, char c, int64_t now_ms)
{
	if (c == ESC && g->state == GUARD_DATA) {
		put(g, &g->to_modem, "\x1B", 1);
		end_send(g, GUARD_SENT_NO_PROMPT);
		end_library(g, "ERROR");
		g->n_typed = 0;
	} else if (c == CTRL_Z && g->state == GUARD_DATA) {
		on_ctrl_z(g, now_ms);
	} else if (c == ESC || c == CTRL_Z) {
		g->n_typed = 0; /* what the library still typed of a message that ended before it noticed */
	} else if (c == '\r' && g->state != GUARD_DATA) {
		on_typed(g, now_ms);
	} else if ((unsigned char)c >= 0x20 && g->n_typed + 1 < sizeof(g->typed)) {
		g->typed[g->n_typed++] = c;
	}
}

void line_guard_from_library(struct line_guard *g, const char *bytes, size_t n_bytes, int64_t now_ms)
{
	for (size_t i = 0; i < n_bytes; i++)
		from_library(g, bytes[i], now_ms);
}

/* ---- the driver's side ---------------------------------------------------------------------------------------- */

static void time_out(struct line_guard *g)
{
	switch (g->state) {
	case GUARD_IDLE:
		return;
	case GUARD_PROMPT:
	case GUARD_DATA:
		put(g, &g->to_modem, "\x1B", 1);
		end_send(g, GUARD_SENT_NO_PROMPT);
		break;
	case GUARD_FINAL:
		end_send(g, GUARD_SENT_NO_ANSWER);
		break;
	case GUARD_TAIL: /* "+CMGS: n" came, only its OK is lost */
		end_library(g, "OK");
		return;
	case GUARD_COMMAND:
		break;
	}
	g->sick = true;
	if (g->owner == GUARD_DRIVER)
		end_raw(g, GUARD_RAW_SILENT);
	else
		end_library(g, "ERROR");
}

void line_guard_tick(struct line_guard *g, int64_t now_ms)
{
	if (g->open_quote && now_ms - g->line_at_ms >= QUOTE_MS)
		end_line(g, now_ms);
	if (buffer_left(&g->held) && now_ms >= g->held_till_ms)
		release_held(g);
	if (g->state != GUARD_IDLE && now_ms >= g->due_ms)
		time_out(g);
}

int64_t line_guard_due_ms(const struct line_guard *g)
{
	int64_t due = g->state == GUARD_IDLE ? INT64_MAX : g->due_ms;
	int64_t quote = g->open_quote ? g->line_at_ms + QUOTE_MS : INT64_MAX;
	int64_t held = buffer_left(&g->held) ? g->held_till_ms : INT64_MAX;
	due = held < due ? held : due;
	return quote < due ? quote : due;
}

int line_guard_arm(struct line_guard *g, const uint8_t *tpdu, size_t n_bytes)
{
	static const char digits[] = "0123456789ABCDEF";
	if (2 * n_bytes + 1 > sizeof(g->tpdu_hex))
		return E_TOO_BIG;
	for (size_t i = 0; i < n_bytes; i++) {
		g->tpdu_hex[2 * i] = digits[tpdu[i] >> 4];
		g->tpdu_hex[2 * i + 1] = digits[tpdu[i] & 15];
	}
	g->tpdu_hex[2 * n_bytes] = '\0';
	g->tpdu_bytes = (int)n_bytes;
	g->send = (struct guard_send){ .sent = GUARD_SENT_OPEN, .mr = -1 };
	g->armed = true;
	return 0;
}

int line_guard_raw(struct line_guard *g, const char *command, int64_t limit_ms, int64_t now_ms)
{
	if (!is_clean(command) || strlen(command) + 1 > sizeof(g->command))
		return E_INVALID;
	if (g->state != GUARD_IDLE)
		return E_UNAVAILABLE;
	buffer_done(&g->reply);
	g->raw = GUARD_RAW_OPEN;
	open_command(g, command, GUARD_DRIVER, limit_ms, now_ms);
	return 0;
}

void line_guard_heal(struct line_guard *g)
{
	g->sick = false;
	g->n_line = g->n_typed = 0;
	g->pdu_next = g->open_quote = g->too_long = false;
}

void line_guard_escape(struct line_guard *g)
{
	put(g, &g->to_modem, "\x1B\r", 2);
}

void line_guard_lose(struct line_guard *g)
{
	if (line_guard_sending(g))
		end_send(g, GUARD_SENT_LOST);
	g->sick = true;
	if (g->state == GUARD_IDLE)
		return;
	if (g->owner == GUARD_DRIVER)
		end_raw(g, GUARD_RAW_SILENT);
	else
		end_library(g, "ERROR");
}
