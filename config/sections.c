/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys outside channels: places, organisation, web, sending rules, allowed addresses, USSD
 * callbacks. Called by config_load; checks what the table cannot say and warns of values looser
 * than the law (Decree 91/2020). */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/draft.h"
#include "config/network.h"
#include "config/numbers.h"
#include "config/secret.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define NIGHT_FROM_MIN (22 * 60)
#define NIGHT_TO_MIN (7 * 60)
#define DAY_MIN (24 * 60)

bool config_name_is_plain(const char *name, size_t chars_max)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return n && n <= chars_max && !name[n];
}

/* ---- places ---- */

static bool zone_exists(const char *zone)
{
	char path[160];
	struct stat st;
	if (!zone[0] || zone[0] == '/' || strstr(zone, "..") || strlen(zone) > 100)
		return false;
	if (!strcmp(zone, "UTC") || stat("/usr/share/zoneinfo", &st))
		return true;
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", zone);
	return !stat(path, &st) && S_ISREG(st.st_mode);
}

static void check_store(struct draft *d, const char *store)
{
	struct stat st;
	if (!strcmp(store, "sqlite"))
		return;
	if (strncmp(store, "postgresql://", 13) != 0 && strncmp(store, "postgres://", 11) != 0) {
		draft_mistake(d, "store", "unknown_value",
			      "store must be \"sqlite\" or \"postgresql://host/database\"");
		return;
	}
	const char *at = strchr(store, '@'), *user = strstr(store, "://") + 3,
		   *colon = strchr(user, ':');
	if (!(at && colon && colon < at) && !strstr(store, "password="))
		return;
	if (!stat(d->cfg->file, &st) && (st.st_mode & 0077))
		draft_mistake(d, "store", "secret_mode",
			      "store holds a password and others may read this file; run chmod 600 "
			      "on it, or use ~/.pgpass");
	else
		draft_warn(d, "store", "secret_in_config",
			   "store holds a password; ~/.pgpass of the service's user is the better "
			   "place");
}

#define NODE_CHARS_MAX 63

/* Made of what a host name may hold; the host's own where none is set. */
static void read_node(struct draft *d)
{
	struct config *cfg = d->cfg;
	cfg->node = draft_text(d, "node", 0);
	if (cfg->node && !cfg->node[0]) {
		char host[NODE_CHARS_MAX + 1] = "";
		if (gethostname(host, NODE_CHARS_MAX) || !host[0])
			snprintf(host, sizeof(host), "localhost");
		free(cfg->node);
		cfg->node = strdup(host);
	}
	if (!cfg->node) {
		d->no_memory = true;
		return;
	}
	size_t n = strlen(cfg->node);
	if (n > NODE_CHARS_MAX ||
	    strspn(cfg->node, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") != n)
		draft_mistake(d, "node", "invalid_name",
			      "node must be 1 to %d of A-Z, a-z, 0-9, - _ and .", NODE_CHARS_MAX);
}

static void read_replica(struct draft *d)
{
	struct config *cfg = d->cfg;
	cfg->replica = draft_text(d, "replica", 0);
	cfg->replica_max_age_s = (int)draft_whole(d, "replica_max_age_s", 0);
	if (!cfg->replica || !cfg->replica[0])
		return;
	if (strncmp(cfg->replica, "postgresql://", 13) != 0 && strncmp(cfg->replica, "postgres://", 11) != 0)
		draft_mistake(d, "replica", "unknown_value",
			      "replica must be \"postgresql://host/database\"");
	else if (cfg->store && !strcmp(cfg->store, "sqlite"))
		draft_mistake(d, "replica", "unknown_value",
			      "store is \"sqlite\", which has no replica; leave this key out");
}

static void check_socket(struct draft *d, const char *key, const char *path)
{
	struct sockaddr_un un;
	if (strlen(path) + 1 > sizeof(un.sun_path))
		draft_mistake(
			d, key, "too_long",
			"the path of a socket has at most %zu characters; choose a shorter one",
			sizeof(un.sun_path) - 1);
}

static void read_places(struct draft *d)
{
	struct config *cfg = d->cfg;
	cfg->data_dir = draft_path(d, "data_dir", 0);
	cfg->store = draft_text(d, "store", 0);
	cfg->timezone = draft_text(d, "timezone", 0);
	cfg->control = draft_path(d, "control", 0);
	read_node(d);
	read_replica(d);
	if (d->no_memory)
		return;
	if (!cfg->data_dir[0])
		draft_mistake(d, "data_dir", "missing_value", "data_dir must name a folder");
	check_store(d, cfg->store);
	if (!zone_exists(cfg->timezone))
		draft_mistake(d, "timezone", "unknown_value",
			      "there is no time zone \"%.60s\"; an example is \"Asia/Ho_Chi_Minh\"",
			      cfg->timezone);
	if (!cfg->control[0]) {
		draft_mistake(d, "control", "missing_value", "control must name a socket");
		return;
	}
	int folder = (int)(strrchr(cfg->control, '/') - cfg->control);
	if (asprintf(&cfg->query, "%.*s/query.sock", folder, cfg->control) < 0) {
		cfg->query = NULL;
		d->no_memory = true;
		return;
	}
	check_socket(d, "control",
		     strlen(cfg->query) > strlen(cfg->control) ? cfg->query : cfg->control);
	if (!strcmp(cfg->query, cfg->control))
		draft_mistake(
			d, "control", "unknown_value",
			"control must not be called query.sock: that name is taken beside it");
}

static bool read_plan(struct draft *d)
{
	struct config *cfg = d->cfg;
	struct complaint c = { 0 };
	cfg->country = draft_text(d, "country", 0);
	if (!cfg->country)
		return false;
	if (strlen(cfg->country) != 2 || !isupper((unsigned char)cfg->country[0]) ||
	    !isupper((unsigned char)cfg->country[1])) {
		draft_mistake(d, "country", "unknown_value",
			      "country must be two capital letters such as \"VN\"");
		return false;
	}
	int r = numbers_load(cfg->file, cfg->country, &cfg->plan, &c);
	if (r == E_NOMEM)
		d->no_memory = true;
	else if (r && c.line)
		draft_mistake(d, "country", c.rule, "%s, line %d: %s", c.file, c.line, c.text);
	else if (r)
		draft_mistake(d, "country", c.rule, "%s", c.text);
	return !r;
}

/* ---- organisation and web ---- */

/* A number in E.164, or "" when none is set or it cannot be one. */
static char *read_number(struct draft *d, const char *path, bool plan_known)
{
	OWN(mem) char *text = draft_text(d, path, 0);
	struct phone phone;
	const char *rule = "";
	if (!text || !text[0] || !plan_known)
		return MOVE(text);
	if (phone_parse(&d->cfg->plan, text, &phone, &rule))
		draft_mistake(d, path, "invalid_number", "\"%.40s\" is no telephone number (%s)",
			      text, rule);
	else if (phone.kind == PHONE_MOBILE || phone.kind == PHONE_LANDLINE ||
		 phone.kind == PHONE_FOREIGN || phone.kind == PHONE_SHORT ||
		 phone.kind == PHONE_SPECIAL)
		return strdup(phone.e164);
	else
		draft_mistake(d, path, "invalid_number",
			      "\"%.40s\" is not a number that people can answer to", text);
	return MOVE(text);
}

static void read_organisation(struct draft *d, bool plan_known)
{
	struct config *cfg = d->cfg;
	cfg->organisation.name = draft_text(d, "organisation.name", 0);
	cfg->organisation.unit = draft_text(d, "organisation.unit", 0);
	cfg->organisation.reply_number = read_number(d, "organisation.reply_number", plan_known);
	cfg->organisation.duty_number = read_number(d, "organisation.duty_number", plan_known);
	const char *unit = cfg->organisation.unit;
	size_t n = unit ? strlen(unit) : 0;
	if (n && ((n != 2 && n != 5) || strspn(unit, "0123456789") != n))
		draft_mistake(d, "organisation.unit", "unknown_value",
			      "unit must be the 5 digits of a commune or the 2 of a province, in "
			      "quotes: \"02269\"");
}

static void read_backup(struct draft *d)
{
	char *key = d->cfg->backup.public_key = draft_text(d, "backup.public_key", 0);
	if (key && *key && (strlen(key) != 64 || strspn(key, "0123456789abcdef") != 64))
		draft_mistake(d, "backup.public_key", "unknown_value", "backup.public_key has 64 hex digits, as backup-key prints them");
}

static void check_listen(struct draft *d, const char *listen)
{
	struct network_url at;
	struct in6_addr address;
	if (!strncmp(listen, "unix:", 5)) {
		if (!listen[5])
			draft_mistake(d, "web.listen", "missing_value",
				      "behind unix: a path must stand");
		check_socket(d, "web.listen", listen + 5);
		return;
	}
	if (network_endpoint_parse(listen, &at) ||
	    (strcmp(at.host, "localhost") != 0 && network_address_parse(at.host, &address))) {
		draft_mistake(d, "web.listen", "unknown_value",
			      "listen must be address:port such as \"127.0.0.1:8480\", or "
			      "\"unix:/path\"");
		return;
	}
	bool local = !strcmp(at.host, "localhost") || network_is_loopback(&address);
	if (!local && !d->cfg->web.behind_proxy)
		draft_mistake(d, "web.listen", "public_address",
			      "%.60s is reachable from other machines; set behind_proxy = true "
			      "when a TLS proxy stands in front, or use 127.0.0.1",
			      at.host);
}

/* "unix:web.sock" → "unix:/folder/web.sock" */
static void resolve_listen(struct draft *d)
{
	char *listen = d->cfg->web.listen, *whole;
	if (strncmp(listen, "unix:", 5) != 0 || listen[5] == '/' || !listen[5])
		return;
	if (asprintf(&whole, "unix:%s/%s", d->cfg->folder, listen + 5) < 0) {
		d->no_memory = true;
		return;
	}
	d->cfg->web.listen = whole;
	free(listen);
}

static void read_web(struct draft *d)
{
	struct config *cfg = d->cfg;
	struct network_url url;
	cfg->web.listen = draft_text(d, "web.listen", 0);
	cfg->web.public_url = draft_text(d, "web.public_url", 0);
	cfg->web.behind_proxy = draft_flag(d, "web.behind_proxy", 0);
	cfg->web.requests_per_second = (int)draft_whole(d, "web.requests_per_second", 0);
	if (d->no_memory)
		return;
	resolve_listen(d);
	check_listen(d, cfg->web.listen);
	char *public_url = cfg->web.public_url;
	if (public_url[0] && network_url_parse(public_url, &url))
		draft_mistake(d, "web.public_url", "unknown_value",
			      "public_url must be https://host[:port][/path]");
	size_t n = strlen(public_url);
	while (n && public_url[n - 1] == '/') /* paths are put behind it */
		public_url[--n] = '\0';
}

/* ---- sending ---- */

static int minute_of(const char *text)
{
	int hour = 0, minute = 0, n = 0;
	if (sscanf(text, "%2d:%2d%n", &hour, &minute, &n) != 2 || text[n] ||
	    !isdigit((unsigned char)text[0]) || n < 4 || text[n - 3] != ':' || hour > 23 ||
	    minute > 59 || minute < 0)
		return -1;
	return hour * 60 + minute;
}

static bool is_quiet(int from, int to, int minute)
{
	return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

static bool covers_night(int from, int to)
{
	for (int m = NIGHT_FROM_MIN; m < NIGHT_TO_MIN + DAY_MIN; m++)
		if (!is_quiet(from, to, m % DAY_MIN))
			return false;
	return true;
}

static void read_quiet_hours(struct draft *d)
{
	static const char path[] = "sending.quiet_hours";
	char **hours = draft_texts(d, path, 0);
	int from = hours && hours[0] ? minute_of(hours[0]) : -1;
	int to = from >= 0 && hours[1] ? minute_of(hours[1]) : -1;
	if (hours && (from < 0 || to < 0 || hours[2]))
		draft_mistake(d, path, "unknown_value",
			      "quiet_hours must be two times of day: [ \"22:00\", \"07:00\" ]");
	else if (!covers_night(from, to))
		draft_warn(d, path, "looser_than_law",
			   "campaigns may leave between 22:00 and 07:00; the law allows 7:00 to "
			   "22:00");
	d->cfg->sending.quiet_from_min = from;
	d->cfg->sending.quiet_to_min = to;
	texts_free(hours);
}

static void read_retention(struct draft *d)
{
	d->cfg->retention.messages_months = (int)draft_whole(d, "retention.messages_months", 0);
	d->cfg->retention.cases_months = (int)draft_whole(d, "retention.cases_months", 0);
	d->cfg->retention.signups_months = (int)draft_whole(d, "retention.signups_months", 0);
}

static void read_sending(struct draft *d)
{
	struct config *cfg = d->cfg;
	read_quiet_hours(d);
	cfg->sending.max_per_person_24h = (int)draft_whole(d, "sending.max_per_person_24h", 0);
	cfg->sending.two_person_above = draft_whole(d, "sending.two_person_above", 0);
	cfg->sending.start_delay_s = draft_whole(d, "sending.start_delay_s", 0);
	cfg->sending.default_validity_h = (int)draft_whole(d, "sending.default_validity_h", 0);
	if (cfg->sending.max_per_person_24h > 3)
		draft_warn(d, "sending.max_per_person_24h", "looser_than_law",
			   "%d messages a day to one person; the law allows 3 of advertising, and "
			   "it is the default for all",
			   cfg->sending.max_per_person_24h);
	if (cfg->sending.two_person_above > 500)
		draft_warn(d, "sending.two_person_above", "looser_than_default",
			   "one person alone may send to %lld people; 500 is the advised limit",
			   (long long)cfg->sending.two_person_above);
	if (cfg->sending.start_delay_s < 60)
		draft_warn(d, "sending.start_delay_s", "looser_than_default",
			   "less than a minute is left to cancel a campaign that was started by "
			   "mistake");
}

static void read_network(struct draft *d)
{
	static const char key[] = "network.allow_private_endpoints";
	d->cfg->allow_private_endpoints = draft_texts(d, key, 0);
	draft_check_blocks(d, key, d->cfg->allow_private_endpoints);
}

static void check_file_mode(struct draft *d)
{
	struct stat st;
	if (!stat(d->cfg->file, &st) && (st.st_mode & S_IWOTH))
		draft_mistake(d, "", "loose_mode",
			      "everybody may write this file; run: chmod o-w on it");
}

void sections_read(struct draft *d)
{
	read_places(d);
	bool plan_known = read_plan(d);
	read_organisation(d, plan_known);
	read_backup(d);
	read_web(d);
	read_sending(d);
	read_retention(d);
	read_network(d);
	ussd_read(d);
	check_file_mode(d);
}
