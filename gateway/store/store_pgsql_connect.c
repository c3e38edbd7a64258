/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection: its address with one or several hosts, tried one after the other without blocking; how a session is set up; its end.
 * Called by the engine. No password is ever put into a text that leaves here. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"

#define HOST_MS 3000
#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 2000
#define VERSION_MIN 140000

int64_t pg_mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the address ---- */

static void free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

void pg_address_done(struct pg_address *a)
{
	free_list(a->keys);
	free_list(a->values);
	free_list(a->hosts);
	free_list(a->hostaddrs);
	free_list(a->ports);
	*a = (struct pg_address){ 0 };
}

/* "a,b,c" as a NULL-terminated list; the caller's. */
static char **split(const char *text, size_t *ret_n)
{
	size_t n = 1;
	for (const char *p = text; *p; p++)
		n += *p == ',';
	char **list = calloc(n + 1, sizeof(*list));
	for (size_t i = 0; list && i < n; i++) {
		size_t chars = strcspn(text, ",");
		if (!(list[i] = strndup(text, chars))) {
			free_list(list);
			return NULL;
		}
		text += chars + (text[chars] == ',');
	}
	*ret_n = n;
	return list;
}

static int put(struct pg_address *a, size_t room, const char *key, const char *value)
{
	size_t n = 0;
	while (a->keys[n] && strcmp(a->keys[n], key))
		n++;
	if (a->keys[n])
		return 0; /* the address says it already */
	if (n + 1 >= room || !(a->keys[n] = strdup(key)) || !(a->values[n] = strdup(value)))
		return E_NOMEM;
	return 0;
}

/* What the address leaves open. */
static int put_defaults(struct pg_address *a, size_t room, enum store_mode mode)
{
	static const char *const defaults[][2] = {
		{ "host", "" }, { "port", "" }, { "application_name", "caunoi" }, { "tcp_user_timeout", "5000" }, { "keepalives_idle", "5" },
		{ "keepalives_interval", "2" }, { "keepalives_count", "3" },
	};
	int r = mode == STORE_READ_ONLY ? 0 : put(a, room, "target_session_attrs", "read-write");
	for (size_t i = 0; !r && i < COUNT_OF(defaults); i++)
		r = put(a, room, defaults[i][0], defaults[i][1]);
	return r;
}

static int take_options(struct pg_address *a, const PQconninfoOption *options, size_t room)
{
	int r = 0;
	for (const PQconninfoOption *o = options; !r && o->keyword; o++)
		if (o->val && strcmp(o->keyword, "client_encoding"))
			r = put(a, room, o->keyword, o->val);
	return r ? r : put(a, room, "client_encoding", "UTF8");
}

static int find_lists(struct pg_address *a)
{
	a->host_key = a->hostaddr_key = a->port_key = -1;
	a->n_hosts = 1;
	for (int i = 0; a->keys[i]; i++) {
		bool host = !strcmp(a->keys[i], "host"), hostaddr = !strcmp(a->keys[i], "hostaddr"), port = !strcmp(a->keys[i], "port");
		if (!host && !hostaddr && !port)
			continue;
		size_t n;
		char ***list = host ? &a->hosts : hostaddr ? &a->hostaddrs : &a->ports;
		*(host ? &a->host_key : hostaddr ? &a->hostaddr_key : &a->port_key) = i;
		if (!(*list = split(a->values[i], &n)))
			return E_NOMEM;
		if (!port && n > a->n_hosts)
			a->n_hosts = n;
	}
	return 0;
}

int pg_address_parse(struct pg_address *a, const char *uri, enum store_mode mode, struct complaint *c)
{
	char *error = NULL;
	PQconninfoOption *options = PQconninfoParse(uri, &error);
	PQfreemem(error); /* quotes the address, and with it the password */
	if (!options) {
		complaint_set(c, "store", "malformed",
			      "the address is malformed; write postgresql://USER@HOST:PORT/DATABASE, with %%XX for special characters");
		return E_CONFIG;
	}
	size_t room = 24;
	for (const PQconninfoOption *o = options; o->keyword; o++)
		room++;
	a->keys = calloc(room, sizeof(*a->keys));
	a->values = calloc(room, sizeof(*a->values));
	int r = a->keys && a->values ? take_options(a, options, room) : E_NOMEM;
	PQconninfoFree(options);
	if (!r)
		r = put_defaults(a, room, mode);
	if (!r)
		r = find_lists(a);
	if (r)
		pg_address_done(a);
	return r;
}

static const char *nth(char **list, size_t i)
{
	size_t n = 0;
	while (list && list[n])
		n++;
	return !n ? "" : n == 1 ? list[0] : i < n ? list[i] : "";
}

/* ---- one attempt ---- */

void pg_drop(struct pgsql *s)
{
	PQfinish(s->conn);
	s->conn = NULL;
	s->connecting = false;
	s->lost |= s->begun;
	s->n_queue = s->queue_from = 0;
	s->counted = false;
	PQclear(s->taken);
	s->taken = NULL;
	pg_ahead_forget(&s->base);
	pg_batches_forget(s);
	s->tables_stale = true;
	s->limit_ms = 0;
}

static void ignore_notice(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

/* The first line of libpq's words: they name host, user and database, never a password. */
static void keep_why(struct pgsql *s)
{
	const char *text = PQerrorMessage(s->conn);
	int n = (int)strcspn(text, "\n");
	snprintf(s->why, sizeof(s->why), "%.*s", n < 250 ? n : 250, text);
	s->refused = strstr(text, "session is read-only") || strstr(text, "server is in hot standby mode");
}

/* Gives up this host. After the last one the next attempt waits. */
static int give_up(struct pgsql *s, int64_t now)
{
	struct pg_address *a = &s->address;
	pg_drop(s);
	a->host = (a->host + 1) % a->n_hosts;
	if (a->host == 0) {
		s->backoff_ms = s->backoff_ms ? s->backoff_ms * 2 : BACKOFF_MIN_MS;
		if (s->backoff_ms > BACKOFF_MAX_MS)
			s->backoff_ms = BACKOFF_MAX_MS;
		s->again_at_ms = now + s->backoff_ms;
	}
	return E_UNAVAILABLE;
}

static int start(struct pgsql *s, int64_t now)
{
	struct pg_address *a = &s->address;
	size_t n = 0;
	while (a->keys[n])
		n++;
	OWN(mem) const char **values = calloc(n + 1, sizeof(*values));
	if (!values)
		return E_NOMEM;
	for (int i = 0; i < (int)n; i++) {
		char **list = i == a->host_key ? a->hosts : i == a->hostaddr_key ? a->hostaddrs : i == a->port_key ? a->ports : NULL;
		const char *one = list ? nth(list, a->host) : a->values[i];
		values[i] = *one ? one : NULL; /* NULL: as if it were not there */
	}
	s->conn = PQconnectStartParams((const char *const *)a->keys, values, 0);
	if (!s->conn)
		return E_NOMEM;
	s->connecting = true;
	s->host_until_ms = now + HOST_MS;
	PQsetNoticeReceiver(s->conn, ignore_notice, NULL);
	return 0;
}

/* ---- the session ---- */

static const char setup[] =
	"SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', false), current_schema(),"
	" set_config('TimeZone', 'UTC', false), set_config('standard_conforming_strings', 'on', false),"
	" set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),"
	" set_config('bytea_output', 'hex', false), set_config('extra_float_digits', '1', false), set_config('jit', 'off', false),"
	" set_config('lock_timeout', '4000', false), set_config('statement_timeout', '0', false),"
	" set_config('default_transaction_isolation', 'read committed', false),"
	" set_config('idle_in_transaction_session_timeout', '10000', false), set_config('idle_session_timeout', '0', false)";
/* A core reads by its indexes, in their order, and a plan made while a table was empty stays: it must be the one of a full table. Whatever
 * else a server would find cheaper for no rows is off, where this server knows it; pages cost nothing, for ten are guessed of an empty table
 * and all of them then seem to be cheaper than one row by its key. So the tests see the plans that run. */
static const char setup_core[] =
	"SELECT set_config(name, 'off', false) FROM pg_settings WHERE name IN ('enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'enable_sort',"
	" 'enable_incremental_sort', 'enable_bitmapscan', 'enable_material', 'enable_memoize');"
	" SET seq_page_cost = 0; SET random_page_cost = 0; SET plan_cache_mode = force_generic_plan";
/* Who reads filters by what is given and not by what is left empty: the plan of a list depends on its values (a state of most rows, a unit of
 * few), and one made without them once read 85,000 rows for a page of fifty. */
static const char setup_read_only[] = "SET default_transaction_read_only = on; SET plan_cache_mode = force_custom_plan";

static int set_up(struct pgsql *s)
{
	PGresult *res = NULL;
	if (PQserverVersion(s->conn) < VERSION_MIN) {
		snprintf(s->why, sizeof(s->why), "the server is older than PostgreSQL %d", VERSION_MIN / 10000);
		s->refused = true;
		return E_REFUSED;
	}
	int r = pg_simple(s, setup, &res);
	if (!r && PQgetisnull(res, 0, 1)) {
		snprintf(s->why, sizeof(s->why), "the database has no schema to work in: the search path names none that exists");
		s->refused = true;
		r = E_REFUSED;
	}
	if (!r)
		snprintf(s->schema, sizeof(s->schema), "%s", PQgetvalue(res, 0, 1));
	PQclear(res);
	if (!r && (s->read_only || !s->filling))
		r = pg_simple(s, s->read_only ? setup_read_only : setup_core, NULL);
	if (!r && !s->read_only && !s->creating)
		r = pg_lease_again(s);
	if (!r && !PQenterPipelineMode(s->conn))
		r = E_UNAVAILABLE;
	return r;
}

static int arrived(struct pgsql *s, int64_t now)
{
	s->connecting = false;
	s->connection++;
	s->tables_stale = true;
	s->limit_ms = 0;
	s->call_until_ms = now + 1000;
	if (PQsetnonblocking(s->conn, 1))
		return give_up(s, now);
	int r = set_up(s);
	if (r) {
		give_up(s, now);
		return r;
	}
	s->backoff_ms = 0;
	s->address.host = 0; /* the first is asked first again */
	s->why[0] = '\0';
	s->refused = false;
	log_info("store.connected", "connection=%u", s->connection);
	return 0;
}

int pg_connect(struct pgsql *s, int limit_ms)
{
	int64_t now = pg_mono_ms(), until = now + limit_ms;
	if (s->conn && !s->connecting)
		return 0;
	if (!s->conn && now < s->again_at_ms)
		return s->refused ? E_REFUSED : E_UNAVAILABLE;
	int r = s->conn ? 0 : start(s, now);
	if (r)
		return r;
	while (s->connecting) {
		PostgresPollingStatusType how = PQconnectPoll(s->conn);
		now = pg_mono_ms();
		if (how == PGRES_POLLING_OK)
			return arrived(s, now);
		if (how == PGRES_POLLING_FAILED || now >= s->host_until_ms) {
			keep_why(s);
			if (how != PGRES_POLLING_FAILED)
				snprintf(s->why, sizeof(s->why), "no answer within %d s", HOST_MS / 1000);
			int gone = s->refused ? E_REFUSED : E_UNAVAILABLE;
			give_up(s, now);
			return gone;
		}
		int64_t left = (until < s->host_until_ms ? until : s->host_until_ms) - now;
		if (left <= 0)
			return E_UNAVAILABLE;
		if (store_wait(&s->base, PQsocket(s->conn), how == PGRES_POLLING_READING ? POLLIN : POLLOUT, (int)left) < 0)
			continue;
	}
	return E_UNAVAILABLE;
}
