/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the session that is open. What is dialled goes to the worker; answers come from the line by themselves. */
#include "gateway/drivers/gammu/ussd_session.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/drivers/gammu/ussd_text.h"

#define ANSWER_MS 60000
#define CODE_CHARS 160

static bool is_of(const struct ussd_session *u, const char *id)
{
	return u->id && !strcmp(u->id, id);
}

static void end_with(struct ussd_session *u, const char *text)
{
	if (!u->id)
		return;
	driver_ussd_text(u->driver, u->id, text, false);
	free(MOVE(u->id));
}

static void hang_up(struct ussd_session *u)
{
	struct job *j = u->worker ? modem_job_new(JOB_USSD_CANCEL, NULL) : NULL;
	if (j)
		modem_worker_post(u->worker, j);
}

/* Only what belongs into a code or a menu's answer gets near the modem. */
static bool may_dial(const char *code)
{
	size_t n = strlen(code);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)code[i] < 0x20 || (unsigned char)code[i] > 0x7E || code[i] == '"')
			return false;
	return n > 0 && n <= CODE_CHARS;
}

static void dial(struct ussd_session *u, const char *code, bool up)
{
	struct job *j = up && u->worker && may_dial(code) ? modem_job_new(JOB_USSD, u->id) : NULL;
	if (j)
		j->code = strdup(code);
	if (!j || !j->code) {
		modem_job_free(j);
		end_with(u, "");
		return;
	}
	modem_worker_post(u->worker, j);
	u->due_ms = clock_mono_ms(u->clock) + ANSWER_MS;
}

void ussd_session_begin(struct ussd_session *u, const char *id, const char *code, bool up)
{
	end_with(u, "");
	u->id = strdup(id);
	if (u->id)
		dial(u, code, up);
}

void ussd_session_reply(struct ussd_session *u, const char *id, const char *text, bool up)
{
	if (is_of(u, id))
		dial(u, text, up);
	else
		driver_ussd_text(u->driver, id, "", false);
}

void ussd_session_cancel(struct ussd_session *u, const char *id)
{
	if (!is_of(u, id))
		return;
	free(MOVE(u->id));
	hang_up(u);
}

bool ussd_session_answer(struct ussd_session *u, const char *rest)
{
	enum ussd_state state;
	OWN(mem) char *text = NULL;
	if (!u->id || ussd_text_parse(rest, &state, &text))
		return false;
	if (state != USSD_ASKS) {
		end_with(u, text);
		return true;
	}
	driver_ussd_text(u->driver, u->id, text, true);
	u->due_ms = clock_mono_ms(u->clock) + ANSWER_MS * 3; /* a person may be reading */
	return true;
}

void ussd_session_end(struct ussd_session *u, const char *id)
{
	if (!id || is_of(u, id))
		end_with(u, "");
}

void ussd_session_tick(struct ussd_session *u, int64_t now_ms)
{
	if (!u->id || now_ms < u->due_ms)
		return;
	end_with(u, "");
	hang_up(u);
}
