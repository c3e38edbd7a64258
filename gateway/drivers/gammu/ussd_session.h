/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one USSD session of a modem: who asked, until when an answer is waited for, and the answers on their way to the core.
 * Each session ends with exactly one text without more. Used by the polling thread. */
#ifndef CAUNOI_DRIVERS_GAMMU_USSD_SESSION_H
#define CAUNOI_DRIVERS_GAMMU_USSD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/clock.h"
#include "gateway/drivers/driver.h"
#include "gateway/drivers/gammu/modem_worker.h"

struct ussd_session {
	const struct clock *clock;
	struct driver *driver;
	struct modem_worker *worker; /* NULL = none yet: nothing is dialled */
	char *id;                    /* NULL = no session */
	int64_t due_ms;              /* monotonic, of a session */
};

/* Dials code for session id; an older session is over. up: is the modem there? */
void ussd_session_begin(struct ussd_session *u, const char *id, const char *code, bool up);
/* Answers the menu of session id; one that is over is told so. */
void ussd_session_reply(struct ussd_session *u, const char *id, const char *text, bool up);
void ussd_session_cancel(struct ussd_session *u, const char *id);
/* What followed "+CUSD: ". False when nobody asked, or it makes no sense. */
bool ussd_session_answer(struct ussd_session *u, const char *rest);
/* The session is over without words; of any id with NULL. */
void ussd_session_end(struct ussd_session *u, const char *id);
void ussd_session_tick(struct ussd_session *u, int64_t now_ms);

#endif
