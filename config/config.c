/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of every key of the configuration, and what is read straight from it: the rows by path,
 * and the list that the documentation and check-config print. Reading a file with it stands in
 * draft.c, shape.c, sections.c, channels.c. Called at start, on SIGHUP and by check-config; holds
 * no state. */
#include "config/config.h"

#include <string.h>

#include "config/key.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define C "channels.[]."
#define TEXT(p) .path = p, .type = KEY_TEXT
#define WHOLE(p, lo, hi) .path = p, .type = KEY_WHOLE, .min = lo, .max = hi
#define NUMBER(p, lo, hi) .path = p, .type = KEY_NUMBER, .min = lo, .max = hi
#define FLAG(p) .path = p, .type = KEY_FLAG
#define TEXTS(p) .path = p, .type = KEY_TEXTS
#define GROUP(p) .path = p, .type = KEY_GROUP
#define GROUPS(p) .path = p, .type = KEY_GROUPS
#define ANY(p) .path = p, .type = KEY_ANY

static const struct config_key keys[] = {
	{ TEXT("data_dir"), .unit = "path", .fallback = "\"/var/lib/caunoi\"",
	  .help = "folder of the database, the identity key and the spool" },
	{ TEXT("store"), .fallback = "\"sqlite\"",
	  .help = "\"sqlite\", or a libpq URI such as \"postgresql://host/caunoi\"" },
	{ TEXT("node"), .fallback = "\"\"", .example = "\"may-chu-1\"",
	  .help = "this machine's name among those that share one database; \"\" = its host name" },
	{ TEXT("replica"), .fallback = "\"\"", .example = "\"postgresql://replica/caunoi\"",
	  .help = "a copy of the database that queries may read instead; \"\" = none" },
	{ WHOLE("replica_max_age_s", 1, 3600), .unit = "s", .fallback = "10",
	  .help = "a copy that is further behind is not read" },
	{ TEXT("timezone"), .fallback = "\"Asia/Ho_Chi_Minh\"",
	  .help = "zone of quiet hours, schedules and reports" },
	{ TEXT("country"), .fallback = "\"VN\"",
	  .help = "numbering plan and holiday table: numbers/VN.conf, holidays/VN.conf" },
	{ TEXT("control"), .unit = "path", .fallback = "\"/run/caunoi/core.sock\"",
	  .help = "socket for commands; query.sock beside it answers queries" },

	{ GROUP("organisation"), .help = "who sends" },
	{ TEXT("organisation.name"), .fallback = "\"\"",
	  .example = "\"Ủy ban MTTQ Việt Nam xã Thượng Lâm\"",
	  .help = "name in greetings and reports" },
	{ TEXT("organisation.unit"), .fallback = "\"\"", .example = "\"02269\"",
	  .help = "code of the commune (5 digits) or province (2), in quotes" },
	{ TEXT("organisation.reply_number"), .fallback = "\"\"", .example = "\"+84912345678\"",
	  .help = "number that people are told to answer to" },
	{ TEXT("organisation.duty_number"), .fallback = "\"\"", .example = "\"+84912345679\"",
	  .help = "telephone of the duty officer, told at once when a life is in danger" },

	{ GROUP("backup"), .help = "copies of the database" },
	{ TEXT("backup.public_key"), .fallback = "\"\"",
	  .help = "64 hex digits, as backup-key prints them: backups can then be read only where the other half is kept; "
		  "empty: they are not encrypted" },

	{ GROUP("web"), .help = "the console and the HTTP interface" },
	{ TEXT("web.listen"), .fallback = "\"127.0.0.1:8480\"",
	  .help = "address:port, or \"unix:/run/caunoi/web.sock\"; any other than this machine's "
		  "needs behind_proxy" },
	{ TEXT("web.public_url"), .fallback = "\"\"", .example = "\"https://caunoi.example.vn\"",
	  .help = "address under which providers and people reach it" },
	{ FLAG("web.behind_proxy"), .fallback = "false",
	  .help = "a TLS proxy stands in front; its X-Forwarded-For is believed" },
	{ WHOLE("web.requests_per_second", 0, 1e6), .unit = "requests", .fallback = "50",
	  .help = "of one token or session; ten seconds' worth may come at once; 0 = any number" },

	{ GROUP("sending"), .help = "rules for everything that goes out" },
	{ TEXTS("sending.quiet_hours"), .unit = "HH:MM", .fallback = "[ \"22:00\", \"07:00\" ]",
	  .help = "no campaign leaves from the first to the second; equal times = none" },
	{ WHOLE("sending.max_per_person_24h", 1, 1000), .unit = "messages", .fallback = "3",
	  .help = "campaign messages to one person in any 24 hours" },
	{ WHOLE("sending.two_person_above", 0, 1e9), .unit = "recipients", .fallback = "500",
	  .help = "campaigns larger than this need a second person's approval" },
	{ WHOLE("sending.start_delay_s", 0, 86400), .unit = "s", .fallback = "300",
	  .help = "such campaigns begin this long after start; until then cancel undoes "
		  "everything" },
	{ WHOLE("sending.default_validity_h", 1, 720), .unit = "h", .fallback = "24",
	  .help = "a message not sent by then expires" },

	{ GROUP("retention"), .help = "how long words that name people are kept; counts, refusals and the audit's chain stay" },
	{ WHOLE("retention.messages_months", 0, 600), .unit = "months", .fallback = "24",
	  .help = "texts of messages, and numbers of which nothing else is kept; 0 = for ever" },
	{ WHOLE("retention.cases_months", 0, 600), .unit = "months", .fallback = "24",
	  .help = "words and people of a case, counted from its end; 0 = for ever" },
	{ WHOLE("retention.signups_months", 0, 600), .unit = "months", .fallback = "24",
	  .help = "names of a sign-up, counted from its end; 0 = for ever" },

	{ GROUP("network"), .help = "which addresses drivers may reach" },
	{ TEXTS("network.allow_private_endpoints"), .unit = "CIDR", .fallback = "[ ]",
	  .example = "[ \"127.0.0.1/32\" ]",
	  .help = "private and loopback addresses allowed as provider URLs" },

	{ GROUPS("channels"), .help = "the ways out and in, 64 at most" },
	{ TEXT(C "name"), .kinds = KIND_ALL, .required = true,
	  .help = "a-z, 0-9 and -, 32 characters at most" },
	{ TEXT(C "driver"), .kinds = KIND_ALL, .required = true,
	  .choices = "gammu|http|loopback|exec", .help = "kind of channel" },
	{ TEXT(C "device"), .kinds = KIND_GAMMU, .required = true, .unit = "path",
	  .example = "\"/dev/serial/by-id/usb-modem-port0\"",
	  .help = "serial device of the modem" },
	{ TEXT(C "connection"), .kinds = KIND_GAMMU, .fallback = "\"at115200\"",
	  .help = "connection of libgammu: \"at\" and the speed" },
	{ TEXT(C "model"), .kinds = KIND_GAMMU, .fallback = "\"\"", .example = "\"at\"",
	  .help = "model of libgammu; \"\" = found by itself" },
	{ TEXT(C "pin_secret"), .kinds = KIND_GAMMU, .secret = true, .example = "\"sim1.pin\"",
	  .help = "secret that holds the SIM's PIN; left out = the SIM has none" },
	{ TEXT(C "smsc"), .kinds = KIND_GAMMU, .fallback = "\"\"", .example = "\"+84980200030\"",
	  .help = "number of the message centre; \"\" = the one on the SIM" },
	{ NUMBER(C "pace", 0, 10000), .kinds = KIND_GAMMU, .unit = "ms", .fallback = "0",
	  .help = "pause before each command, for modems that lose characters" },
	{ FLAG(C "reset"), .kinds = KIND_GAMMU, .fallback = "false",
	  .help = "a modem that answers nothing else is restarted by AT+CFUN=1,1; some never come back" },
	{ TEXTS(C "power"), .kinds = KIND_GAMMU | KIND_EXEC, .fallback = "[ ]",
	  .example = "[ \"/usr/sbin/uhubctl\", \"-a\", \"cycle\", \"-l\", \"1-1\", \"-p\", \"2\" ]",
	  .help = "command that switches its power off and on when nothing else helped, started "
		  "without a shell" },
	{ TEXT(C "provider"), .kinds = KIND_HTTP, .required = true, .example = "\"esms\"",
	  .help = "profile: providers/NAME.conf" },
	{ TEXT(C "base_url"), .kinds = KIND_HTTP, .required = true,
	  .example = "\"https://rest.esms.vn\"",
	  .help = "https://host[:port][/path]; http:// only for an address in "
		  "allow_private_endpoints" },
	{ TEXT(C "ca_file"), .kinds = KIND_HTTP, .unit = "path", .fallback = "\"\"",
	  .help = "certificates to trust instead of the system's" },
	{ TEXT(C "program"), .kinds = KIND_EXEC, .required = true, .unit = "path",
	  .example = "\"/usr/lib/caunoi/my-driver\"",
	  .help = "another program as driver, started without a shell" },
	{ TEXTS(C "arguments"), .kinds = KIND_EXEC, .fallback = "[ ]",
	  .example = "[ \"--port\", \"7\" ]", .help = "its arguments" },
	{ GROUP(C "settings"), .kinds = KIND_EXEC, .example = "{ }",
	  .help = "what it is told as its configuration" },
	{ ANY(C "settings.*"), .kinds = KIND_EXEC, .help = "any key" },
	{ GROUP(C "secrets"), .kinds = KIND_HTTP | KIND_EXEC,
	  .example = "{ api_key = \"esms.key\"; }",
	  .help = "secrets of the profile: its name = the secret's name" },
	{ TEXT(C "secrets.*"), .kinds = KIND_HTTP | KIND_EXEC, .secret = true,
	  .help = "name of a secret" },
	{ GROUP(C "options"), .kinds = KIND_HTTP, .example = "{ username = \"mttq\"; }",
	  .help = "what else the account needs and is no secret; the profile finds it as "
		  "{{secret.NAME}}" },
	{ TEXT(C "options.*"), .kinds = KIND_HTTP, .help = "its value" },
	{ TEXT(C "webhook_secret"), .kinds = KIND_HTTP | KIND_EXEC, .secret = true,
	  .example = "\"esms.hook\"",
	  .help = "secret that stands in the address of callbacks; left out = none are accepted" },
	{ TEXTS(C "callback_from"), .kinds = KIND_HTTP, .fallback = "[ ]", .example = "[ \"203.0.113.0/24\" ]",
	  .help = "addresses that the provider calls back from, as it publishes them; [ ] = any. Behind a proxy the "
		  "last one of X-Forwarded-For counts" },
	{ TEXT(C "sender"), .kinds = KIND_ALL, .fallback = "\"\"", .example = "\"MTTQ\"",
	  .help = "registered sender name (11 characters) or number; \"\" = the channel's own" },
	{ NUMBER(C "delivery_ms", 0, 1e7), .kinds = KIND_LOOPBACK, .unit = "ms", .fallback = "200",
	  .help = "how long a simulated message takes to arrive" },
	{ NUMBER(C "failure_rate", 0, 1), .kinds = KIND_LOOPBACK, .fallback = "0.0",
	  .help = "share of simulated messages that fail" },
	{ GROUPS(C "outcomes"), .kinds = KIND_LOOPBACK,
	  .example = "( { to = \"+84912345678\"; outcome = \"refused\"; code = \"test:1\"; } )",
	  .help = "simulated numbers that answer otherwise" },
	{ TEXT(C "outcomes.[].to"), .kinds = KIND_LOOPBACK, .required = true, .help = "number" },
	{ TEXT(C "outcomes.[].outcome"), .kinds = KIND_LOOPBACK, .required = true,
	  .choices = "accepted|refused|not_sent|unclear|silent",
	  .help = "what becomes of a message to it" },
	{ TEXT(C "outcomes.[].code"), .kinds = KIND_LOOPBACK, .fallback = "\"\"",
	  .help = "code that is reported" },
	{ NUMBER(C "rate_per_minute", 0.1, 1e5), .kinds = KIND_GAMMU, .unit = "messages a minute",
	  .fallback = "12", .help = "speed; give this or rate_per_second" },
	{ NUMBER(C "rate_per_minute", 0.1, 1e5), .kinds = KIND_HTTP | KIND_LOOPBACK | KIND_EXEC,
	  .unit = "messages a minute", .example = "3000",
	  .help = "speed; give this or rate_per_second" },
	{ NUMBER(C "rate_per_second", 0.01, 1e6), .kinds = KIND_GAMMU, .unit = "messages a second",
	  .example = "0.2", .help = "the same by the second" },
	{ NUMBER(C "rate_per_second", 0.01, 1e6), .kinds = KIND_HTTP | KIND_LOOPBACK | KIND_EXEC,
	  .unit = "messages a second", .example = "50",
	  .help = "the same by the second; both left out = as fast as the other end takes them" },
	{ WHOLE(C "burst", 1, 1e6), .kinds = KIND_ALL, .unit = "messages", .example = "6",
	  .help = "may leave at once after a pause; left out: a modem half a minute's worth and at "
		  "most 6, others a tenth of a second's; answers use it first" },
	{ WHOLE(C "in_flight", 1, 1024), .kinds = KIND_HTTP | KIND_LOOPBACK | KIND_EXEC,
	  .unit = "attempts", .fallback = "32",
	  .help = "connections at once; where the profile is not idempotent at most 8 are used" },
	{ WHOLE(C "in_flight", 1, 1024), .kinds = KIND_GAMMU, .unit = "attempts", .fallback = "1",
	  .help = "a modem sends one at a time" },
	{ WHOLE(C "daily_segments", 0, 1e9), .kinds = KIND_GAMMU, .unit = "segments a day",
	  .fallback = "400", .help = "quota; 0 = none" },
	{ WHOLE(C "daily_segments", 0, 1e9), .kinds = KIND_HTTP | KIND_LOOPBACK | KIND_EXEC,
	  .unit = "segments a day", .fallback = "0", .help = "quota; 0 = none" },
	{ WHOLE(C "monthly_persons", 0, 1e9), .kinds = KIND_GAMMU, .unit = "persons a month",
	  .fallback = "250", .help = "quota; 0 = none" },
	{ WHOLE(C "monthly_persons", 0, 1e9), .kinds = KIND_HTTP | KIND_LOOPBACK | KIND_EXEC,
	  .unit = "persons a month", .fallback = "0", .help = "quota; 0 = none" },
	{ WHOLE(C "segment_price_vnd", 0, 1e6), .kinds = KIND_ALL, .unit = "VND", .fallback = "0",
	  .example = "350", .help = "price of a segment, for previews and reports" },
	{ WHOLE(C "monthly_vnd", 0, 1e9), .kinds = KIND_ALL, .unit = "VND a month", .fallback = "0",
	  .example = "200000",
	  .help = "campaigns wait once messages have cost so much in a month by "
		  "segment_price_vnd; answers go on; 0 = no limit" },
	{ WHOLE(C "refusals_in_a_row", 0, 10000), .kinds = KIND_GAMMU, .unit = "messages",
	  .fallback = "20",
	  .help = "so many refused by the network one after the other and the channel waits for a "
		  "person; 0 = never" },
	{ WHOLE(C "refusals_in_a_row", 0, 10000), .kinds = KIND_HTTP | KIND_LOOPBACK | KIND_EXEC,
	  .unit = "messages", .fallback = "0",
	  .help = "so many refused one after the other and the channel waits for a person; "
		  "0 = never" },
	{ WHOLE(C "pace_jitter_percent", 0, 100), .kinds = KIND_GAMMU, .unit = "%",
	  .fallback = "20", .help = "pauses between segments are up to so much longer" },
	{ WHOLE(C "pace_jitter_percent", 0, 100), .kinds = KIND_HTTP | KIND_LOOPBACK | KIND_EXEC,
	  .unit = "%", .fallback = "0",
	  .help = "pauses between messages are up to so much longer" },
	{ FLAG(C "receipts"), .kinds = KIND_ALL, .fallback = "true",
	  .help = "ask the network for delivery receipts" },
	{ TEXTS(C "networks"), .kinds = KIND_ALL, .fallback = "[ ]", .example = "[ \"viettel\" ]",
	  .help = "operators this channel is for; empty = any" },
	{ GROUP(C "balance"), .kinds = KIND_GAMMU | KIND_EXEC | KIND_HTTP,
	  .help = "asking the SIM, or the provider, for its credit" },
	{ TEXT(C "balance.ussd"), .kinds = KIND_GAMMU | KIND_EXEC, .required = true,
	  .example = "\"*101#\"", .help = "code to dial" },
	{ NUMBER(C "balance.every_h", 0.1, 720), .kinds = KIND_GAMMU | KIND_EXEC | KIND_HTTP, .unit = "h",
	  .fallback = "12", .help = "how often" },
	{ WHOLE(C "balance.low_vnd", 0, 1e9), .kinds = KIND_GAMMU | KIND_EXEC | KIND_HTTP, .unit = "VND",
	  .fallback = "20000",
	  .help = "below this people are warned and campaigns wait; answers go on" },
	{ TEXT(C "balance.pattern"), .kinds = KIND_GAMMU | KIND_EXEC, .fallback = "\"\"",
	  .example = "\"so du: ([0-9.]+) ?d\"",
	  .help = "extended regular expression with one group, the sum, over the answer without "
		  "marks and in small letters; \"\" = the operator's own" },
	{ GROUP(C "retry"), .kinds = KIND_ALL, .help = "trying again what was not sent" },
	{ NUMBER(C "retry.first_s", 0.01, 86400), .kinds = KIND_ALL, .unit = "s", .fallback = "30",
	  .help = "pause before the second attempt" },
	{ NUMBER(C "retry.factor", 1, 100), .kinds = KIND_ALL, .fallback = "2",
	  .help = "each further pause is this many times longer" },
	{ NUMBER(C "retry.cap_s", 0.01, 604800), .kinds = KIND_ALL, .unit = "s", .fallback = "3600",
	  .help = "longest pause" },
	{ WHOLE(C "retry.jitter_percent", 0, 100), .kinds = KIND_ALL, .unit = "%", .fallback = "20",
	  .help = "pauses vary by so much" },
	{ WHOLE(C "retry.attempts", 0, 10000), .kinds = KIND_ALL, .unit = "attempts",
	  .fallback = "0", .help = "most attempts; 0 = until the validity ends" },
	{ NUMBER(C "submit_deadline_s", 0, 3600), .kinds = KIND_ALL, .unit = "s", .fallback = "0",
	  .help = "an attempt that takes longer ends with the driver; 0 = the kind's own (a modem "
		  "60, HTTP the profile's timeout and 5)" },

	{ GROUPS("webhooks"), .help = "machines that are told what happens here; none by default" },
	{ TEXT("webhooks.[].name"), .required = true, .example = "\"mot-cua\"",
	  .help = "1 to 32 of a-z, 0-9 and -" },
	{ TEXT("webhooks.[].url"), .required = true, .example = "\"https://motcua.example.vn/caunoi\"",
	  .help = "where events are posted; http:// only for an address in allow_private_endpoints" },
	{ TEXT("webhooks.[].secret"), .required = true, .secret = true, .example = "\"mot-cua.hook\"",
	  .help = "secret that signs them" },
	{ TEXTS("webhooks.[].events"), .fallback = "[ \"message\" ]",
	  .example = "[ \"message\", \"inbound\" ]",
	  .help = "message: what became of a message; inbound: that somebody wrote, and what it was taken for" },
	{ FLAG("webhooks.[].numbers"), .fallback = "false",
	  .help = "events carry telephone numbers; otherwise the pseudonym alone" },
	{ FLAG("webhooks.[].texts"), .fallback = "false",
	  .help = "events carry what people wrote, but for what belongs to a restricted case" },
	{ TEXT("webhooks.[].ca_file"), .unit = "path", .fallback = "\"\"",
	  .help = "certificates of the authority that its TLS is checked against; \"\" = the system's" },
	{ NUMBER("webhooks.[].timeout_s", 1, 60), .unit = "s", .fallback = "10",
	  .help = "it answers within this time" },
	{ WHOLE("webhooks.[].in_flight", 1, 64), .fallback = "8", .help = "events under way to it at once" },
	{ WHOLE("webhooks.[].backlog", 100, 1e6), .unit = "events", .fallback = "100000",
	  .help = "so many wait for it; what happens beyond is counted and not told" },

	{ GROUPS("ussd"), .help = "USSD callbacks over HTTP" },
	{ TEXT("ussd.[].name"), .required = true, .example = "\"main\"",
	  .help = "name in the address /ussd/NAME/SECRET" },
	{ TEXT("ussd.[].style"), .required = true, .example = "\"africastalking\"",
	  .choices = "africastalking|infobip|hubtel|nalo|arkesel|generic",
	  .help = "how the operator's gateway speaks" },
	{ TEXT("ussd.[].webhook_secret"), .required = true, .secret = true,
	  .example = "\"ussd.hook\"", .help = "secret that stands in the address" },
	{ TEXT("ussd.[].menu"), .fallback = "\"main\"", .help = "first menu: menus/NAME.conf" },
	{ TEXTS("ussd.[].callback_from"), .fallback = "[ ]", .example = "[ \"203.0.113.0/24\" ]",
	  .help = "addresses that the operator's gateway calls from; [ ] = any. No style signs its calls: set this. Behind a proxy the "
		  "last one of X-Forwarded-For counts" },
	{ GROUP("ussd.[].settings"), .example = "{ }", .help = "wire format of the generic style: docs/ussd.md" },
	{ ANY("ussd.[].settings.*"), .help = "any key" },
};

static const struct {
	const char *name;
	unsigned kind;
} kinds[] = {
	{ "gammu", KIND_GAMMU },
	{ "http", KIND_HTTP },
	{ "loopback", KIND_LOOPBACK },
	{ "exec", KIND_EXEC },
};

const struct config_key *config_key_table(size_t *ret_n)
{
	*ret_n = COUNT_OF(keys);
	return keys;
}

unsigned config_kind(const char *driver)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (!strcmp(kinds[i].name, driver))
			return kinds[i].kind;
	return 0;
}

const char *config_kind_name(unsigned kind)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return "";
}

const char *config_key_type_name(enum key_type type)
{
	switch (type) {
	case KEY_TEXT:
		return "text in quotes";
	case KEY_WHOLE:
		return "whole number";
	case KEY_NUMBER:
		return "number";
	case KEY_FLAG:
		return "true or false";
	case KEY_TEXTS:
		return "list of texts, [ \"…\", \"…\" ]";
	case KEY_GROUP:
		return "group, { … }";
	case KEY_GROUPS:
		return "list of groups, ( { … }, { … } )";
	case KEY_ANY:
		return "value";
	}
	return "value";
}

/* Does path, whose elements are "[]" or "[3]", follow the row's pattern? */
static bool follows(const char *pattern, const char *path)
{
	while (*pattern && *path) {
		if (!strcmp(pattern, "*"))
			return true;
		if (*pattern == '[' && *path == '[') {
			pattern += strcspn(pattern, "]");
			path += strcspn(path, "]");
		}
		if (*pattern++ != *path++)
			return false;
	}
	return !*pattern && !*path;
}

const struct config_key *config_key_find(const char *path, unsigned kind)
{
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if ((!kind || !keys[i].kinds || (keys[i].kinds & kind)) &&
		    follows(keys[i].path, path))
			return &keys[i];
	return NULL;
}

static int describe(const struct config_key *k, json_t *row)
{
	int r = json_set_str(row, "path", k->path) |
		json_set_str(row, "type", config_key_type_name(k->type)) |
		json_set_str(row, "unit", k->unit) | json_set_str(row, "choices", k->choices) |
		json_set_str(row, "default", k->fallback) | json_set_str(row, "help", k->help);
	r |= json_object_set_new(row, "min", k->min < k->max ? json_real(k->min) : json_null());
	r |= json_object_set_new(row, "max", k->min < k->max ? json_real(k->max) : json_null());
	r |= json_object_set_new(row, "required", json_boolean(k->required));
	OWN(json) json_t *drivers = json_array();
	for (size_t i = 0; drivers && i < COUNT_OF(kinds); i++)
		if (k->kinds & kinds[i].kind)
			r |= json_array_append_new(drivers, json_string(kinds[i].name));
	return r | json_object_set(row, "drivers", drivers);
}

json_t *config_keys(void)
{
	OWN(json) json_t *all = json_array();
	for (size_t i = 0; all && i < COUNT_OF(keys); i++) {
		json_t *row = json_object();
		if (json_array_append_new(all, row) || describe(&keys[i], row))
			return NULL;
	}
	return MOVE(all);
}
