/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads hello's config and secrets. Called once. */
#include "gateway/drivers/gammu/modem_settings.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"

static int copy(char *ret, size_t room, const char *text)
{
	size_t n = strlen(text);
	if (n >= room)
		return E_CONFIG;
	memcpy(ret, text, n + 1);
	return 0;
}

static int baud_of(const char *connection)
{
	return strncmp(connection, "at", 2) ? 0 : (int)strtol(connection + 2, NULL, 10);
}

/* A PIN has 4 to 8 digits; whoever writes anything else would send a command to the modem. */
static bool pin_ok(const char *pin)
{
	size_t n = strlen(pin);
	return n == 0 || (n >= 4 && n <= 8 && strspn(pin, "0123456789") == n);
}

/* The core gives an attempt submit_deadline_s and then ends this program: the modem's own limits fit into it. */
static struct guard_limits limits_of(const json_t *config)
{
	double deadline_ms = json_num(config, "submit_deadline_s", 0) * 1000, pause_ms = json_num(config, "pace", 0);
	struct guard_limits l = { .prompt_ms = GUARD_PROMPT_MS, .answer_ms = GUARD_ANSWER_MS };
	if (deadline_ms > 0) {
		l.prompt_ms = (int64_t)(deadline_ms / 6);
		l.answer_ms = (int64_t)(deadline_ms * 2 / 3);
	}
	l.pause_ms = pause_ms > 0 ? (int64_t)pause_ms : 0;
	return l;
}

int modem_settings_read(const json_t *config, const json_t *secrets, struct modem_settings *ret)
{
	const char *pin = json_str(secrets, "pin", json_str(secrets, "pin_secret", json_str(config, "pin", "")));
	struct modem_settings s = { .baud = baud_of(json_str(config, "connection", "at115200")),
			      .receipts = json_flag(config, "receipts", true), .reset = json_flag(config, "reset", false),
			      .limits = limits_of(config) };
	if (!pin_ok(pin) || copy(s.pin, sizeof(s.pin), pin) ||
	    copy(s.device, sizeof(s.device), json_str(config, "device", "")) ||
	    copy(s.data_dir, sizeof(s.data_dir), json_str(config, "data_dir", "")) ||
	    copy(s.model, sizeof(s.model), json_str(config, "model", "")) ||
	    copy(s.smsc, sizeof(s.smsc), json_str(config, "smsc", "")) || !*s.device)
		return E_CONFIG;
	*ret = s;
	return 0;
}
