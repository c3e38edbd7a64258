/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machines that are told what happens here: names, addresses, what they may see, and what the hello of the program that tells them
 * will carry. Called by config_load; reaches nobody. */
#include <stdlib.h>
#include <string.h>

#include "config/draft.h"
#include "config/secret.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define WEBHOOKS_MAX 8

/* One of the list being read. */
struct entry {
	struct draft *d;
	struct webhook_config *hook;
	char path[32]; /* "webhooks.[3]" */
};

static const char *at(const struct entry *e, const char *key, char out[DRAFT_PATH_BYTES])
{
	return draft_join(out, e->path, ".%s", key) ? out : "";
}
#define AT(key) at(e, key, (char[DRAFT_PATH_BYTES]){ 0 })

static void read_name(struct entry *e, size_t index)
{
	e->hook->name = draft_text(e->d, AT("name"), 0);
	if (!e->hook->name)
		return;
	if (!config_name_is_plain(e->hook->name, 32)) {
		draft_mistake(e->d, AT("name"), "invalid_name", "name must be 1 to 32 of a-z, 0-9 and -");
		return;
	}
	for (size_t i = 0; i < index; i++)
		if (!strcmp(e->d->cfg->webhooks[i].name, e->hook->name))
			draft_mistake(e->d, AT("name"), "duplicate_name", "there is a webhook \"%s\" already; choose another name", e->hook->name);
}

static void read_events(struct entry *e)
{
	char **events = draft_texts(e->d, AT("events"), 0);
	for (size_t i = 0; events && events[i]; i++) {
		bool message = !strcmp(events[i], "message"), inbound = !strcmp(events[i], "inbound");
		e->hook->messages |= message;
		e->hook->inbound |= inbound;
		if (!message && !inbound)
			draft_mistake(e->d, AT("events"), "unknown_value", "events are \"message\" and \"inbound\"");
	}
	if (!e->hook->messages && !e->hook->inbound)
		draft_mistake(e->d, AT("events"), "missing_value", "events must name at least one: \"message\", \"inbound\"");
	texts_free(events);
}

static void read_secret(struct entry *e)
{
	OWN(mem) char *name = draft_text(e->d, AT("secret"), 0);
	struct complaint c = { 0 };
	if (!name || !e->d->with_secrets)
		return;
	int r = secret_read(e->d->cfg->folder, name, SECRET_CHARS_MIN, &e->hook->secret, &c);
	if (r == E_NOMEM)
		e->d->no_memory = true;
	else if (r)
		draft_mistake(e->d, AT("secret"), c.rule, "%s", c.text);
}

static void make_settings(struct entry *e)
{
	OWN(mem) char *ca_file = draft_path(e->d, AT("ca_file"), 0);
	json_t *allowed = json_array();
	for (char **block = e->d->cfg->allow_private_endpoints; block && *block; block++)
		json_array_append_new(allowed, json_string(*block));
	e->hook->settings = json_pack("{s:s,s:s,s:s,s:f,s:i,s:o}", "role", "webhook", "url", e->hook->url ? e->hook->url : "", "ca_file",
				      ca_file ? ca_file : "", "timeout", draft_number(e->d, AT("timeout_s"), 0), "in_flight",
				      e->hook->in_flight, "allow_private_endpoints", allowed);
	e->d->no_memory |= !e->hook->settings;
}

static void read_entry(struct draft *d, size_t index)
{
	struct entry entry = { .d = d, .hook = &d->cfg->webhooks[index] }, *e = &entry;
	snprintf(entry.path, sizeof(entry.path), "webhooks.[%zu]", index);
	read_name(e, index);
	e->hook->url = draft_text(d, AT("url"), 0);
	if (e->hook->url && draft_find(d, AT("url")))
		draft_check_url(d, AT("url"), e->hook->url);
	read_events(e);
	e->hook->numbers = draft_flag(d, AT("numbers"), 0);
	e->hook->texts = draft_flag(d, AT("texts"), 0);
	e->hook->in_flight = (int)draft_whole(d, AT("in_flight"), 0);
	e->hook->backlog = draft_whole(d, AT("backlog"), 0);
	read_secret(e);
	make_settings(e);
}

void webhooks_read(struct draft *d)
{
	size_t n = json_array_size(draft_find(d, "webhooks"));
	if (n > WEBHOOKS_MAX) {
		draft_mistake(d, "webhooks", "too_many", "there are %zu webhooks; %d is the most", n, WEBHOOKS_MAX);
		return;
	}
	d->cfg->webhooks = calloc(n + 1, sizeof(*d->cfg->webhooks));
	d->no_memory |= !d->cfg->webhooks;
	for (size_t i = 0; i < n && !d->no_memory; i++) {
		d->cfg->n_webhooks = i + 1;
		read_entry(d, i);
	}
}

void webhooks_done(struct config *cfg)
{
	for (size_t i = 0; i < cfg->n_webhooks; i++) {
		struct webhook_config *w = &cfg->webhooks[i];
		free(w->name);
		free(w->url);
		if (w->secret)
			explicit_bzero(w->secret, strlen(w->secret));
		free(w->secret);
		json_decref(w->settings);
	}
	free(cfg->webhooks);
}

const struct webhook_config *config_webhook(const struct config *cfg, const char *name)
{
	for (size_t i = 0; i < cfg->n_webhooks; i++)
		if (!strcmp(cfg->webhooks[i].name, name))
			return &cfg->webhooks[i];
	return NULL;
}
