/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's loop. Jobs of a modem that is down are answered at once; after anything unclear the connection is made
 * anew before the next job, so that no late answer can be taken for another's. */
#include "gateway/drivers/gammu/modem_worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/drivers/gammu/ladder.h"
#include "gateway/drivers/gammu/radio.h"

#define REPLUGGED_MS 30000
#define LOOK_MS 500

struct place {
	dev_t device;
	ino_t inode;
	int64_t changed;
};

/* What the device's path leads to now: a new one means that something was plugged in. */
static struct place place_of(const char *path)
{
	struct stat s;
	if (stat(path, &s))
		return (struct place){ 0 };
	return (struct place){ s.st_rdev, s.st_ino, s.st_ctime };
}

static bool same(const struct place *a, const struct place *b)
{
	return a->device == b->device && a->inode == b->inode && a->changed == b->changed;
}

struct modem_worker {
	const struct clock *clock;
	struct line *line;
	struct radio radio; /* the thread's own */
	struct place place; /* what may be opened: the device that was there at the start */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t posted;
	int fd;
	/* under lock */
	bool stop;
	struct job *jobs[JOB_KINDS], *last[JOB_KINDS];
	struct event *events, *last_event;
	const char *busy;
	int64_t since_ms;
	char attempt[80];
};

/* ---- jobs and events ------------------------------------------------------------------------------------------ */

struct job *modem_job_new(enum job_kind kind, const char *text)
{
	struct job *j = calloc(1, sizeof(*j));
	if (!j)
		return NULL;
	j->kind = kind;
	j->text = text ? strdup(text) : NULL;
	if (text && !j->text) {
		free(j);
		return NULL;
	}
	return j;
}

void modem_job_free(struct job *j)
{
	if (!j)
		return;
	segment_done(&j->segment);
	free(j->text);
	free(j->code);
	free(j);
}

void modem_event_free(struct event *e)
{
	if (e)
		free(e->text);
	free(e);
}

/* An event that cannot be kept would be a result that is never given: then the program ends and the core decides. */
static struct event *emit(struct modem_worker *w, enum event_kind kind, const char *text, const struct event *rest)
{
	struct event *e = malloc(sizeof(*e));
	if (!e)
		abort();
	*e = *rest;
	e->kind = kind;
	e->next = NULL;
	e->text = text ? strdup(text) : NULL;
	if (text && !e->text)
		abort();
	pthread_mutex_lock(&w->lock);
	if (w->last_event)
		w->last_event->next = e;
	else
		w->events = e;
	w->last_event = e;
	pthread_mutex_unlock(&w->lock);
	if (eventfd_write(w->fd, 1) && errno != EAGAIN)
		abort();
	return e;
}

struct event *modem_worker_take(struct modem_worker *w)
{
	eventfd_t ignored;
	(void)!eventfd_read(w->fd, &ignored);
	pthread_mutex_lock(&w->lock);
	struct event *e = w->events;
	if (e) {
		w->events = e->next;
		if (!w->events)
			w->last_event = NULL;
	}
	pthread_mutex_unlock(&w->lock);
	return e;
}

void modem_worker_post(struct modem_worker *w, struct job *j)
{
	pthread_mutex_lock(&w->lock);
	if (w->last[j->kind])
		w->last[j->kind]->next = j;
	else
		w->jobs[j->kind] = j;
	w->last[j->kind] = j;
	pthread_cond_signal(&w->posted);
	pthread_mutex_unlock(&w->lock);
}

/* Under lock: the job of the highest rank. */
static struct job *next_job(struct modem_worker *w)
{
	for (size_t i = 0; i < JOB_KINDS; i++) {
		struct job *j = w->jobs[i];
		if (!j)
			continue;
		w->jobs[i] = j->next;
		if (!j->next)
			w->last[i] = NULL;
		return j;
	}
	return NULL;
}

bool modem_worker_withdraw(struct modem_worker *w, const char *attempt)
{
	struct job *found = NULL;
	pthread_mutex_lock(&w->lock);
	struct job *before = NULL;
	for (struct job *j = w->jobs[JOB_SEND]; j && !found; before = j, j = j->next) {
		if (strcmp(j->text, attempt))
			continue;
		found = j;
		*(before ? &before->next : &w->jobs[JOB_SEND]) = j->next;
		if (w->last[JOB_SEND] == j)
			w->last[JOB_SEND] = before;
	}
	pthread_mutex_unlock(&w->lock);
	modem_job_free(found);
	return found != NULL;
}

const char *modem_worker_busy(struct modem_worker *w, int64_t *ret_since_ms, char *ret_attempt, size_t attempt_bytes)
{
	pthread_mutex_lock(&w->lock);
	const char *busy = w->busy;
	*ret_since_ms = w->since_ms;
	snprintf(ret_attempt, attempt_bytes, "%s", w->attempt);
	pthread_mutex_unlock(&w->lock);
	return busy;
}

static void set_busy(struct modem_worker *w, const char *what, const char *attempt)
{
	pthread_mutex_lock(&w->lock);
	w->busy = what;
	w->since_ms = clock_now_ms(w->clock);
	snprintf(w->attempt, sizeof(w->attempt), "%s", attempt ? attempt : "");
	pthread_mutex_unlock(&w->lock);
}

void modem_worker_nudge(struct modem_worker *w)
{
	pthread_mutex_lock(&w->lock);
	pthread_cond_signal(&w->posted);
	pthread_mutex_unlock(&w->lock);
}

/* ---- doing a job ---------------------------------------------------------------------------------------------- */

static void on_found(void *self, const char *pdu, const struct tray_slot *slot)
{
	emit(self, EVENT_FOUND, pdu, &(struct event){ .slot = *slot });
}

static void do_receive(struct modem_worker *w, const struct job *j)
{
	int r = slots_list(&w->radio.slots, w->line, &j->slot, on_found, w);
	emit(w, EVENT_LISTED, NULL, &(struct event){ .ok = r == 0 });
}

static void do_send(struct modem_worker *w, const struct job *j)
{
	struct event e = { .what = "" };
	radio_send(&w->radio, &j->segment, &e.sent);
	emit(w, EVENT_SENT, j->text, &e);
}

static void do_ussd(struct modem_worker *w, const struct job *j)
{
	if (gsm_dial(w->radio.gsm, j->code))
		emit(w, EVENT_USSD_FAILED, j->text, &(struct event){ .what = "the network did not take the code" });
}

static void do_status(struct modem_worker *w)
{
	struct event e = { .ok = true };
	radio_status(&w->radio, &e.status);
	emit(w, EVENT_STATUS, NULL, &e);
}

static void do_job(struct modem_worker *w, const struct job *j)
{
	static const char *const names[] = {
		[JOB_USSD] = "ussd", [JOB_USSD_CANCEL] = "ussd", [JOB_DELETE] = "delete",
		[JOB_RECEIVE] = "list", [JOB_SEND] = "cmgs", [JOB_STATUS] = "status",
	};
	set_busy(w, names[j->kind], j->kind == JOB_SEND ? j->text : NULL);
	switch (j->kind) {
	case JOB_USSD:
		do_ussd(w, j);
		break;
	case JOB_USSD_CANCEL:
		radio_cancel_ussd(&w->radio);
		break;
	case JOB_DELETE:
		emit(w, EVENT_DELETED, j->text, &(struct event){ .slot = j->slot, .ok = slots_delete(&w->radio.slots, w->line, &j->slot, j->text) == 0 });
		break;
	case JOB_RECEIVE:
		do_receive(w, j);
		break;
	case JOB_SEND:
		do_send(w, j);
		break;
	case JOB_STATUS:
		do_status(w);
		break;
	case JOB_KINDS:
		break;
	}
	set_busy(w, NULL, NULL);
}

/* A job that came while the modem was down. */
static void turn_down(struct modem_worker *w, const struct job *j)
{
	if (j->kind == JOB_SEND)
		emit(w, EVENT_SENT, j->text, &(struct event){ .what = "the modem is not connected", .sent = { .sent = GUARD_SENT_LOST, .mr = -1 } });
	else if (j->kind == JOB_USSD)
		emit(w, EVENT_USSD_FAILED, j->text, &(struct event){ .what = "the modem is not connected" });
	else if (j->kind == JOB_DELETE)
		emit(w, EVENT_DELETED, j->text, &(struct event){ .slot = j->slot });
}

static void turn_all_down(struct modem_worker *w)
{
	for (;;) {
		pthread_mutex_lock(&w->lock);
		struct job *j = next_job(w);
		pthread_mutex_unlock(&w->lock);
		if (!j)
			return;
		turn_down(w, j);
		modem_job_free(j);
	}
}

/* ---- connecting ----------------------------------------------------------------------------------------------- */

static bool stopping(struct modem_worker *w)
{
	pthread_mutex_lock(&w->lock);
	bool stop = w->stop;
	pthread_mutex_unlock(&w->lock);
	return stop;
}

/* Waits at most for_ms, less when a job comes or the program ends. */
static void wait_for_job(struct modem_worker *w, int64_t for_ms)
{
	int64_t until = clock_mono_ms(w->clock) + for_ms;
	const struct timespec t = { .tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000 };
	pthread_mutex_lock(&w->lock);
	bool any = w->stop;
	for (size_t i = 0; i < JOB_KINDS; i++)
		any |= w->jobs[i] != NULL;
	if (!any)
		pthread_cond_timedwait(&w->posted, &w->lock, &t);
	pthread_mutex_unlock(&w->lock);
}

static void wait_before_retry(struct modem_worker *w, int64_t for_ms)
{
	const char *path = w->radio.settings->device;
	const struct place was = place_of(path);
	int64_t until = clock_mono_ms(w->clock) + for_ms;
	while (!stopping(w) && clock_mono_ms(w->clock) < until) {
		const struct place is = place_of(path);
		if (!same(&was, &is) && is.inode)
			return;
		wait_for_job(w, LOOK_MS);
		turn_all_down(w);
	}
}

/* The sandbox knows a device by what it is: one that was plugged in later stays closed to this program. */
static bool is_replugged(struct modem_worker *w, int error)
{
	const char *path = w->radio.settings->device;
	const struct place is = place_of(path);
	bool other = is.inode && (is.inode != w->place.inode || is.device != w->place.device);
	return other || (error == E_DENIED && !access(path, R_OK | W_OK));
}

static void climb(struct modem_worker *w, struct ladder *ladder, int error, const char *why)
{
	enum ladder_rung rung = ladder_next(ladder, error, w->radio.opened);
	emit(w, EVENT_RUNG, ladder_event(rung), &(struct event){ .what = why, .wait_ms = ladder->wait_ms });
	if (rung != LADDER_RESET)
		return;
	set_busy(w, "reset", NULL);
	radio_reset(&w->radio);
	set_busy(w, NULL, NULL);
}

static void connect_modem(struct modem_worker *w)
{
	struct ladder ladder = { .may_reset = w->radio.settings->reset };
	const char *told = NULL;
	while (!stopping(w)) {
		const char *why = NULL;
		set_busy(w, "connect", NULL);
		int r = radio_open(&w->radio, &why);
		set_busy(w, NULL, NULL);
		if (r && is_replugged(w, r)) {
			emit(w, EVENT_REPLUGGED, NULL, &(struct event){ .what = "plugged in anew" });
			wait_before_retry(w, REPLUGGED_MS);
			continue;
		}
		if (!r) {
			emit(w, EVENT_UP, NULL, &(struct event){ .ok = true });
			return;
		}
		if (why != told)
			emit(w, EVENT_DOWN, NULL, &(struct event){ .what = why });
		told = why;
		turn_all_down(w);
		climb(w, &ladder, r, why);
		wait_before_retry(w, ladder.wait_ms);
	}
}

static void serve(struct modem_worker *w)
{
	while (!stopping(w) && line_is_up(w->line) && !line_is_sick(w->line)) {
		pthread_mutex_lock(&w->lock);
		struct job *j = next_job(w);
		pthread_mutex_unlock(&w->lock);
		if (j)
			do_job(w, j);
		else
			wait_for_job(w, LOOK_MS);
		modem_job_free(j);
	}
}

static void *run(void *self)
{
	struct modem_worker *w = self;
	while (!stopping(w)) {
		connect_modem(w);
		if (stopping(w))
			break;
		serve(w);
		const char *why = line_is_up(w->line) ? "the modem stopped answering" : "the device went away";
		radio_close(&w->radio);
		emit(w, EVENT_DOWN, NULL, &(struct event){ .what = why });
	}
	turn_all_down(w);
	radio_close(&w->radio);
	return NULL;
}

static void init_sync(struct modem_worker *w)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->posted, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&w->lock, NULL);
}

int modem_worker_new(const struct clock *clock, const struct modem_settings *settings, const struct pinmark *mark, struct line *line,
		     struct modem_worker **ret)
{
	struct modem_worker *w = calloc(1, sizeof(*w));
	if (!w)
		return E_NOMEM;
	w->clock = clock;
	w->line = line;
	w->radio = (struct radio){ .settings = settings, .line = line, .mark = *mark };
	w->place = place_of(settings->device);
	w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->fd < 0) {
		free(w);
		return E_IO;
	}
	init_sync(w);
	if (pthread_create(&w->thread, NULL, run, w)) {
		close(w->fd);
		free(w);
		return E_NOMEM;
	}
	*ret = w;
	return 0;
}

void modem_worker_free(struct modem_worker *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->posted);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	for (struct event *e; (e = modem_worker_take(w));)
		modem_event_free(e);
	pthread_cond_destroy(&w->posted);
	pthread_mutex_destroy(&w->lock);
	close(w->fd);
	free(w);
}

int modem_worker_fd(const struct modem_worker *w)
{
	return w->fd;
}
