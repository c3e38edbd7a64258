/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a channel's driver is told in hello: its settings with every default, its secrets, its
 * provider's profile. Called by channels.c once a channel's values are read; starts no driver. */
#include "config/slot.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/provider.h"
#include "config/secret.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

OWN_DEFINE(provider, struct provider *, provider_free)

const char *slot_at(const struct slot *p, const char *key, char out[DRAFT_PATH_BYTES])
{
	return draft_join(out, p->path, ".%s", key) ? out : p->path;
}

/* ---- secrets ---- */

/* Content of the secret that path names, the caller's; NULL when it is not read or a mistake was
 * noted. */
static char *read_secret(struct slot *p, const char *path, const json_t *name, size_t chars_min)
{
	char *content = NULL;
	struct complaint c = { 0 };
	if (!p->d->with_secrets || !json_is_string(name))
		return NULL;
	int r = secret_read(p->d->cfg->folder, json_string_value(name), chars_min, &content, &c);
	p->d->no_memory |= r == E_NOMEM;
	if (r && r != E_NOMEM)
		draft_mistake(p->d, path, c.rule, "%s", c.text);
	return content;
}

static void add_secret(struct slot *p, const char *key, const char *path, const json_t *name,
		       size_t chars_min)
{
	char *content = read_secret(p, path, name, chars_min);
	if (content && json_set_str(p->ch->secrets, key, content))
		p->d->no_memory = true;
	if (content)
		explicit_bzero(content, strlen(content));
	free(content);
}

/* Anything else would reach the modem as part of a command, and a wrong try is counted by the SIM.
 */
static void check_pin(struct slot *p)
{
	const char *pin = json_str(p->ch->secrets, "pin", NULL);
	size_t n = pin ? strlen(pin) : 0;
	if (pin && (n > 8 || strspn(pin, "0123456789") != n))
		draft_mistake(p->d, AT("pin_secret"), "invalid_pin",
			      "the secret that pin_secret names must hold 4 to 8 digits");
}

/* A user's or contract's name differs from account to account like a secret, but may be short and seen. */
static void add_options(struct slot *p)
{
	const char *key;
	const json_t *value;
	json_object_foreach (json_object_get(p->object, "options"), key, value) {
		char path[DRAFT_PATH_BYTES];
		if (json_object_get(json_object_get(p->object, "secrets"), key) &&
		    draft_join(path, p->path, ".options.%s", key))
			draft_mistake(p->d, path, "duplicate_name",
				      "%s stands in secrets already; keep one of them", key);
		else if (json_is_string(value) &&
			 json_set_str(p->ch->secrets, key, json_string_value(value)))
			p->d->no_memory = true;
	}
}

void slot_read_secrets(struct slot *p)
{
	const char *key;
	const json_t *name;
	p->ch->secrets = json_object();
	json_object_foreach (json_object_get(p->object, "secrets"), key, name) {
		char path[DRAFT_PATH_BYTES];
		/* a modem behind another program has its PIN there */
		if (draft_join(path, p->path, ".secrets.%s", key))
			add_secret(p, key, path, name, p->kind == KIND_EXEC && !strcmp(key, "pin") ? SECRET_PIN_CHARS_MIN : SECRET_CHARS_MIN);
	}
	if (p->kind == KIND_HTTP)
		add_options(p);
	if (p->kind == KIND_GAMMU) {
		add_secret(p, "pin", AT("pin_secret"), json_object_get(p->object, "pin_secret"),
			   SECRET_PIN_CHARS_MIN);
		check_pin(p);
	}
	p->ch->webhook_secret =
		read_secret(p, AT("webhook_secret"), json_object_get(p->object, "webhook_secret"),
			    SECRET_CHARS_MIN);
}

/* ---- provider ---- */

static bool provider_name_is_plain(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
	return n && n <= 64 && !name[n];
}

/* The profile's path, the caller's; NULL with a mistake noted. */
static char *find_provider(struct slot *p)
{
	char name[96], *path = NULL;
	const char *provider = p->ch->provider;
	if (!json_is_string(json_object_get(p->object, "provider")))
		return NULL;
	if (!provider_name_is_plain(provider)) {
		draft_mistake(p->d, AT("provider"), "invalid_name",
			      "provider must be the name of a file in providers/, without .conf");
		return NULL;
	}
	snprintf(name, sizeof(name), "providers/%s.conf", provider);
	int r = settings_find(p->d->cfg->file, name, &path);
	if (r == E_NOT_FOUND)
		draft_mistake(p->d, AT("provider"), "missing_file",
			      "%s was found neither in %s nor in %s nor beside the programs", name,
			      p->d->cfg->folder, CAUNOI_DATADIR);
	p->d->no_memory |= r == E_NOMEM;
	return path;
}

/* ---- hello ---- */

static json_t *text_value(const struct slot *p, const struct config_key *key, const char *path)
{
	bool is_path = key->unit && !strcmp(key->unit, "path");
	OWN(mem)
	char *text = is_path ? draft_path(p->d, path, p->kind) : draft_text(p->d, path, p->kind);
	return json_string(text ? text : "");
}

static json_t *value_of(const struct slot *p, const struct config_key *key, const char *path)
{
	const json_t *set = json_object_get(p->object, strrchr(key->path, '.') + 1);
	switch (key->type) {
	case KEY_TEXT:
		return set || key->fallback ? text_value(p, key, path) : NULL;
	case KEY_WHOLE:
		return set || key->fallback ? json_integer(draft_whole(p->d, path, p->kind)) : NULL;
	case KEY_NUMBER:
		return set || key->fallback ? json_real(draft_number(p->d, path, p->kind)) : NULL;
	case KEY_FLAG:
		return json_boolean(draft_flag(p->d, path, p->kind));
	case KEY_TEXTS:
	case KEY_GROUP:
	case KEY_GROUPS:
	case KEY_ANY:
		return set ? json_deep_copy(set) : NULL;
	}
	return NULL;
}

/* Every key of the channel's kind with its default, but secrets and keys inside groups that are not
 * set. */
static void add_settings(struct slot *p, json_t *out)
{
	size_t n;
	const struct config_key *keys = config_key_table(&n);
	for (size_t i = 0; i < n; i++) {
		const char *name =
			strncmp(keys[i].path, "channels.[].", 12) ? "" : keys[i].path + 12;
		if (!name[0] || strchr(name, '.') || !(keys[i].kinds & p->kind) || keys[i].secret ||
		    !strcmp(name, "secrets"))
			continue;
		json_t *value = value_of(p, &keys[i], AT(name));
		if (value && json_object_set_new(out, name, value))
			p->d->no_memory = true;
	}
}

/* Reads the profile as the driver will, so that its mistakes are told here and not by a driver that
 * dies. */
static void check_profile(struct slot *p, const char *file)
{
	OWN(provider) struct provider *profile = NULL;
	struct complaint c = { 0 };
	if (!p->d->with_secrets || !file)
		return;
	int r = provider_load(file, &profile, &c);
	p->d->no_memory |= r == E_NOMEM;
	if (r && r != E_NOMEM)
		draft_mistake(p->d, AT("provider"), c.rule[0] ? c.rule : "invalid_profile",
			      "%s, line %d: %s%s%s", c.file, c.line, c.field,
			      c.field[0] ? ": " : "", c.text);
	const char *name = r ? NULL : provider_missing_secret(profile, p->ch->secrets);
	char path[DRAFT_PATH_BYTES];
	if (name && draft_join(path, p->path, ".secrets") &&
	    !json_object_get(json_object_get(p->object, "secrets"), name))
		draft_mistake(p->d, path, "missing_key",
			      "the profile %s needs a secret %s; add: secrets = { %s = \"NAME\"; }, "
			      "or options = { %s = \"value\"; } where it is none",
			      p->ch->provider, name, name, name);
}

/* Where the provider reports to; the secret is part of the address. */
static int add_receipt_url(const struct slot *p, json_t *out)
{
	const char *public_url = p->d->cfg->web.public_url, *secret = p->ch->webhook_secret;
	OWN(mem) char *url = NULL;
	if (!public_url || !public_url[0] || !secret)
		return 0;
	if (asprintf(&url, "%s/hooks/%s/%s/receipt", public_url, p->ch->name, secret) < 0) {
		url = NULL;
		return E_NOMEM;
	}
	return json_set_str(out, "receipt_url", url);
}

static json_t *text_array(char *const *texts)
{
	json_t *array = json_array();
	for (; array && *texts; texts++)
		json_array_append_new(array, json_string(*texts));
	return array;
}

/* A mark of the profile's content: a driver that was started with another one is started again. */
static int add_revision(const char *file, json_t *out)
{
	char text[17];
	uint64_t mark = UINT64_C(14695981039346656037); /* FNV-1a */
	FILE *in = fopen(file, "re");
	if (!in)
		return 0; /* the profile's own check says so */
	for (int c; (c = getc(in)) != EOF;)
		mark = (mark ^ (uint64_t)c) * UINT64_C(1099511628211);
	fclose(in);
	snprintf(text, sizeof(text), "%016llx", (unsigned long long)mark);
	return json_set_str(out, "provider_revision", text);
}

static void add_retry(struct slot *p, json_t *out)
{
	const struct retry_config *r = &p->ch->retry;
	json_t *retry = json_pack("{s:f,s:f,s:f,s:i,s:i}", "first_s", r->first_s, "factor",
				  r->factor, "cap_s", r->cap_s, "jitter_percent", r->jitter_percent,
				  "attempts", r->attempts);
	if (json_object_set_new(out, "retry", retry))
		p->d->no_memory = true;
}

static void add_balance(struct slot *p, json_t *out)
{
	if (!json_object_get(out, "balance"))
		return;
	OWN(mem) char *ussd = draft_text(p->d, AT("balance.ussd"), p->kind);
	json_t *balance = json_pack("{s:s,s:f,s:I}", "ussd", ussd ? ussd : "", "every_h",
				    draft_number(p->d, AT("balance.every_h"), p->kind), "low_vnd",
				    (json_int_t)draft_whole(p->d, AT("balance.low_vnd"), p->kind));
	if (json_object_set_new(out, "balance", balance))
		p->d->no_memory = true;
}

void slot_make_settings(struct slot *p)
{
	struct channel_config *ch = p->ch;
	if (p->kind == KIND_EXEC) {
		const json_t *set = json_object_get(p->object, "settings");
		ch->settings = json_is_object(set) ? json_deep_copy(set) : json_object();
		p->d->no_memory |= !ch->settings;
		return;
	}
	ch->settings = json_object();
	if (!ch->settings) {
		p->d->no_memory = true;
		return;
	}
	add_settings(p, ch->settings);
	json_object_del(ch->settings, "rate_per_minute");
	int r = json_object_set_new(ch->settings, "rate_per_second",
				    json_real(ch->rate_per_second));
	r |= json_set_int(ch->settings, "burst", ch->burst);
	r |= json_object_set_new(ch->settings, "networks", text_array(ch->networks));
	add_retry(p, ch->settings);
	add_balance(p, ch->settings);
	if (p->kind == KIND_HTTP) {
		OWN(mem) char *profile = find_provider(p);
		r |= json_set_str(ch->settings, "provider_file", profile);
		r |= profile ? add_revision(profile, ch->settings) : 0;
		r |= json_object_set_new(ch->settings, "allow_private_endpoints",
					 text_array(p->d->cfg->allow_private_endpoints));
		r |= add_receipt_url(p, ch->settings);
		check_profile(p, profile);
	}
	p->d->no_memory |= r != 0;
}
