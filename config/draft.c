/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a configuration from its settings: loads, lets the parts check and fill, and gives the
 * result or the first mistake. Called by the programs through config_load; changes nothing outside
 * its result. */
#include "config/draft.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/network.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

OWN_DEFINE(settings, struct settings *, settings_free)
OWN_DEFINE(config, struct config *, config_free)

__attribute__((format(printf, 4, 0))) static void
complain(const struct draft *d, struct complaint *c, const char *path, const char *fmt, va_list ap)
{
	char text[sizeof(c->text)];
	const char *file;
	vsnprintf(text, sizeof(text), fmt, ap);
	c->line = settings_line(d->settings, path, &file);
	snprintf(c->file, sizeof(c->file), "%s", file);
	complaint_set(c, path, "", "%s", text);
}

void draft_mistake(struct draft *d, const char *path, const char *rule, const char *fmt, ...)
{
	int order = settings_order(d->settings, path);
	if (order >= d->first_order)
		return;
	va_list ap;
	va_start(ap, fmt);
	complain(d, &d->first, path, fmt, ap);
	va_end(ap);
	snprintf(d->first.rule, sizeof(d->first.rule), "%s", rule);
	d->first_order = order;
}

void draft_warn(struct draft *d, const char *path, const char *rule, const char *fmt, ...)
{
	struct config *cfg = d->cfg;
	struct complaint *more = realloc(cfg->warnings, (cfg->n_warnings + 1) * sizeof(*more));
	if (!more) {
		d->no_memory = true;
		return;
	}
	cfg->warnings = more;
	struct complaint *c = &more[cfg->n_warnings++];
	*c = (struct complaint){ 0 };
	va_list ap;
	va_start(ap, fmt);
	complain(d, c, path, fmt, ap);
	va_end(ap);
	snprintf(c->rule, sizeof(c->rule), "%s", rule);
}

/* ---- values ---- */

bool draft_join(char out[DRAFT_PATH_BYTES], const char *path, const char *fmt, ...)
{
	size_t n = strlen(path);
	if (n >= DRAFT_PATH_BYTES)
		return false;
	memcpy(out, path, n);
	va_list ap;
	va_start(ap, fmt);
	int more = vsnprintf(out + n, DRAFT_PATH_BYTES - n, fmt, ap);
	va_end(ap);
	return more >= 0 && (size_t)more < DRAFT_PATH_BYTES - n;
}

json_t *draft_find(const struct draft *d, const char *path)
{
	json_t *at = settings_root(d->settings);
	char part[80];
	while (at && *path) {
		size_t n = strcspn(path, ".");
		if (n >= sizeof(part))
			return NULL;
		memcpy(part, path, n);
		part[n] = '\0';
		at = part[0] == '[' ? json_array_get(at, strtoul(part + 1, NULL, 10))
				    : json_object_get(at, part);
		path += n + (path[n] == '.');
	}
	return at;
}

static const char *fallback_of(const char *path, unsigned kind)
{
	const struct config_key *key = config_key_find(path, kind);
	return key && key->fallback ? key->fallback : "";
}

double draft_number(const struct draft *d, const char *path, unsigned kind)
{
	const json_t *value = draft_find(d, path);
	return json_is_number(value) ? json_number_value(value)
				     : strtod(fallback_of(path, kind), NULL);
}

int64_t draft_whole(const struct draft *d, const char *path, unsigned kind)
{
	const json_t *value = draft_find(d, path);
	return json_is_integer(value) ? json_integer_value(value)
				      : strtoll(fallback_of(path, kind), NULL, 10);
}

bool draft_flag(const struct draft *d, const char *path, unsigned kind)
{
	const json_t *value = draft_find(d, path);
	return json_is_boolean(value) ? json_is_true(value)
				      : !strcmp(fallback_of(path, kind), "true");
}

static char *copy(struct draft *d, const char *text, size_t n_bytes)
{
	char *result = strndup(text, n_bytes);
	d->no_memory |= !result;
	return result;
}

/* The first quoted text of a default, moving *from behind it; NULL when there is none. */
static char *quoted(struct draft *d, const char **from)
{
	const char *begin = strchr(*from, '"');
	const char *end = begin ? strchr(begin + 1, '"') : NULL;
	if (!end)
		return NULL;
	*from = end + 1;
	return copy(d, begin + 1, (size_t)(end - begin - 1));
}

char *draft_text(struct draft *d, const char *path, unsigned kind)
{
	const json_t *value = draft_find(d, path);
	if (json_is_string(value))
		return copy(d, json_string_value(value), json_string_length(value));
	const char *from = fallback_of(path, kind);
	return strchr(from, '"') ? quoted(d, &from) : copy(d, "", 0);
}

static bool add_text(char ***texts, size_t *n, char *text)
{
	char **more = text ? realloc(*texts, (*n + 2) * sizeof(*more)) : NULL;
	if (!more) {
		free(text);
		return false;
	}
	more[(*n)++] = text;
	more[*n] = NULL;
	*texts = more;
	return true;
}

char **draft_texts(struct draft *d, const char *path, unsigned kind)
{
	char **texts = calloc(1, sizeof(*texts));
	size_t n = 0, i;
	const json_t *value = draft_find(d, path), *element;
	if (json_is_array(value)) {
		json_array_foreach (value, i, element)
			if (texts && json_is_string(element) &&
			    !add_text(&texts, &n,
				      copy(d, json_string_value(element),
					   json_string_length(element))))
				d->no_memory = true;
	} else {
		const char *from = fallback_of(path, kind);
		while (texts && strchr(from, '"'))
			if (!add_text(&texts, &n, quoted(d, &from)))
				d->no_memory = true;
	}
	d->no_memory |= !texts;
	return texts;
}

char *draft_path(struct draft *d, const char *path, unsigned kind)
{
	char *text = draft_text(d, path, kind), *whole;
	if (!text || !text[0] || text[0] == '/')
		return text;
	int n = asprintf(&whole, "%s/%s", d->cfg->folder, text);
	free(text);
	if (n < 0) {
		d->no_memory = true;
		return NULL;
	}
	return whole;
}

void texts_free(char **texts)
{
	for (char **t = texts; t && *t; t++)
		free(*t);
	free(texts);
}

/* ---- the whole ---- */

static void channel_done(struct channel_config *ch)
{
	char *const texts[] = { ch->name,     ch->driver,  ch->sender, ch->provider,
				ch->base_url, ch->ca_file, ch->program };
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		free(texts[i]);
	free(ch->balance.ussd);
	free(ch->balance.pattern);
	texts_free(ch->networks);
	texts_free(ch->callback_from);
	texts_free(ch->arguments);
	texts_free(ch->power);
	if (ch->webhook_secret)
		explicit_bzero(ch->webhook_secret, strlen(ch->webhook_secret));
	free(ch->webhook_secret);
	json_decref(ch->settings);
	json_decref(ch->secrets);
}

void config_free(struct config *cfg)
{
	if (!cfg)
		return;
	char *const texts[] = { cfg->file,
				cfg->folder,
				cfg->data_dir,
				cfg->store,
				cfg->node,
				cfg->replica,
				cfg->timezone,
				cfg->country,
				cfg->control,
				cfg->query,
				cfg->organisation.name,
				cfg->organisation.unit,
				cfg->organisation.reply_number,
				cfg->organisation.duty_number,
				cfg->backup.public_key,
				cfg->web.listen,
				cfg->web.public_url };
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		free(texts[i]);
	texts_free(cfg->allow_private_endpoints);
	for (size_t i = 0; i < cfg->n_channels; i++)
		channel_done(&cfg->channels[i]);
	free(cfg->channels);
	webhooks_done(cfg);
	json_decref(cfg->ussd);
	json_decref(cfg->menus);
	phone_plan_done(&cfg->plan);
	free(cfg->warnings);
	free(cfg);
}

void draft_check_url(struct draft *d, const char *path, const char *url)
{
	const char *dot = strrchr(path, '.'), *key = dot ? dot + 1 : path;
	struct network_url parts;
	struct in6_addr address;
	if (network_url_parse(url, &parts)) {
		draft_mistake(d, path, "invalid_url", "%s must be https://host[:port][/path], without ? # and @", key);
		return;
	}
	const char *host = strcmp(parts.host, "localhost") ? parts.host : "127.0.0.1";
	bool literal = !network_address_parse(host, &address);
	if (literal && network_allowed(d->cfg->allow_private_endpoints, &address))
		return;
	if (literal && network_is_private(&address))
		draft_mistake(d, path, "private_endpoint",
			      "%.60s is a private address; add it to network.allow_private_endpoints if it is meant", parts.host);
	else if (!parts.tls)
		draft_mistake(d, path, "not_https",
			      "http:// would send people's numbers in clear text; use https://, or an address in allow_private_endpoints");
}

void draft_check_blocks(struct draft *d, const char *path, char *const *texts)
{
	struct network_block block;
	char at[DRAFT_PATH_BYTES];
	for (size_t i = 0; texts && texts[i]; i++)
		if (network_block_parse(texts[i], &block) && draft_join(at, path, ".[%zu]", i))
			draft_mistake(d, at, "invalid_block",
				      "\"%.60s\" is no block of addresses; write 127.0.0.1/32 or "
				      "10.0.0.0/8 (no bits beyond the prefix)",
				      texts[i]);
}

const struct channel_config *config_channel(const struct config *cfg, const char *name)
{
	for (size_t i = 0; i < cfg->n_channels; i++)
		if (!strcmp(cfg->channels[i].name, name))
			return &cfg->channels[i];
	return NULL;
}

static int set_place(struct config *cfg, const char *file)
{
	OWN(mem) char *here = file[0] == '/' ? strdup("") : getcwd(NULL, 0);
	if (!here)
		return errno == ENOMEM ? E_NOMEM : E_IO;
	if (asprintf(&cfg->file, "%s%s%s", here, here[0] ? "/" : "", file) < 0) {
		cfg->file = NULL;
		return E_NOMEM;
	}
	size_t n = (size_t)(strrchr(cfg->file, '/') - cfg->file);
	cfg->folder = n ? strndup(cfg->file, n) : strdup("/");
	return cfg->folder ? 0 : E_NOMEM;
}

/* Everything that can be read of the settings; the first mistake into *c, or none. */
static int read_all(struct settings *settings, bool with_secrets, struct config *cfg, struct complaint *c)
{
	struct draft d = { .settings = settings,
			   .cfg = cfg,
			   .first_order = INT_MAX,
			   .with_secrets = with_secrets };
	shape_check(&d);
	sections_read(&d);
	channels_read(&d);
	webhooks_read(&d);
	if (d.no_memory)
		return E_NOMEM;
	if (d.first_order == INT_MAX)
		return 0;
	*c = d.first;
	return E_CONFIG;
}

int config_load(const char *file, bool with_secrets, struct config **ret, struct complaint *c)
{
	OWN(settings) struct settings *settings = NULL;
	OWN(config) struct config *cfg = calloc(1, sizeof(*cfg));
	int r = cfg ? set_place(cfg, file) : E_NOMEM;
	if (!r)
		r = settings_read(cfg->file, &settings, c);
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	r = read_all(settings, with_secrets, cfg, c);
	if (!r)
		*ret = MOVE(cfg);
	return r;
}

int config_load_sockets(const char *file, struct config **ret, struct complaint *c)
{
	OWN(settings) struct settings *settings = NULL;
	OWN(config) struct config *cfg = calloc(1, sizeof(*cfg));
	struct complaint also = { 0 };
	*c = (struct complaint){ 0 };
	int r = cfg ? set_place(cfg, file) : E_NOMEM;
	if (!r)
		r = settings_read(cfg->file, &settings, c);
	if (r == E_INVALID)
		r = settings_salvage(cfg->file, &settings);
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	r = read_all(settings, false, cfg, &also);
	if (r == E_CONFIG && !c->text[0])
		*c = also;
	if (r == E_NOMEM || !cfg->control || !cfg->control[0] || !cfg->query || (c->text[0] && !json_is_string(json_object_get(settings_root(settings), "control"))))
		return r == E_NOMEM ? r : E_CONFIG;
	*ret = MOVE(cfg);
	return 0;
}
