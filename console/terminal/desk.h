/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the terminal prints and how: results to out, sentences for people to err, in the language of the environment. */
#ifndef CAUNOI_CONSOLE_TERMINAL_DESK_H
#define CAUNOI_CONSOLE_TERMINAL_DESK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct desk {
	FILE *out, *err;
	bool json, jsonl; /* machines read the result */
	bool vi;          /* people read Vietnamese */
	bool live;        /* err is a terminal: progress may be drawn */
	int columns;      /* width of out; 0 = no terminal, nothing is cut */
};

/* The terminal and the environment (LC_ALL, LC_MESSAGES, LANG) as they are. */
struct desk desk_real(bool json, bool jsonl);
/* The environment's language says Vietnamese. Any may be NULL. */
bool desk_is_vietnamese(const char *lc_all, const char *lc_messages, const char *lang);
/* One of two sentences, by language. */
const char *desk_say(const struct desk *d, const char *en, const char *vi);

/* Prints a refusal {rule, status, field, text} for people, rule included; gives the program's exit code. */
int desk_refused(const struct desk *d, const json_t *error);
/* The same for a failure known by its code only; text may be NULL. */
int desk_failed(const struct desk *d, int err, const char *text);
/* Exit code of a refusal's status (HTTP). */
int desk_exit_code(int64_t status);
/* Bar and figures of long work on one line, drawn over itself; nothing when nobody watches. total 0 = unknown. */
void desk_progress(const struct desk *d, const char *what, int64_t done, int64_t total);
void desk_progress_end(const struct desk *d);

#endif
