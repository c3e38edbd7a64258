/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `caunoi check-config` and `caunoid --check` print: the first mistake of a configuration and
 * of the data files it would use, or OK and the warnings. Starts nothing, changes nothing. */
#include <string.h>

#include "config/config.h"
#include "config/settings.h"
#include "config/vintage.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

OWN_DEFINE(settings, struct settings *, settings_free)
OWN_DEFINE(config, struct config *, config_free)

/* Data folders whose every file is read; numbers/ and providers/ are read with the configuration,
 * as far as in use. */
static const char *const folders[] = { "topics", "keywords", "contexts",
				       "menus",	 "units",    "holidays", "signups" };

static int check_file(const char *config_file, const char *folder, const char *name,
		      struct complaint *c)
{
	OWN(mem) char *relative = NULL;
	OWN(mem) char *path = NULL;
	OWN(settings) struct settings *settings = NULL;
	if (asprintf(&relative, "%s/%s.conf", folder, name) < 0) {
		relative = NULL;
		return E_NOMEM;
	}
	int r = settings_find(config_file, relative, &path);
	return r ? r : settings_read(path, &settings, c);
}

static int check_folder(const char *config_file, const char *folder, struct complaint *c)
{
	OWN(json) json_t *names = NULL;
	const json_t *name;
	size_t i;
	int r = settings_list(config_file, folder, &names);
	json_array_foreach (names, i, name)
		if (!r)
			r = check_file(config_file, folder, json_string_value(name), c);
	return r;
}

static void print_complaint(FILE *out, const char *before, const struct complaint *c)
{
	char line[1024];
	complaint_format(c, line, sizeof(line));
	fprintf(out, "%s%s\n", before, line);
}

/* An own copy of the words that an older release came with. It was readable a moment ago. */
static int warn_of_age(const char *config_file, FILE *out)
{
	OWN(mem) char *path = NULL;
	OWN(settings) struct settings *words = NULL;
	struct complaint c = { 0 };
	int r = settings_find(config_file, "keywords/keywords.conf", &path);
	if (r == E_NOT_FOUND)
		return 0;
	r = r ? r : settings_read(path, &words, &c);
	for (unsigned i = 0; !r && vintage_warning(words, i, &c); i++)
		print_complaint(out, "warning: ", &c);
	return r;
}

int config_check_report(const char *file, FILE *out)
{
	OWN(config) struct config *cfg = NULL;
	struct complaint c = { 0 };
	int r = config_load(file, true, &cfg, &c);
	for (size_t i = 0; !r && i < COUNT_OF(folders); i++)
		r = check_folder(cfg->file, folders[i], &c);
	if (r) {
		if (!c.text[0])
			snprintf(c.text, sizeof(c.text), "%s", err_text(r));
		print_complaint(out, "", &c);
		return r == E_NOMEM ? 1 : 2;
	}
	fprintf(out, "%s: OK\n", file);
	for (size_t i = 0; i < cfg->n_warnings; i++)
		print_complaint(out, "warning: ", &cfg->warnings[i]);
	return warn_of_age(cfg->file, out) ? 1 : 0;
}
