/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filter between the modem's line and libgammu's pty. It sees the truth of the wire: which command is open, the
 * prompt, the Ctrl-Z, the final answer; so the outcome of a send never depends on what the library made of it. Pure:
 * bytes in, bytes out, time as an argument; no descriptors. One owner at a time has a command open: the library or the
 * driver ("raw"). What it does for the library: supplies the echo, drops unknown unsolicited lines, answers every
 * command within a limit, refuses what must not reach the modem (resets, PIN, a second send).
 * One thread at a time; the caller locks. */
#ifndef CAUNOI_DRIVERS_GAMMU_LINE_GUARD_H
#define CAUNOI_DRIVERS_GAMMU_LINE_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/buffer.h"
#include "gateway/base/err.h"
#include "gateway/drivers/gammu/cms.h"

#define GUARD_LINE_BYTES 4096
#define GUARD_REPLY_BYTES (256 * 1024)
#define GUARD_URCS 128 /* half of them at most for such that polling makes up for */
#define GUARD_PROMPT_MS 10000
#define GUARD_ANSWER_MS 40000

enum guard_state { GUARD_IDLE, GUARD_COMMAND, GUARD_PROMPT, GUARD_DATA, GUARD_FINAL, GUARD_TAIL };
enum guard_owner { GUARD_LIBRARY, GUARD_DRIVER };

enum guard_urc_kind {
	GUARD_STORED,  /* "+CMTI", "+CDSI": text is the rest of the line: "SM",3 */
	GUARD_DELIVER, /* "+CMT": text is the PDU line */
	GUARD_REPORT,  /* "+CDS": text is the PDU line */
	GUARD_USSD,    /* text is the rest of the line, line breaks inside quotes kept as \n */
	GUARD_NETWORK, /* registration changed */
};
struct guard_urc {
	enum guard_urc_kind kind;
	char *text; /* the receiver's */
};

/* How the one armed send ended. */
enum guard_sent {
	GUARD_SENT_OPEN,      /* not yet */
	GUARD_SENT_ACCEPTED,  /* "+CMGS: mr" */
	GUARD_SENT_ERROR,     /* the modem said an error; handed tells before or after Ctrl-Z */
	GUARD_SENT_NO_PROMPT, /* no "> " in time; cancelled with ESC, nothing written */
	GUARD_SENT_NO_ANSWER, /* Ctrl-Z written, no final answer in time, or a meaningless one */
	GUARD_SENT_LOST,      /* the line went away; handed tells when */
};
struct guard_send {
	enum guard_sent sent;
	bool handed; /* PDU and Ctrl-Z went to the modem */
	int mr;      /* TP-MR when accepted */
	enum cms_kind kind;
	int code;
	bool differs; /* the library had encoded it otherwise; ours was written */
};

enum guard_raw { GUARD_RAW_NONE, GUARD_RAW_OPEN, GUARD_RAW_OK, GUARD_RAW_ERROR, GUARD_RAW_SILENT };

/* How long a modem may take, and how slowly it wants to be spoken to. */
struct guard_limits {
	int64_t prompt_ms, answer_ms; /* from AT+CMGS to the prompt; from Ctrl-Z to the final answer */
	int64_t pause_ms;             /* before each command; 0 = none. Not 0: half a second before Ctrl-Z, too */
};

struct line_guard {
	struct guard_limits limits;
	enum guard_state state;
	enum guard_owner owner;
	int64_t due_ms; /* when the open command's limit ends */
	char command[GUARD_LINE_BYTES];
	bool replied; /* it has had lines before its end */
	char line[GUARD_LINE_BYTES]; /* being received from the modem */
	size_t n_line;
	bool too_long, open_quote;
	int64_t line_at_ms;
	enum guard_urc_kind pdu_of; /* the next line is the PDU of this … */
	bool pdu_next;              /* … when set */
	char typed[GUARD_LINE_BYTES]; /* being received from the library */
	size_t n_typed;
	bool sick; /* a command was not answered: nothing of the library passes until line_guard_heal */
	bool armed;
	char tpdu_hex[512];
	int tpdu_bytes;
	struct guard_send send;
	enum guard_raw raw;
	struct buffer reply; /* raw command's lines, each ended by \n */
	enum cms_kind raw_kind;
	int raw_code;
	struct guard_urc urcs[GUARD_URCS];
	size_t n_urcs;
	uint64_t dropped_lines, dropped_bytes, refused;
	bool failed; /* out of memory: the line must be closed */
	struct buffer to_modem, to_library;
	struct buffer held;   /* for the modem, not before … */
	int64_t held_till_ms; /* … this */
	bool held_ends;       /* it is the Ctrl-Z */
};

/* limits NULL = GUARD_PROMPT_MS, GUARD_ANSWER_MS, no pause. */
void line_guard_init(struct line_guard *g, const struct guard_limits *limits);
void line_guard_done(struct line_guard *g);
void line_guard_from_modem(struct line_guard *g, const char *bytes, size_t n_bytes, int64_t now_ms);
void line_guard_from_library(struct line_guard *g, const char *bytes, size_t n_bytes, int64_t now_ms);
/* Ends what is over its limit. */
void line_guard_tick(struct line_guard *g, int64_t now_ms);
/* When line_guard_tick is needed next; INT64_MAX = not. */
int64_t line_guard_due_ms(const struct line_guard *g);
/* Allows the library exactly one AT+CMGS; the TPDU written is this one, behind the library's SMSC octets. E_TOO_BIG. */
MUST_CHECK int line_guard_arm(struct line_guard *g, const uint8_t *tpdu, size_t n_bytes);
/* Is a send open, from AT+CMGS to its end? */
bool line_guard_sending(const struct line_guard *g);
/* Opens a raw command (without CR) for the driver; E_UNAVAILABLE while another is open, E_INVALID with control
 * characters. Its end shows in raw; the lines in reply. */
MUST_CHECK int line_guard_raw(struct line_guard *g, const char *command, int64_t limit_ms, int64_t now_ms);
/* Forgets everything half-done and lets the library through again; after the modem was found to answer. */
void line_guard_heal(struct line_guard *g);
/* ESC to the modem, outside of any command: leaves a forgotten prompt. */
void line_guard_escape(struct line_guard *g);
/* The line is gone: ends what is open. */
void line_guard_lose(struct line_guard *g);

#endif
