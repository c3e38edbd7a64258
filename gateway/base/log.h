/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line an event on standard error (with "<n>" priorities under journald): "event key=value …". Control
 * characters are escaped, a line is at most 4 KiB, a full or closed pipe never blocks or kills: dropped lines are
 * counted. People's numbers and words never appear at info level or above. */
#ifndef CAUNOI_BASE_LOG_H
#define CAUNOI_BASE_LOG_H

#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

/* Program name shown in each line, and the highest level printed (default info). Ignores SIGPIPE and SIGXFSZ, and opens standard
 * input, output and error on /dev/null where they are closed: call it before anything is opened. */
void log_init(const char *program, enum log_level most);
/* event is "noun.verb"; fmt gives "key=value key=value". */
void log_event(enum log_level level, const char *event, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Lines that could not be written so far. */
uint64_t log_dropped(void);

#define log_error(event, ...) log_event(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...) log_event(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_info(event, ...) log_event(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) log_event(LOG_LEVEL_DEBUG, event, __VA_ARGS__)

#endif
