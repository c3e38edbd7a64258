/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modem's line: the real device on one side, a pty for libgammu on the other, the guard between. Two threads use it:
 * the polling one calls line_fds and line_pump and never waits; the worker opens, closes, and waits for answers. The
 * lock is inside. */
#ifndef CAUNOI_DRIVERS_GAMMU_LINE_H
#define CAUNOI_DRIVERS_GAMMU_LINE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/clock.h"
#include "gateway/base/err.h"
#include "gateway/drivers/gammu/line_guard.h"

struct line;

struct line_reply {
	char *text; /* the reply's lines, each ended by \n; never NULL after success or error; freed by the caller */
	enum cms_kind kind;
	int code; /* with E_REFUSED */
};

/* E_NOMEM, E_IO. */
MUST_CHECK int line_new(const struct clock *clock, struct line **ret);
void line_free(struct line *l);

/* ---- the polling thread --------------------------------------------------------------------------------------- */

#define LINE_FDS 3
/* Fills LINE_FDS entries (-1 = not open) and gives the moment at which line_pump is needed at the latest. */
void line_fds(struct line *l, struct pollfd fds[LINE_FDS], int64_t *ret_due_ms);
void line_pump(struct line *l);
/* Moves out notifications, at most max; the texts are the caller's. Result = how many. */
size_t line_take_urcs(struct line *l, struct guard_urc *ret, size_t max);

/* ---- the worker ----------------------------------------------------------------------------------------------- */

/* Opens the device raw at baud (0 = leave its speed), locked against others. E_NOT_FOUND: no such device;
 * E_UNAVAILABLE: another program has it; E_DENIED; E_INVALID: no serial port; E_IO. */
MUST_CHECK int line_open(struct line *l, const char *device, int baud, const struct guard_limits *limits);
/* Why it could not be opened and what to do, static English. */
const char *line_open_reason(int error);
void line_close(struct line *l);
bool line_is_up(struct line *l);
/* An unanswered command made the line unusable until it is opened again. */
bool line_is_sick(struct line *l);
/* Path of libgammu's side; the same from line_new on. */
const char *line_pty(const struct line *l);
/* Sends one command and waits for its end. 0: OK; E_REFUSED: the modem's error; E_UNAVAILABLE: no answer in limit_ms or
 * the line is down; E_INVALID. */
MUST_CHECK int line_raw(struct line *l, const char *command, int64_t limit_ms, struct line_reply *ret);
/* Leaves a forgotten prompt and lets the library through again. */
void line_escape(struct line *l);
void line_heal(struct line *l);
/* Waits until the library has something to read, us microseconds at most; not at all between prompt and Ctrl-Z, which
 * reach the modem in one piece. */
void line_rest(struct line *l, int64_t us);
/* Is there something that the library has not read? */
bool line_library_waits(const struct line *l);
MUST_CHECK int line_arm(struct line *l, const uint8_t *tpdu, size_t n_bytes);
/* Waits for the end of the armed send, its last line included. If the library never asked for it, nothing was sent. */
void line_wait_sent(struct line *l, struct guard_send *ret);

#endif
