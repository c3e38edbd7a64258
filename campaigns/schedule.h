/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a campaign sends, beyond "once": by a rule of repetition, or to each person some days before or after a date of their own; and how
 * often it reminds those who have not answered. Kept as one text beside the campaign, which its approval is bound to. Days and hours
 * are local ones; moments are made of them last. Pure but for reading arguments. */
#ifndef CAUNOI_CAMPAIGNS_SCHEDULE_H
#define CAUNOI_CAMPAIGNS_SCHEDULE_H

#include <jansson.h>
#include <stdint.h>

#include "campaigns/recurrence.h"
#include "gateway/base/zone.h"
#include "gateway/scope.h"
#include "gateway/verb.h"

#define SCHEDULE_DAYS_MAX 12
#define SCHEDULE_REMINDERS_MAX 10
#define SCHEDULE_NEVER INT64_MAX

enum schedule_kind { SCHEDULE_ONCE, SCHEDULE_REPEAT, SCHEDULE_FIELD };

struct schedule {
	enum schedule_kind kind;
	struct recurrence rule;      /* SCHEDULE_REPEAT */
	char field[128];             /* SCHEDULE_FIELD: key of the column that holds the date */
	int days[SCHEDULE_DAYS_MAX]; /* after it, ascending; before it when negative */
	int n_days;
	int64_t until_day;           /* SCHEDULE_FIELD: last day, as days since 1970; SCHEDULE_NEVER */
	int at_min;                  /* minutes since local midnight */
	int remind_days, reminders;  /* reminders = 0: none */
};

/* The arguments of campaign.new that are about time. */
#define SCHEDULE_ARGS \
	{ .name = "start", .type = ARG_TIME, .help_en = "not before", .help_vi = "không gửi trước" }, \
	{ .name = "repeat", .type = ARG_TEXT, .max = 199, .help_en = "again and again: FREQ=WEEKLY;BYDAY=MO,FR;COUNT=8, FREQ=MONTHLY;BYMONTHDAY=-1", \
	  .help_vi = "lặp lại: FREQ=WEEKLY;BYDAY=MO,FR;COUNT=8, FREQ=MONTHLY;BYMONTHDAY=-1" }, \
	{ .name = "on", .type = ARG_TEXT, .max = 120, .help_en = "column with a date of each person", .help_vi = "cột chứa ngày của từng người" }, \
	{ .name = "days", .type = ARG_TEXT, .max = 100, .help_en = "days before (-) or after it: -30,-10,-3", .help_vi = "số ngày trước (-) hoặc sau ngày đó: -30,-10,-3" }, \
	{ .name = "until", .type = ARG_TEXT, .max = 10, .help_en = "last day of it", .help_vi = "ngày cuối cùng" }, \
	{ .name = "at", .type = ARG_TEXT, .max = 5, .help_en = "hour, 08:00 otherwise", .help_vi = "giờ gửi, mặc định 08:00" }, \
	{ .name = "remind-after", .type = ARG_INT, .min = 1, .max = 90, .help_en = "days of silence before a reminder", .help_vi = "nhắc lại sau số ngày chưa trả lời" }, \
	{ .name = "reminders", .type = ARG_INT, .min = 1, .max = SCHEDULE_REMINDERS_MAX, .help_en = "how many, 1 otherwise", .help_vi = "số lần nhắc, mặc định 1" }

/* *ret: the argument start as a moment, 0 = none. E_INVALID with *why. */
MUST_CHECK int schedule_read_start(const struct scope *in, const json_t *args, int64_t *ret, struct refusal *why);
/* From the arguments of campaign.new: *ret (the caller's) the text to keep, NULL when nothing of it is asked for. start_at 0 = no start
 * was said. E_INVALID with *why: rules conflict, missing, bad_repeat, bad_time, bad_days, unknown_field. */
MUST_CHECK int schedule_read(const struct scope *in, const json_t *args, int64_t start_at, char **ret, struct refusal *why);
/* What schedule_read made. E_CORRUPT. */
MUST_CHECK int schedule_parse(const char *text, struct schedule *ret);

/* The first moment, not before from_ms; start_at (0 = none said) is where the rule begins to count. */
int64_t schedule_first(const struct schedule *s, const struct zone *zone, int64_t start_at, int64_t from_ms);
/* The moment after occurrence n (from 0), which was due at due_at. */
int64_t schedule_next(const struct schedule *s, const struct zone *zone, int64_t n, int64_t due_at);
/* The k-th reminder of what was due at due_at. */
int64_t schedule_reminder(const struct schedule *s, const struct zone *zone, int64_t due_at, int k);
/* Days since 1970 of the local day of a moment. */
int64_t schedule_day(const struct zone *zone, int64_t at_ms);
/* The moment of a day. */
int64_t schedule_moment(const struct schedule *s, const struct zone *zone, int64_t day);

#endif
