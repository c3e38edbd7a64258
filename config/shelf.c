/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds and reads one data file. Called by the loaders of words; keeps nothing. */
#include "config/shelf.h"

#include <string.h>

#include "gateway/base/own.h"

int shelf_read(const struct shelf *s, const char *name, struct settings **ret, struct complaint *c)
{
	OWN(mem) char *path = NULL;
	if (s->text && strcmp(s->name, name) == 0)
		return settings_parse(name, s->text, ret, c);
	int r = settings_find(s->config_file, name, &path);
	return r ? r : settings_read(path, ret, c);
}
