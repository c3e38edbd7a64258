/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of the table of keys in config.c: what a key is called, holds and means. Private to config/. */
#ifndef CAUNOI_CONFIG_KEY_H
#define CAUNOI_CONFIG_KEY_H

#include <stdbool.h>
#include <stddef.h>

enum key_type { KEY_TEXT, KEY_WHOLE, KEY_NUMBER, KEY_FLAG, KEY_TEXTS, KEY_GROUP, KEY_GROUPS, KEY_ANY };

/* Kinds of channel a key belongs to, as a set; 0 = not a key of channels. */
enum { KIND_GAMMU = 1, KIND_HTTP = 2, KIND_LOOPBACK = 4, KIND_EXEC = 8, KIND_ALL = 15 };

struct config_key {
	const char *path; /* "channels.[].rate_per_minute"; a last part "*" stands for any name */
	enum key_type type;
	const char *unit;     /* NULL = none */
	double min, max;      /* meaningful when min < max */
	const char *choices;  /* "a|b|c"; NULL = free */
	const char *fallback; /* libconfig text of the default; NULL = left out means none */
	const char *example;  /* libconfig text for the printed example; NULL = the default */
	unsigned kinds;
	bool required, secret; /* secret: names a secret, never handed on as a setting */
	const char *help;
};

const struct config_key *config_key_table(size_t *ret_n);
/* The row for a path with or without element numbers, of a channel kind (0 = any); NULL when there is none. */
const struct config_key *config_key_find(const char *path, unsigned kind);
/* KIND_… of a driver's name; 0 when unknown. */
unsigned config_kind(const char *driver);
const char *config_kind_name(unsigned kind);
const char *config_key_type_name(enum key_type type);

#endif
