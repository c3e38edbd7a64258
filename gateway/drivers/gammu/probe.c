/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The probe: raw questions over a line of its own, pumped by a thread. libgammu is not needed to look. */
#include "gateway/drivers/gammu/probe.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/drivers/gammu/greeting.h"
#include "gateway/drivers/gammu/identity.h"
#include "gateway/drivers/gammu/line.h"
#include "gateway/drivers/gammu/port.h"
#include "gateway/drivers/gammu/simlock.h"

#define COMMAND_MS 8000
#define PUMP_MS 100

struct probe {
	const struct clock *clock;
	struct line *line;
	pthread_t thread;
	atomic_bool stop;
	json_t *report;
};

static void *pump(void *self)
{
	struct probe *p = self;
	while (!atomic_load(&p->stop)) {
		struct pollfd fds[LINE_FDS];
		int64_t due;
		line_fds(p->line, fds, &due);
		int64_t left = due == INT64_MAX ? PUMP_MS : due - clock_mono_ms(p->clock);
		poll(fds, LINE_FDS, left < 0 ? 0 : left > PUMP_MS ? PUMP_MS : (int)left);
		line_pump(p->line);
	}
	return NULL;
}

/* The reply to command, the caller's; NULL when there was none. */
static char *ask(struct probe *p, const char *command)
{
	struct line_reply reply;
	if (!line_raw(p->line, command, COMMAND_MS, &reply))
		return reply.text;
	free(reply.text);
	return NULL;
}

static void set(struct probe *p, const char *key, const char *value)
{
	json_object_set_new(p->report, key, value && *value ? json_string(value) : json_null());
}

static void set_problem(struct probe *p, const char *problem, const char *advice)
{
	set(p, "problem", problem);
	set(p, "advice", advice);
}

/* ---- questions ------------------------------------------------------------------------------------------------ */

static void ask_identity(struct probe *p)
{
	struct identity id = { 0 };
	identity_ask_modem(&id, p->line);
	identity_ask_sim(&id, p->line);
	set(p, "manufacturer", id.manufacturer);
	set(p, "model", id.model);
	set(p, "firmware", id.firmware);
	set(p, "imei", id.imei);
	set(p, "iccid", id.iccid);
	set(p, "imsi", id.imsi);
}

static int registration_of(struct probe *p)
{
	static const struct {
		const char *command, *format;
	} ways[] = { { "AT+CREG?", "+CREG: %*d,%d" }, { "AT+CEREG?", "+CEREG: %*d,%d" } };
	int best = -1;
	for (size_t i = 0; i < COUNT_OF(ways) && best != 1 && best != 5; i++) {
		OWN(mem) char *text = ask(p, ways[i].command);
		int stat;
		if (text && sscanf(text, ways[i].format, &stat) == 1 && (best < 0 || stat == 1 || stat == 5))
			best = stat;
	}
	return best;
}

/* 3GPP TS 27.007 §7.2 */
static const char *registration_name(int stat)
{
	static const char *const names[] = { "none", "home", "searching", "denied", "unknown", "roaming", "home", "roaming" };
	return stat >= 0 && stat < (int)COUNT_OF(names) ? names[stat] : NULL;
}

static void ask_network(struct probe *p)
{
	int stat = registration_of(p), rssi;
	set(p, "registration", registration_name(stat));
	json_object_set_new(p->report, "roaming", stat < 0 ? json_null() : json_boolean(stat == 5 || stat == 7));
	OWN(mem) char *strength = ask(p, "AT+CSQ");
	if (strength && sscanf(strength, "+CSQ: %d", &rssi) == 1 && rssi >= 0 && rssi <= 31)
		json_object_set_new(p->report, "signal_percent", json_integer((rssi * 100 + 15) / 31));
	char name[64] = "";
	free(ask(p, "AT+COPS=3,0"));
	OWN(mem) char *operator = ask(p, "AT+COPS?");
	if (operator && sscanf(operator, "+COPS: %*d,%*d,\"%63[^\"]\"", name) == 1)
		set(p, "operator", name);
}

static void ask_storage(struct probe *p)
{
	static const char *const memories[] = { "SM", "ME" };
	json_t *list = json_array();
	for (size_t i = 0; i < COUNT_OF(memories); i++) {
		char command[24];
		int used, size;
		snprintf(command, sizeof(command), "AT+CPMS=\"%s\"", memories[i]);
		OWN(mem) char *text = ask(p, command);
		if (text && sscanf(text, "+CPMS: %d,%d", &used, &size) == 2)
			json_array_append_new(list, json_pack("{s:s,s:i,s:i}", "memory", memories[i], "used", used, "size", size));
	}
	json_object_set_new(p->report, "storage", list);
}

static bool has_centre(struct probe *p)
{
	OWN(mem) char *text = ask(p, "AT+CSCA?");
	const char *quote = text ? strchr(text, '"') : NULL;
	return quote && quote[1] != '"';
}

/* ---- the verdict ---------------------------------------------------------------------------------------------- */

/* The first thing that keeps this modem from sending. */
static void judge(struct probe *p, enum simlock lock)
{
	const char *registration = json_str(p->report, "registration", "unknown");
	bool registered = !strcmp(registration, "home") || !strcmp(registration, "roaming");
	if (lock == SIMLOCK_NO_SIM)
		set_problem(p, "there is no SIM that can be read", "put the SIM in, or take it out and in again");
	else if (lock == SIMLOCK_PIN)
		set_problem(p, "the SIM asks for its PIN", "put the PIN into a secret and name it by pin_secret, or take it off in a telephone");
	else if (lock == SIMLOCK_PUK)
		set_problem(p, "the SIM asks for its PUK", "enter it in a telephone; the operator knows it");
	else if (lock == SIMLOCK_OTHER)
		set_problem(p, "the SIM or the modem is locked", "use the SIM in a telephone to see what it asks for");
	else if (!strcmp(registration, "denied"))
		set_problem(p, "the network refuses this SIM", "ask the operator whether the SIM is active and registered to its owner");
	else if (!registered && strcmp(registration, "unknown") != 0)
		set_problem(p, "the modem has not found its network", "check the antenna and the place; wait a minute and try again");
	else if (!has_centre(p))
		set_problem(p, "the SIM names no message centre", "ask the operator for the number and name it by smsc");
	else
		json_object_set_new(p->report, "usable", json_true());
}

/* By the SIM's IMSI; networks of Vietnam, ITU-T E.212. */
static const char *network_of(const char *imsi)
{
	static const struct {
		const char *code, *name;
	} networks[] = { { "45201", "mobifone" }, { "45202", "vinaphone" },    { "45204", "viettel" },
			 { "45205", "vietnamobile" }, { "45207", "gmobile" } };
	for (size_t i = 0; i < COUNT_OF(networks); i++)
		if (!strncmp(imsi, networks[i].code, 5))
			return networks[i].name;
	return NULL;
}

static void set_configuration(struct probe *p)
{
	const char *by_id = json_str(p->report, "by_id", NULL), *network = network_of(json_str(p->report, "imsi", ""));
	bool pin = !strcmp(json_str(p->report, "sim", ""), "pin");
	OWN(buffer) struct buffer b = { 0 };
	int r = buffer_printf(&b, "  { name = \"sim1\"; driver = \"gammu\"; device = \"%s\"; connection = \"at115200\";",
			      by_id ? by_id : json_str(p->report, "device", ""));
	if (!r && pin)
		r = buffer_printf(&b, " pin_secret = \"sim1.pin\";");
	if (!r && network)
		r = buffer_printf(&b, " networks = [ \"%s\" ];", network);
	if (!r)
		r = buffer_puts(&b, " }");
	set(p, "configuration", r ? NULL : buffer_text(&b));
}

static void look(struct probe *p)
{
	enum simlock lock = simlock_find(p->line);
	set(p, "sim", simlock_name(lock));
	ask_identity(p);
	ask_network(p);
	ask_storage(p);
	judge(p, lock);
	set_configuration(p);
}

/* Result: true when a modem answered there. */
static bool look_at(struct probe *p, const char *device)
{
	int e = line_open(p->line, device, 115200, NULL);
	if (e) {
		const char *reason = line_open_reason(e), *colon = strstr(reason, ": ");
		OWN(mem) char *problem = strndup(reason, colon ? (size_t)(colon - reason) : strlen(reason));
		set_problem(p, problem, colon ? colon + 2 : NULL);
		return false;
	}
	bool alive = !greeting_exchange(p->line);
	if (alive) {
		OWN(mem) char *by_id = port_by_id(device);
		set_problem(p, NULL, NULL);
		set(p, "device", device);
		set(p, "by_id", by_id);
		look(p);
	} else {
		set_problem(p, "nothing on this port answers like a modem",
			    "name another port of the same stick, and keep ModemManager away from it; a modem that hangs answers again when it is pulled out and plugged in");
	}
	line_close(p->line);
	return alive;
}

static void look_everywhere(struct probe *p, const char *device)
{
	char *others[PORT_SIBLINGS_MAX];
	if (look_at(p, device))
		return;
	size_t n = port_siblings(device, others, PORT_SIBLINGS_MAX);
	OWN(json) json_t *first = json_deep_copy(p->report);
	bool found = false;
	for (size_t i = 0; i < n; i++) {
		found = found || look_at(p, others[i]);
		free(others[i]);
	}
	if (!found && first)
		json_object_update(p->report, first); /* what was wrong with the port that was named */
}

static json_t *empty_report(const char *device)
{
	static const char *const keys[] = { "by_id", "problem", "advice", "manufacturer", "model", "firmware", "imei", "iccid", "imsi", "sim",
					    "operator", "signal_percent", "registration", "roaming", "configuration" };
	json_t *f = json_pack("{s:s,s:b,s:[]}", "device", device, "usable", 0, "storage");
	for (size_t i = 0; f && i < COUNT_OF(keys); i++)
		json_object_set_new(f, keys[i], json_null());
	return f;
}

int probe_run(const struct clock *clock, const char *device, json_t **ret)
{
	struct probe p = { .clock = clock, .report = empty_report(device) };
	int r = p.report ? line_new(clock, &p.line) : E_INVALID;
	if (!r && pthread_create(&p.thread, NULL, pump, &p))
		r = E_NOMEM;
	if (!r) {
		look_everywhere(&p, device);
		atomic_store(&p.stop, true);
		pthread_join(p.thread, NULL);
		*ret = MOVE(p.report);
	}
	line_free(p.line);
	json_decref(p.report);
	return r;
}

/* ---- for a person --------------------------------------------------------------------------------------------- */

static int put_row(struct buffer *b, const json_t *report, const char *label, const char *key)
{
	const json_t *v = json_object_get(report, key);
	if (json_is_string(v))
		return buffer_printf(b, "%-14s %s\n", label, json_string_value(v));
	if (json_is_integer(v))
		return buffer_printf(b, "%-14s %lld %%\n", label, (long long)json_integer_value(v));
	return 0;
}

static int put_rows(struct buffer *b, const json_t *report)
{
	static const char *const rows[][2] = {
		{ "port", "device" },	  { "manufacturer", "manufacturer" }, { "model", "model" },    { "firmware", "firmware" },
		{ "IMEI", "imei" },	  { "SIM", "sim" },		      { "ICCID", "iccid" },    { "operator", "operator" },
		{ "network", "registration" }, { "signal", "signal_percent" },
	};
	int r = 0;
	for (size_t i = 0; i < COUNT_OF(rows) && !r; i++)
		r = put_row(b, report, rows[i][0], rows[i][1]);
	size_t i;
	json_t *m;
	json_array_foreach(json_object_get(report, "storage"), i, m)
		r = r ? r : buffer_printf(b, "%-14s %s: %lld of %lld\n", i ? "" : "storage", json_str(m, "memory", ""),
					  (long long)json_int(m, "used", 0), (long long)json_int(m, "size", 0));
	return r;
}

char *probe_text(const json_t *report)
{
	struct buffer b = { 0 };
	const char *problem = json_str(report, "problem", NULL), *configuration = json_str(report, "configuration", NULL);
	int r = put_rows(&b, report);
	if (!r && problem)
		r = buffer_printf(&b, "\n%s: %s.\nWhat to do: %s.\n", json_str(report, "device", ""), problem, json_str(report, "advice", ""));
	if (!r && configuration)
		r = buffer_printf(&b, "\nFor the configuration, in channels:\n%s\n", configuration);
	char *text = r ? NULL : strdup(buffer_text(&b));
	buffer_done(&b);
	return text;
}
