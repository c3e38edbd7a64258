/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programmes of signing up. Read with the other words of a configuration, and asked for texts by the handlers; keeps nothing. */
#include "config/programme.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings.h"
#include "gateway/base/blanks.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define FOLDER "signups"
#define DAYS_MOST 365

OWN_DEFINE(settings, struct settings *, settings_free)

static const struct {
	const char *name;
	const char *needs; /* a value without which it says nothing */
	bool long_one;	   /* a person's words stand in it */
} texts[PROGRAMME_TEXTS] = {
	[PROGRAMME_INVITE] = { "invite", NULL, false },
	[PROGRAMME_RECEIPT] = { "receipt", "{code}", false },
	[PROGRAMME_ASK_HAMLET] = { "ask_hamlet", NULL, false },
	[PROGRAMME_ASK_AGAIN] = { "ask_again", NULL, false },
	[PROGRAMME_ASK_HEAD] = { "ask_head", NULL, false },
	[PROGRAMME_ASK_WHICH] = { "ask_which", "{choices}", false },
	[PROGRAMME_ASK_WRONG] = { "ask_wrong", NULL, false },
	[PROGRAMME_CONFIRMED] = { "confirmed", "{code}", false },
	[PROGRAMME_TO_PERSON] = { "to_person", NULL, false },
	[PROGRAMME_STATUS] = { "status", "{state}", false },
	[PROGRAMME_STATUS_OTHER] = { "status_other", "{code}", false },
	[PROGRAMME_ELIGIBLE] = { "eligible", "{code}", true },
	[PROGRAMME_NOT_ELIGIBLE] = { "not_eligible", "{reason}", true },
	[PROGRAMME_WITHDRAWN] = { "withdrawn", "{code}", false },
};

static const struct programme_values longest = {
	.head = "NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN",
	.hamlet = "NNNNNNNNNNNNNNNNNNNNNNNNNNNNNN",
	.code = "NT12345678",
	.digits = "12345678",
	.days = "365",
	.state = "cho can bo den xac minh",
	.since = "31/12",
	.choices = "NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN",
};
_Static_assert(sizeof("NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN") == PROGRAMME_HEAD_CHARS + 1, "the longest head");
_Static_assert(sizeof("NNNNNNNNNNNNNNNNNNNNNNNNNNNNNN") == PROGRAMME_HAMLET_CHARS + 1, "the longest hamlet");

/* ---- texts ---- */

static char *fill(const char *text, const struct programme_values *v, const char **ret_unknown)
{
	const struct blank blanks[] = { { "head", v->head },   { "hamlet", v->hamlet }, { "code", v->code },	 { "digits", v->digits },   { "days", v->days },
					{ "state", v->state }, { "since", v->since },	{ "reason", v->reason }, { "choices", v->choices } };
	return blanks_fill(text, blanks, COUNT_OF(blanks), ret_unknown);
}

char *programme_text(const json_t *programme, enum programme_text which, const char *language, const struct programme_values *values)
{
	const json_t *text = json_object_get(json_object_get(programme, "texts"), texts[which].name);
	const char *vi = json_str(text, "vi", "");
	bool english = language && strncmp(language, "en", 2) == 0;
	return fill(english ? json_str(text, "en", vi) : vi, values, NULL);
}

/* ---- checks ---- */

static int check_text(const struct settings *s, enum programme_text which, const char *language, struct complaint *c)
{
	char path[64];
	const char *unknown = NULL;
	struct measure m;
	snprintf(path, sizeof(path), "texts.%s.%s", texts[which].name, language);
	const char *text = json_str(json_object_get(json_object_get(settings_root(s), "texts"), texts[which].name), language, "");
	if (!*text)
		return strcmp(language, "vi") ? 0 : settings_complain(s, path, c, "missing", "the programme has no text %s", path);
	if (texts[which].needs && !strstr(text, texts[which].needs))
		return settings_complain(s, path, c, "missing", "%s does not say %s", path, texts[which].needs);
	OWN(mem) char *filled = fill(text, &longest, &unknown);
	if (!filled)
		return unknown ? settings_complain(s, path, c, "wrong_value", "%s holds '%.20s', which stands for nothing", path, unknown) : E_NOMEM;
	gsm7_measure(filled, 8, &m);
	if (m.encoding != ENCODING_GSM7 || (m.n_segments > 1 && !texts[which].long_one))
		return settings_complain(s, path, c, "too_long", "%s must be one SMS without accents: it has %d characters at its longest", path, m.n_chars);
	return 0;
}

static int check_texts(const struct settings *s, struct complaint *c)
{
	static const char *const languages[] = { "vi", "en" };
	for (int i = 0; i < PROGRAMME_TEXTS; i++)
		for (size_t k = 0; k < COUNT_OF(languages); k++) {
			int r = check_text(s, (enum programme_text)i, languages[k], c);
			if (r)
				return r;
		}
	return 0;
}

static bool is_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return n > 0 && n < PROGRAMME_NAME_BYTES && !name[n];
}

/* Two letters that no case's code begins with. */
static bool is_prefix(const char *p)
{
	return strlen(p) == 2 && strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2 && strcmp(p, "PA") != 0;
}

static int check(const struct settings *s, struct complaint *c)
{
	const json_t *root = settings_root(s);
	int64_t days = json_int(root, "visit_days", 0);
	if (!is_name(json_str(root, "name", "")))
		return settings_complain(s, "name", c, "wrong_value", "a programme's name is of small letters, digits and dashes");
	if (!*json_str(root, "title", ""))
		return settings_complain(s, "title", c, "missing", "the programme has no title");
	if (!*json_str(root, "topic", ""))
		return settings_complain(s, "topic", c, "missing", "the programme has no topic");
	if (!is_prefix(json_str(root, "prefix", "")))
		return settings_complain(s, "prefix", c, "wrong_value", "the prefix of codes is two capital letters, and not PA");
	if (days < 1 || days > DAYS_MOST)
		return settings_complain(s, "visit_days", c, "out_of_range", "visit_days is 1 to %d", DAYS_MOST);
	return check_texts(s, c);
}

static int load_one(const char *config_file, const char *name, json_t *into, struct complaint *c)
{
	char relative[160];
	OWN(mem) char *path = NULL;
	OWN(settings) struct settings *s = NULL;
	snprintf(relative, sizeof(relative), FOLDER "/%.120s.conf", name);
	int r = settings_find(config_file, relative, &path);
	r = r ? r : settings_read(path, &s, c);
	r = r ? r : check(s, c);
	if (r)
		return r;
	const char *own = json_str(settings_root(s), "name", "");
	if (json_object_get(into, own))
		return settings_complain(s, "name", c, "duplicate", "another programme has the name %s", own);
	return json_object_set_new(into, own, json_deep_copy(settings_root(s))) ? E_NOMEM : 0;
}

int programmes_load(const char *config_file, json_t **ret, struct complaint *c)
{
	OWN(json) json_t *names = NULL, *all = json_object();
	const json_t *name;
	size_t i;
	int r = all ? settings_list(config_file, FOLDER, &names) : E_NOMEM;
	json_array_foreach(names, i, name)
		r = r ? r : load_one(config_file, json_string_value(name), all, c);
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	*ret = MOVE(all);
	return 0;
}
