/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of USSD aggregators: style, secret and first menu of each. Called by sections.c. */
#include <string.h>

#include "config/draft.h"
#include "config/menu.h"
#include "config/secret.h"
#include "config/ussd_style.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

static void read_secret(struct draft *d, json_t *entry, const char *parent)
{
	char path[DRAFT_PATH_BYTES];
	const char *name = json_str(entry, "webhook_secret", NULL);
	if (!name || !draft_join(path, parent, ".webhook_secret"))
		return;
	if (!d->with_secrets)
		return;
	OWN(mem) char *content = NULL;
	struct complaint c = { 0 };
	int r = secret_read(d->cfg->folder, name, SECRET_CHARS_MIN, &content, &c);
	if (r == E_NOMEM)
		d->no_memory = true;
	else if (r)
		draft_mistake(d, path, c.rule, "%s", c.text);
	else if (json_set_str(entry, "secret", content))
		d->no_memory = true;
}

/* path: where the name was set. */
static void read_menu(struct draft *d, const char *name, const char *path, bool required)
{
	char text[512];
	struct complaint c = { 0 };
	json_t *menu = NULL;
	if (json_object_get(d->cfg->menus, name))
		return;
	int r = menu_find(d->cfg->file, name, &menu, &c);
	complaint_format(&c, text, sizeof(text));
	if (r == E_NOMEM || (!r && json_object_set_new(d->cfg->menus, name, menu)))
		d->no_memory = true;
	else if (r == E_NOT_FOUND && required)
		draft_mistake(d, path, "not_found", "menus/%.32s.conf: there is no such file", name);
	else if (r && r != E_NOT_FOUND)
		draft_mistake(d, path, c.rule, "%s", text);
}

static void read_style(struct draft *d, const json_t *entry, const char *parent)
{
	char path[DRAFT_PATH_BYTES];
	struct ussd_style style;
	const char *setting = "", *why = "";
	int r = ussd_style_read(entry, &style, &setting, &why);
	/* which styles there are the table of keys says */
	if (r == E_INVALID && draft_join(path, parent, ".settings.%s", setting))
		draft_mistake(d, path, "style", "%s %s", setting, why);
}

static void read_blocks(struct draft *d, const char *parent)
{
	char path[DRAFT_PATH_BYTES];
	if (!draft_join(path, parent, ".callback_from"))
		return;
	char **blocks = draft_texts(d, path, 0);
	draft_check_blocks(d, path, blocks);
	texts_free(blocks);
}

static void read_entry(struct draft *d, size_t i, json_t *entry)
{
	char path[DRAFT_PATH_BYTES], at[DRAFT_PATH_BYTES];
	const char *name = json_str(entry, "name", NULL);
	if (!draft_join(path, "ussd", ".[%zu]", i) || !draft_join(at, path, ".name"))
		return;
	if (name && !config_name_is_plain(name, 32))
		draft_mistake(d, at, "invalid_name", "name must be 1 to 32 of a-z, 0-9 and -");
	for (size_t k = 0; name && k < i; k++)
		if (!strcmp(name, json_str(json_array_get(d->cfg->ussd, k), "name", "")))
			draft_mistake(
				d, at, "duplicate_name",
				"there is a ussd entry \"%.32s\" already; choose another name",
				name);
	if (!json_object_get(entry, "menu") && json_set_str(entry, "menu", "main"))
		d->no_memory = true;
	read_style(d, entry, path);
	read_blocks(d, path);
	if (draft_join(at, path, ".menu"))
		read_menu(d, json_str(entry, "menu", ""), at, true);
	read_secret(d, entry, path);
}

void ussd_read(struct draft *d)
{
	const json_t *list = draft_find(d, "ussd");
	d->cfg->ussd = json_is_array(list) ? json_deep_copy(list) : json_array();
	d->cfg->menus = json_object();
	d->no_memory |= !d->cfg->ussd || !d->cfg->menus;
	size_t i;
	json_t *entry;
	json_array_foreach (d->cfg->ussd, i, entry)
		if (json_is_object(entry))
			read_entry(d, i, entry);
	read_menu(d, "main", "ussd", false);
}
