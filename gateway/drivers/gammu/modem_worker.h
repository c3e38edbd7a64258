/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that owns libgammu: takes jobs by rank, keeps the connection, and gives back events. The polling thread
 * posts jobs, polls modem_worker_fd and takes events; nothing else is shared. */
#ifndef CAUNOI_DRIVERS_GAMMU_MODEM_WORKER_H
#define CAUNOI_DRIVERS_GAMMU_MODEM_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/clock.h"
#include "gateway/base/err.h"
#include "gateway/drivers/gammu/line.h"
#include "gateway/drivers/gammu/segment.h"
#include "gateway/drivers/gammu/modem_settings.h"
#include "gateway/drivers/gammu/modem_status.h"
#include "gateway/drivers/gammu/pinmark.h"
#include "gateway/drivers/gammu/tray.h"

/* In order of rank: a person waits for USSD; received messages free the SIM; then sending. */
enum job_kind { JOB_USSD, JOB_USSD_CANCEL, JOB_DELETE, JOB_RECEIVE, JOB_SEND, JOB_STATUS, JOB_KINDS };

struct job {
	enum job_kind kind;
	char *text;             /* attempt of a send, id of a USSD session, PDU expected at slot; NULL = none */
	char *code;             /* USSD */
	struct segment segment; /* JOB_SEND */
	struct tray_slot slot;  /* JOB_DELETE; JOB_RECEIVE: this one too, where memory is given */
	struct job *next;
};

enum event_kind {
	EVENT_UP,       /* connected and listening */
	EVENT_DOWN,     /* not connected; what tells why (static) */
	EVENT_SENT,     /* text = attempt, sent */
	EVENT_FOUND,    /* one stored message: text = PDU, slot */
	EVENT_LISTED,   /* one round of reading is over */
	EVENT_DELETED,  /* text = PDU; ok tells whether it is gone */
	EVENT_STATUS,
	EVENT_USSD_FAILED, /* text = id */
	EVENT_RUNG,     /* not up, and what is tried next: text = the ladder's event, what = why, wait_ms */
	EVENT_REPLUGGED, /* another device lies at the path: only a program that is started anew may open it */
};

struct event {
	enum event_kind kind;
	char *text;
	const char *what;
	bool ok;
	struct guard_send sent;
	struct tray_slot slot;
	struct modem_status status;
	int64_t wait_ms;
	struct event *next;
};

struct modem_worker;

/* Starts the thread. settings and line must outlive it; mark's file becomes the worker's. */
MUST_CHECK int modem_worker_new(const struct clock *clock, const struct modem_settings *settings, const struct pinmark *mark,
				struct line *line, struct modem_worker **ret);
/* Waits for the job under way; the polling thread's line_pump must not be needed for it: lose the line first. */
void modem_worker_free(struct modem_worker *w);
int modem_worker_fd(const struct modem_worker *w);
/* Takes over j (made with modem_job_new) and all it holds. */
void modem_worker_post(struct modem_worker *w, struct job *j);
/* Takes a waiting send out; false when it has begun or is unknown. */
bool modem_worker_withdraw(struct modem_worker *w, const char *attempt);
/* Next event or NULL; freed with modem_event_free. */
struct event *modem_worker_take(struct modem_worker *w);
/* What is under way: static name or NULL when idle; since when; whose attempt (copied, "" none). */
const char *modem_worker_busy(struct modem_worker *w, int64_t *ret_since_ms, char *ret_attempt, size_t attempt_bytes);
/* The line may have changed: look at once. */
void modem_worker_nudge(struct modem_worker *w);

struct job *modem_job_new(enum job_kind kind, const char *text_or_null);
void modem_job_free(struct job *j);
void modem_event_free(struct event *e);

#endif
