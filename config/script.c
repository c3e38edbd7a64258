/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues. Called by the verbs that take one and by whoever goes through its steps; keeps nothing. */
#include "config/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define OPTIONS_MAX 9
#define END "end"

static const char *const kinds[] = { "choice", "yes_no", "number", "text" };

static bool is_kind(const char *kind)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

static bool is_id(const char *id)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return n > 0 && n <= SCRIPT_ID_CHARS && !id[n] && strcmp(id, END) != 0;
}

static int place_of(const json_t *steps, const char *id)
{
	size_t i;
	const json_t *step;
	json_array_foreach(steps, i, step)
		if (strcmp(json_str(step, "id", ""), id) == 0)
			return (int)i;
	return -1;
}

/* ---- checks: path is where to look for the line ---- */

/* What the gateway sends by itself goes out as one SMS without accents. */
static int check_text(const struct settings *s, const json_t *at, const char *path, bool sent, struct complaint *c)
{
	static const char *const languages[] = { "vi", "en" };
	for (size_t i = 0; i < COUNT_OF(languages); i++) {
		struct measure m;
		const char *text = json_str(at, languages[i], "");
		if (!*text && i == 0)
			return settings_complain(s, path, c, "missing", "%s has no text in Vietnamese (vi)", path);
		gsm7_measure(text, 8, &m);
		if (sent && *text && (m.n_segments > 1 || m.encoding != ENCODING_GSM7))
			return settings_complain(s, path, c, "too_long", "%s.%s must be one SMS without accents: it has %d characters", path, languages[i], m.n_chars);
	}
	return 0;
}

/* Only onwards, so that every dialogue ends. */
static int check_next(const struct settings *s, const json_t *steps, const json_t *at, size_t here, const char *path, struct complaint *c)
{
	const char *next = json_str(at, "next", "");
	if (*next && strcmp(next, END) && place_of(steps, next) <= (int)here)
		return settings_complain(s, path, c, "unknown_step", "%s leads to '%s', which is no later step", path, next);
	return 0;
}

static int check_options(const struct settings *s, const json_t *steps, size_t here, const char *path, struct complaint *c)
{
	const json_t *options = json_object_get(json_array_get(steps, here), "options"), *option;
	bool seen[10] = { false };
	size_t i;
	json_array_foreach(options, i, option) {
		char at[80];
		const char *value = json_str(option, "value", "");
		snprintf(at, sizeof(at), "%.40s.options.[%zu]", path, i);
		bool digit = value[0] >= '0' && value[0] <= '9' && !value[1];
		if (!digit || seen[value[0] - '0'])
			return settings_complain(s, at, c, "wrong_value", "'%s' is no digit that stands once", value);
		seen[value[0] - '0'] = true;
		if (!*json_str(option, "label", ""))
			return settings_complain(s, at, c, "missing", "%s has no label", at);
		int r = check_next(s, steps, option, here, at, c);
		if (r)
			return r;
	}
	return 0;
}

static int check_step(const struct settings *s, const json_t *steps, size_t here, struct complaint *c)
{
	const json_t *step = json_array_get(steps, here);
	const char *id = json_str(step, "id", ""), *kind = json_str(step, "kind", "");
	size_t n = json_array_size(json_object_get(step, "options"));
	char path[40];
	snprintf(path, sizeof(path), "steps.[%zu]", here);
	if (!is_id(id) || place_of(steps, id) != (int)here)
		return settings_complain(s, path, c, "wrong_value", "'%s' is no name of a step: small letters and digits, each once", id);
	if (!is_kind(kind))
		return settings_complain(s, path, c, "wrong_value", "'%s' is no kind: choice, yes_no, number or text", kind);
	if (strcmp(kind, "choice") == 0 ? n < 2 || n > OPTIONS_MAX : n > 0)
		return settings_complain(s, path, c, "wrong_value", "a choice has 2 to 9 options, every other kind none");
	int r = check_text(s, json_object_get(step, "text"), path, here > 0, c);
	r = r ? r : check_next(s, steps, step, here, path, c);
	return r ? r : check_options(s, steps, here, path, c);
}

static bool opens_any(const json_t *step)
{
	bool any = json_flag(step, "case", false);
	size_t i;
	const json_t *option;
	json_array_foreach(json_object_get(step, "options"), i, option)
		any |= json_flag(option, "case", false);
	return any;
}

int script_check(const struct settings *s, struct complaint *c)
{
	const json_t *root = settings_root(s), *steps = json_object_get(root, "steps");
	size_t n = json_array_size(steps);
	if (!*json_str(root, "name", ""))
		return settings_complain(s, "name", c, "missing", "the dialogue has no name");
	if (n < 1 || n > SCRIPT_STEPS_MAX)
		return settings_complain(s, "steps", c, "out_of_range", "a dialogue has 1 to %d steps", SCRIPT_STEPS_MAX);
	int r = 0;
	bool anonymous = json_flag(root, "anonymous", false);
	for (size_t i = 0; !r && i < n; i++) {
		r = check_step(s, steps, i, c);
		if (!r && anonymous && opens_any(json_array_get(steps, i)))
			r = settings_complain(s, "anonymous", c, "conflict", "nobody is known of an anonymous dialogue: its answers open no case");
	}
	return r || !json_object_get(root, END) ? r : check_text(s, json_object_get(root, END), END, true, c);
}

int script_parse(const char *text, json_t **ret, struct complaint *c)
{
	return settings_tree("", text, script_check, ret, c);
}

const json_t *script_step(const json_t *script, const char *id)
{
	const json_t *steps = json_object_get(script, "steps");
	return *id ? json_array_get(steps, (size_t)place_of(steps, id)) : json_array_get(steps, 0);
}

static const json_t *chosen(const json_t *step, const char *answer)
{
	size_t i;
	const json_t *option;
	json_array_foreach(json_object_get(step, "options"), i, option)
		if (strcmp(json_str(option, "value", ""), answer) == 0)
			return option;
	return NULL;
}

static const char *said_next(const json_t *step, const char *answer)
{
	return json_str(chosen(step, answer), "next", json_str(step, "next", ""));
}

bool script_opens_case(const json_t *step, const char *answer)
{
	return json_flag(chosen(step, answer), "case", json_flag(step, "case", false));
}

const char *script_label(const json_t *step, const char *answer)
{
	return json_str(chosen(step, answer), "label", "");
}

const json_t *script_next(const json_t *script, const json_t *step, const char *answer)
{
	const json_t *steps = json_object_get(script, "steps");
	const char *next = said_next(step, answer);
	int here = place_of(steps, json_str(step, "id", ""));
	if (strcmp(next, END) == 0)
		return NULL;
	return json_array_get(steps, *next ? (size_t)place_of(steps, next) : (size_t)(here + 1));
}
