/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A libconfig file as a JSON tree that remembers lines. The only reader of libconfig's syntax (settings.c alone
 * includes libconfig.h): the configuration, provider profiles, keywords, numbers, menus, contexts, units, holidays.
 * Groups become objects, lists and arrays become arrays. Refused with a sentence of their own: missing or unreadable
 * file, BOM, NUL, stray character, duplicate setting, integer beyond 64 bits (libconfig 1.5 wraps silently: the token
 * itself is read). Integers keep their written value up to 64 bits. @include resolves against the folder of the file
 * that names it, 8 deep at most. */
#ifndef CAUNOI_CONFIG_SETTINGS_H
#define CAUNOI_CONFIG_SETTINGS_H

#include <jansson.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

struct settings;

/* E_NOT_FOUND (no such file), E_IO (unreadable), E_INVALID (c says where), E_NOMEM. *ret is the caller's. */
MUST_CHECK int settings_read(const char *file, struct settings **ret, struct complaint *c);
/* The same of a text that stands in no file; name is what complaints call it. What stands in a file is not its to name: @include is refused. */
MUST_CHECK int settings_parse(const char *name, const char *text, struct settings **ret, struct complaint *c);
/* Read (text NULL) or parsed, and passed by check: the tree alone, the caller's. Results of settings_read, and those of check. */
typedef int settings_check(const struct settings *s, struct complaint *c);
MUST_CHECK int settings_tree(const char *name, const char *text, settings_check *check, json_t **ret, struct complaint *c);
/* What a file that libconfig cannot read still says: its lines KEY = "TEXT";, so many of them as can be read, without regard to groups. For who
 * only looks for a socket. Results as settings_read; c is left as it is. */
MUST_CHECK int settings_salvage(const char *file, struct settings **ret);
void settings_free(struct settings *s);
/* Borrowed root object. */
json_t *settings_root(const struct settings *s);
/* File and line where a path such as "channels.[2].rate_per_second" was set; 0 when unknown (then the nearest parent's). */
int settings_line(const struct settings *s, const char *path, const char **ret_file);
/* Where path was set, counted over all lines read with the included ones in place: what comes first has the smaller
 * number. 0 when unknown. */
int settings_order(const struct settings *s, const char *path);
/* Fills c->file and c->line for path and then the sentence; returns E_INVALID. */
int settings_complain(const struct settings *s, const char *path, struct complaint *c, const char *rule, const char *fmt,
		      ...) __attribute__((format(printf, 5, 6)));
/* Finds a data file by name ("providers/esms.conf"): beside config_file, then $(datadir)/caunoi, then ../config beside the
 * programs of a build tree; the first found wins. The caller's path; E_NOT_FOUND. config_file may be NULL. */
MUST_CHECK int settings_find(const char *config_file, const char *name, char **ret_path);
/* Names of the .conf files in a folder ("contexts") of the same three places, each once, sorted, without ".conf", as a JSON
 * array that is the caller's; settings_find with "contexts/NAME.conf" gives the file. An absent folder is empty. */
MUST_CHECK int settings_list(const char *config_file, const char *folder, json_t **ret_names);

#endif
