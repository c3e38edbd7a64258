/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person has to correct: where, which field, which rule, in words. A complaint never carries a person's
 * number or text unless the caller of the verb supplied that very value. */
#ifndef CAUNOI_BASE_COMPLAINT_H
#define CAUNOI_BASE_COMPLAINT_H

struct complaint {
	char file[256];  /* path, or "" */
	int line;        /* line or row counted from 1; 0 = none */
	int column;      /* character of the line counted from 1; 0 = none */
	char field[128]; /* key, column or argument, or "" */
	char rule[48];   /* machine-readable name: "unknown_key", "out_of_range" … */
	char text[512];  /* one English sentence */
};

/* Fills *c (file and line are kept when already set). field and rule may be "". Always returns E_INVALID, so
 * that `return complaint_set(…)` reads well; callers with another code ignore the result. */
int complaint_set(struct complaint *c, const char *field, const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* "file:line:column: field: text" into out; parts that are absent are left out. */
void complaint_format(const struct complaint *c, char *out, unsigned long out_bytes);

#endif
