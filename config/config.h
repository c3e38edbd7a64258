/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gateway's configuration (interface §2): one table in config.c drives reading, checking, the commented example
 * and the reference page. A loaded configuration is const; nothing of the program's state lives in it. */
#ifndef CAUNOI_CONFIG_CONFIG_H
#define CAUNOI_CONFIG_CONFIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/base/phone.h"

struct retry_config {
	double first_s, factor, cap_s;
	int jitter_percent;
	int attempts; /* 0 = until the validity ends */
};

/* How a SIM is asked for its credit. */
struct balance_config {
	char *ussd;    /* NULL = never asked */
	char *pattern; /* extended regular expression with one group, over the folded answer; "" = the operator's own */
	double every_h;
	int64_t low_vnd;
};

struct channel_config {
	char *name, *driver; /* driver: "gammu", "http", "loopback", "exec" */
	double rate_per_second; /* what rate_per_second or rate_per_minute says; 0 = unlimited */
	int burst;              /* tokens the bucket holds */
	int in_flight;          /* 1–1024, default 32 */
	int64_t daily_segments, monthly_persons; /* 0 = no quota */
	int64_t segment_price_vnd;               /* 0 = not known */
	int64_t monthly_vnd;                     /* campaigns wait once messages have cost so much in a month; 0 = no limit */
	int refusals_in_a_row;                   /* so many and the channel is suspended; 0 = never */
	int pace_jitter_percent;                 /* pauses between messages are up to so much longer */
	struct balance_config balance;
	bool receipts;
	char **networks; /* NULL-terminated; empty = any */
	char *sender;    /* "" = none */
	char *provider, *base_url, *ca_file; /* http; "" = none */
	char **power;    /* command and arguments that switch a modem's power off and on; empty = none */
	char *program;   /* exec */
	char **arguments;
	double delivery_ms, failure_rate; /* loopback */
	struct retry_config retry;
	double submit_deadline_s; /* 0 = the kind's own */
	char *webhook_secret;     /* content of the secret file, or NULL */
	char **callback_from;     /* blocks of addresses, NULL-terminated, that callbacks may come from; empty = any */
	/* What hello's "config" carries: every key of the channel with its default, but secrets; paths absolute; speed as
	 * rate_per_second (0 = unlimited). http adds provider_file, provider_revision (changes with
	 * its content), allow_private_endpoints and receipt_url (which holds the
	 * webhook secret: never show it). exec: the group "settings" as it stands. */
	json_t *settings;
	json_t *secrets; /* {"api_key": content, …}, a modem's {"pin": …}: what hello's "secrets" carries */
};

/* A machine that is told what happens here. */
struct webhook_config {
	char *name, *url;
	bool messages, inbound; /* what it is told of */
	bool numbers, texts;    /* it may see telephone numbers, and what people wrote */
	int in_flight;
	int64_t backlog;        /* events that may wait for it */
	char *secret;           /* content of the secret file; NULL = not read */
	json_t *settings;       /* what hello's "config" carries: role, url, ca_file, timeout, in_flight, allow_private_endpoints */
};

struct config {
	char *file;   /* absolute path as loaded */
	char *folder; /* its folder: relative paths are resolved against it */
	char *data_dir, *store, *timezone, *country;
	char *node;    /* this machine among those that share the store: as configured, or its host name */
	char *replica; /* URI, or "" */
	int replica_max_age_s;
	char *control, *query; /* socket paths; query = query.sock beside control */
	struct {
		char *name, *unit, *reply_number; /* reply_number in E.164 or "" */
		char *duty_number;                /* duty officer's telephone in E.164 or "" */
	} organisation;
	struct {
		char *public_key; /* hex, "" = backups are plain */
	} backup;
	struct {
		char *listen, *public_url;
		bool behind_proxy;
		int requests_per_second; /* of one token or session; 0 = any */
	} web;
	struct {
		int quiet_from_min, quiet_to_min; /* minutes of the local day; equal = none */
		int max_per_person_24h;
		int64_t two_person_above, start_delay_s;
		int default_validity_h;
	} sending;
	struct {
		int messages_months, cases_months, signups_months; /* 0 = for ever */
	} retention;
	char **allow_private_endpoints; /* CIDR strings, NULL-terminated */
	struct channel_config *channels;
	size_t n_channels;
	struct webhook_config *webhooks;
	size_t n_webhooks;
	json_t *ussd;           /* array as configured, checked, with menu; "secret" = content of webhook_secret */
	json_t *menus;          /* {name: dialogue} of those, and "main" where there is one */
	struct phone_plan plan; /* numbers/COUNTRY.conf */
	struct complaint *warnings; /* values looser than the law and the like */
	size_t n_warnings;
};

/* Reads, checks and completes file. E_CONFIG with *c filled (file, line, key, sentence), E_NOMEM. Secrets are read here:
 * $CREDENTIALS_DIRECTORY/NAME, then secrets/NAME beside the file, mode 0600 or stricter, owner root or this uid, at least
 * 16 characters (pin_secret: at least 4), trailing newline removed. with_secrets false leaves them unread (the CLI). */
MUST_CHECK int config_load(const char *file, bool with_secrets, struct config **ret, struct complaint *c);
/* For who only asks a running core, which keeps the configuration that it read when it was sound: a file with a mistake is good enough while it
 * still says where the sockets are (control, query; country and plan where they can be read, else plan.country is ""). *c: the mistake, text ""
 * when there is none. */
MUST_CHECK int config_load_sockets(const char *file, struct config **ret, struct complaint *c);
void config_free(struct config *cfg);
const struct channel_config *config_channel(const struct config *cfg, const char *name);
const struct webhook_config *config_webhook(const struct config *cfg, const char *name);
/* Every key with type, unit, range, default, help, as a JSON array (docs and `check-config`). */
json_t *config_keys(void);
/* Reads file with its secrets and every data file that it would use, and writes to out "FILE: OK" and a line for each
 * warning, or the first mistake as "file:line: key: sentence". The exit code: 0, or 2 (1 on no memory). */
int config_check_report(const char *file, FILE *out);

#endif
