/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Menus as data: read, checked, shown. Called by the configuration, by the verbs on dialogues and by the engine that walks them; keeps
 * nothing. */
#include "config/menu.h"

#include <stdio.h>
#include <string.h>

#include "config/script.h"
#include "config/settings.h"
#include "gateway/base/fold.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define LANGUAGE_CHARS 8
#define OPTIONS_MAX 9
#define LONGEST_CODE "PA12345678"

static const char *const kind_names[MENU_KINDS] = {
	[MENU_CHOICE] = "choice", [MENU_TEXT] = "text",	    [MENU_NUMBER] = "number", [MENU_DATE] = "date",	[MENU_CODE] = "code",
	[MENU_HAMLET] = "hamlet", [MENU_SURVEY] = "survey", [MENU_END] = "end",	      [MENU_YES_NO] = "yes_no",
};
static const char *const action_names[ACTION_COUNT] = {
	[ACTION_NONE] = "",	    [ACTION_CASE] = "case",	  [ACTION_SIGN_UP] = "sign_up", [ACTION_CALL_BACK] = "call_back",
	[ACTION_STATUS] = "status", [ACTION_OPT_OUT] = "opt_out", [ACTION_OPT_IN] = "opt_in",
};

static int place_in(const char *const *names, int n, const char *name)
{
	int i = 0;
	while (i < n && strcmp(names[i], name) != 0)
		i++;
	return i;
}

enum menu_kind menu_kind_of(const json_t *step)
{
	return (enum menu_kind)place_in(kind_names, MENU_KINDS, json_str(step, "kind", ""));
}

enum menu_action menu_action_of(const json_t *step)
{
	return (enum menu_action)place_in(action_names, ACTION_COUNT, json_str(step, "action", ""));
}

/* ---- screens ---- */

const char *menu_text(const json_t *texts, const char *language)
{
	return json_is_string(texts) ? json_string_value(texts) : json_str(texts, language, json_str(texts, "vi", ""));
}

const json_t *menu_option(const json_t *step, const char *value)
{
	size_t i;
	const json_t *option;
	json_array_foreach(json_object_get(step, "options"), i, option)
		if (strcmp(json_str(option, "value", ""), value) == 0)
			return option;
	return NULL;
}

static void add(char out[MENU_SCREEN_BYTES], const char *value, const char *label)
{
	size_t n = strlen(out);
	snprintf(out + n, MENU_SCREEN_BYTES - n, "%s%s.%s", n ? " " : "", value, label);
}

void menu_screen(const json_t *menu, const json_t *step, const char *language, char ret[MENU_SCREEN_BYTES])
{
	size_t i;
	const json_t *option;
	snprintf(ret, MENU_SCREEN_BYTES, "%s", menu_text(json_object_get(step, "text"), language));
	/* a survey's text says its options itself */
	if (!json_flag(menu, "menu", false) || menu_kind_of(step) != MENU_CHOICE)
		return;
	json_array_foreach(json_object_get(step, "options"), i, option)
		add(ret, json_str(option, "value", ""), menu_text(json_object_get(option, "label"), language));
	if (step != script_step(menu, ""))
		add(ret, "0", menu_text(json_object_get(menu, "back"), language));
}

/* ---- checks: path is where to look for the line ---- */

/* One file under examination. */
struct inspection {
	const struct settings *s;
	const json_t *menu, *steps;
	struct complaint *c;
	const char *step; /* name of the one that is looked at; NULL none */
};

/* Where something is, for people: "the step 'noidung'", or the key. */
struct spot {
	char text[48];
};

static struct spot spot_of(const struct inspection *on, const char *key)
{
	struct spot s;
	if (on->step)
		snprintf(s.text, sizeof(s.text), "the step '%.*s'", SCRIPT_ID_CHARS, on->step);
	else
		snprintf(s.text, sizeof(s.text), "%.40s", key);
	return s;
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

static const char *id_of(const json_t *steps, size_t i)
{
	return json_str(json_array_get(steps, i), "id", "");
}

/* As long as it can become. */
static int check_shown(const struct inspection *on, const char *path, const char *language, const char *text)
{
	char longest[2 * MENU_SCREEN_BYTES], wrong[1][5];
	struct measure m;
	const char *code = strstr(text, "{code}");
	if (code)
		snprintf(longest, sizeof(longest), "%.*s" LONGEST_CODE "%s", (int)(code - text), text, code + strlen("{code}"));
	else
		snprintf(longest, sizeof(longest), "%s", text);
	int n = gsm7_forcing(longest, wrong, 1);
	if (n < 0)
		return n;
	if (n > 0)
		return settings_complain(on->s, path, on->c, "alphabet", "%s (%s) holds '%s', which not every telephone can show", spot_of(on, path).text, language, wrong[0]);
	gsm7_measure(longest, 8, &m);
	if (m.n_units > MENU_SCREEN_CHARS)
		return settings_complain(on->s, path, on->c, "too_long", "%s (%s) has %d characters on its screen; there is room for %d", spot_of(on, path).text, language, m.n_units,
					 MENU_SCREEN_CHARS);
	return 0;
}

static int check_language(const struct inspection *on, const char *path, const char *language)
{
	size_t n = strspn(language, "abcdefghijklmnopqrstuvwxyz");
	return n >= 2 && n <= LANGUAGE_CHARS && !language[n] ?
		       0 :
		       settings_complain(on->s, path, on->c, "wrong_value", "'%s' is no language: two to eight small letters", language);
}

static int check_texts(const struct inspection *on, const json_t *texts, const char *path, bool required)
{
	const char *language;
	const json_t *text;
	if (required && !*menu_text(texts, "vi"))
		return settings_complain(on->s, path, on->c, "missing", "%s has no text in Vietnamese (vi)", spot_of(on, path).text);
	int r = json_is_string(texts) ? check_shown(on, path, "vi", json_string_value(texts)) : 0;
	json_object_foreach((json_t *)texts, language, text) {
		r = r ? r : check_language(on, path, language);
		r = r ? r : check_shown(on, path, language, json_is_string(text) ? json_string_value(text) : "");
	}
	return r;
}

static int check_next(const struct inspection *on, const json_t *at, const char *path)
{
	char key[80];
	const char *next = json_str(at, "next", NULL);
	snprintf(key, sizeof(key), "%.70s.next", path);
	if (next && place_of(on->steps, next) < 0)
		return settings_complain(on->s, key, on->c, "unknown_step", "%s leads to '%s', and there is no such step", spot_of(on, path).text, next);
	return 0;
}

/* Labels that read alike on any screen. */
static int check_label(const struct inspection *on, const json_t *options, size_t here, const char *path)
{
	const json_t *label = json_object_get(json_array_get(options, here), "label");
	OWN(mem) char *mine = fold(menu_text(label, "vi"));
	if (!mine)
		return E_NOMEM;
	for (size_t i = 0; i < here; i++) {
		OWN(mem) char *other = fold(menu_text(json_object_get(json_array_get(options, i), "label"), "vi"));
		if (!other)
			return E_NOMEM;
		if (strcmp(mine, other) == 0)
			return settings_complain(on->s, path, on->c, "twice", "the label '%s' stands twice in one choice", menu_text(label, "vi"));
	}
	return check_texts(on, label, path, true);
}

static int check_options(const struct inspection *on, const json_t *step, const char *path)
{
	const json_t *options = json_object_get(step, "options"), *option;
	size_t i, n = json_array_size(options);
	int r = 0;
	if (n < 1 || n > OPTIONS_MAX)
		return settings_complain(on->s, path, on->c, "wrong_value", "a choice has 1 to %d options", OPTIONS_MAX);
	json_array_foreach(options, i, option) {
		char at[64];
		const char *value = json_str(option, "value", ""), *language = json_str(option, "language", NULL);
		snprintf(at, sizeof(at), "%.30s.options.[%zu]", path, i);
		if (value[0] < '1' || value[0] > '9' || value[1] || menu_option(step, value) != option)
			return settings_complain(on->s, at, on->c, "wrong_value", "'%s' is no digit from 1 to 9 that stands once; 0 goes back by itself", value);
		r = check_label(on, options, i, at);
		r = r ? r : check_next(on, option, at);
		r = r || !language ? r : check_language(on, at, language);
		if (r)
			return r;
	}
	return r;
}

static int check_branches(const struct inspection *on, const json_t *step, const char *path)
{
	size_t i;
	const json_t *branch;
	int r = 0;
	json_array_foreach(json_object_get(step, "when"), i, branch) {
		char at[64];
		snprintf(at, sizeof(at), "%.30s.when.[%zu]", path, i);
		if (!r && (place_of(on->steps, json_str(branch, "step", "")) < 0 || !*json_str(branch, "is", "") || !*json_str(branch, "next", "")))
			r = settings_complain(on->s, at, on->c, "missing", "%s needs a step, what its answer is, and where that leads (next)", at);
		r = r ? r : check_next(on, branch, at);
	}
	return r;
}

/* A step's screen in every language that any of its texts has. */
static int check_screens(const struct inspection *on, const json_t *step, const char *path)
{
	char screen[MENU_SCREEN_BYTES];
	const char *language;
	const json_t *text;
	json_object_foreach(json_object_get(step, "text"), language, text) {
		menu_screen(on->menu, step, language, screen);
		int r = check_shown(on, path, language, screen);
		if (r)
			return r;
	}
	menu_screen(on->menu, step, "vi", screen);
	return check_shown(on, path, "vi", screen);
}

static bool is_id(const char *id)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return n > 0 && n <= SCRIPT_ID_CHARS && !id[n];
}

static int check_step(struct inspection *on, size_t here)
{
	const json_t *step = json_array_get(on->steps, here);
	const char *id = on->step = id_of(on->steps, here);
	enum menu_kind kind = menu_kind_of(step);
	char path[40];
	snprintf(path, sizeof(path), "steps.[%zu]", here);
	if (!is_id(id) || place_of(on->steps, id) != (int)here)
		return settings_complain(on->s, path, on->c, "wrong_value", "'%s' is no name of a step: small letters and digits, each once", id);
	if (kind == MENU_KINDS || kind == MENU_YES_NO)
		return settings_complain(on->s, path, on->c, "wrong_value", "'%s' is no kind: choice, text, number, date, code, hamlet, survey or end", json_str(step, "kind", ""));
	if (menu_action_of(step) == ACTION_COUNT || (kind != MENU_END && menu_action_of(step)))
		return settings_complain(on->s, path, on->c, "wrong_value", "'%s' is no action of a step of this kind", json_str(step, "action", ""));
	if (kind != MENU_CHOICE && json_object_get(step, "options"))
		return settings_complain(on->s, path, on->c, "wrong_value", "only a choice has options");
	int r = check_texts(on, json_object_get(step, "text"), path, kind != MENU_CHOICE);
	r = r ? r : check_texts(on, json_object_get(step, "wrong"), path, false);
	r = r ? r : check_next(on, step, path);
	r = r || kind != MENU_CHOICE ? r : check_options(on, step, path);
	r = r ? r : check_branches(on, step, path);
	if (!r && kind != MENU_END && kind != MENU_SURVEY && kind != MENU_CHOICE && !json_object_get(step, "next") && here + 1 == json_array_size(on->steps))
		r = settings_complain(on->s, path, on->c, "no_way_out", "the step '%s' leads nowhere", id);
	return r ? r : check_screens(on, step, path);
}

/* ---- ways ---- */

struct map {
	bool to[MENU_STEPS_MAX][MENU_STEPS_MAX];
};

static void lead(const struct inspection *on, struct map *m, size_t here, const char *next)
{
	int to = next ? place_of(on->steps, next) : (int)here + 1;
	if (to >= 0 && to < (int)json_array_size(on->steps))
		m->to[here][to] = true;
}

static void draw(const struct inspection *on, struct map *m, size_t here)
{
	const json_t *step = json_array_get(on->steps, here), *way;
	const char *next = json_str(step, "next", NULL);
	enum menu_kind kind = menu_kind_of(step);
	size_t i;
	json_array_foreach(json_object_get(step, "options"), i, way)
		lead(on, m, here, json_str(way, "next", next));
	json_array_foreach(json_object_get(step, "when"), i, way)
		lead(on, m, here, json_str(way, "next", next));
	if (kind != MENU_CHOICE && kind != MENU_END && kind != MENU_SURVEY)
		lead(on, m, here, next);
}

/* Follows the ways forwards from what is marked, or backwards to it. */
static void spread(const struct map *m, size_t n, bool forwards, bool marked[MENU_STEPS_MAX])
{
	for (bool more = true; more;) {
		more = false;
		for (size_t a = 0; a < n; a++)
			for (size_t b = 0; b < n; b++) {
				size_t from = forwards ? a : b, to = forwards ? b : a;
				if (m->to[a][b] && marked[from] && !marked[to])
					marked[to] = more = true;
			}
	}
}

static int check_ways(const struct inspection *on)
{
	struct map m = { 0 };
	bool reached[MENU_STEPS_MAX] = { true }, ends[MENU_STEPS_MAX] = { false };
	size_t n = json_array_size(on->steps);
	for (size_t i = 0; i < n; i++) {
		enum menu_kind kind = menu_kind_of(json_array_get(on->steps, i));
		draw(on, &m, i);
		ends[i] = kind == MENU_END || kind == MENU_SURVEY;
	}
	spread(&m, n, true, reached);
	spread(&m, n, false, ends);
	for (size_t i = 0; i < n; i++) {
		char path[40];
		snprintf(path, sizeof(path), "steps.[%zu]", i);
		if (!reached[i])
			return settings_complain(on->s, path, on->c, "unreachable", "nothing leads to the step '%s'", id_of(on->steps, i));
		if (!ends[i])
			return settings_complain(on->s, path, on->c, "no_way_out", "no way leads from the step '%s' to an end", id_of(on->steps, i));
	}
	return 0;
}

static int check(const struct settings *s, struct complaint *c)
{
	const json_t *root = settings_root(s);
	struct inspection on = { .s = s, .menu = root, .steps = json_object_get(root, "steps"), .c = c };
	size_t n = json_array_size(on.steps);
	if (!*json_str(root, "name", ""))
		return settings_complain(s, "name", c, "missing", "the dialogue has no name");
	if (n < 1 || n > MENU_STEPS_MAX)
		return settings_complain(s, "steps", c, "out_of_range", "a menu has 1 to %d steps", MENU_STEPS_MAX);
	int r = check_texts(&on, json_object_get(root, "back"), "back", true);
	r = r ? r : check_texts(&on, json_object_get(root, "bye"), "bye", true);
	for (size_t i = 0; !r && i < n; i++)
		r = check_step(&on, i);
	return r ? r : check_ways(&on);
}

/* ---- reading ---- */

static int check_either(const struct settings *s, struct complaint *c)
{
	return json_flag(settings_root(s), "menu", false) ? check(s, c) : script_check(s, c);
}

int menu_read(const char *file, json_t **ret, struct complaint *c)
{
	return settings_tree(file, NULL, check_either, ret, c);
}

int menu_parse(const char *text, json_t **ret, struct complaint *c)
{
	return settings_tree("", text, check_either, ret, c);
}

int menu_find(const char *config_file, const char *name, json_t **ret, struct complaint *c)
{
	OWN(mem) char *path = NULL;
	char file[64];
	snprintf(file, sizeof(file), "menus/%.40s.conf", name);
	int r = settings_find(config_file, file, &path);
	return r ? r : menu_read(path, ret, c);
}
