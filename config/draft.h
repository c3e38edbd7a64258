/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration being read: the settings, what is made of them, and the first mistake by line. Readers take the value
 * of a path or the table's default, so that no default stands anywhere else. Private to config/. */
#ifndef CAUNOI_CONFIG_DRAFT_H
#define CAUNOI_CONFIG_DRAFT_H

#include "config/config.h"
#include "config/key.h"
#include "config/settings.h"

#define DRAFT_PATH_BYTES 192

struct draft {
	struct settings *settings;
	struct config *cfg;
	struct complaint first; /* the mistake that stands first in the file */
	int first_order;        /* INT_MAX = no mistake yet */
	bool with_secrets;
	bool no_memory;
};

/* Notes a mistake at path; only the one that stands first is kept. */
void draft_mistake(struct draft *d, const char *path, const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Notes a value that is allowed and doubtful. */
void draft_warn(struct draft *d, const char *path, const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* path followed by what fmt gives, into out; false when it does not fit. */
bool draft_join(char out[DRAFT_PATH_BYTES], const char *path, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Borrowed value at a path such as "channels.[2].retry.first_s"; NULL when it is not set. */
json_t *draft_find(const struct draft *d, const char *path);
/* The value at path, or the default of the table's row for that kind of channel (0 = no channel), or 0, "", false where
 * there is none. Values of a wrong type (a mistake already) read as the default. */
double draft_number(const struct draft *d, const char *path, unsigned kind);
int64_t draft_whole(const struct draft *d, const char *path, unsigned kind);
bool draft_flag(const struct draft *d, const char *path, unsigned kind);
/* The caller's; NULL only on no memory (noted in d). */
char *draft_text(struct draft *d, const char *path, unsigned kind);
/* NULL-terminated, the caller's with every text. */
char **draft_texts(struct draft *d, const char *path, unsigned kind);
/* As draft_text, resolved against the configuration's folder when relative; "" stays "". */
char *draft_path(struct draft *d, const char *path, unsigned kind);
void texts_free(char **texts);

/* Notes a mistake when the value at path is no URL that a request may go to: https, or an address that the operator allowed. */
void draft_check_url(struct draft *d, const char *path, const char *url);

/* Notes a mistake for each text of the list at path that is no block of addresses. texts may be NULL. */
void draft_check_blocks(struct draft *d, const char *path, char *const *texts);

/* 1 to chars_max of a-z, 0-9 and "-". */
bool config_name_is_plain(const char *name, size_t chars_max);

/* The parts: each reads its keys from d->settings into d->cfg and notes every mistake it finds. */
void shape_check(struct draft *d);
void sections_read(struct draft *d);
void channels_read(struct draft *d);
void webhooks_read(struct draft *d);
void ussd_read(struct draft *d);
void webhooks_done(struct config *cfg);

#endif
