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

int modem_settings_read(const json_t *config, const json_t *secrets, struct modem_settings *ret)
{
	const char *pin = json_str(secrets, "pin", json_str(secrets, "pin_secret", json_str(config, "pin", "")));
	struct modem_settings s = { .baud = baud_of(json_str(config, "connection", "at115200")),
			      .receipts = json_flag(config, "receipts", true) };
	if (!pin_ok(pin) || copy(s.pin, sizeof(s.pin), pin) ||
	    copy(s.device, sizeof(s.device), json_str(config, "device", "")) ||
	    copy(s.model, sizeof(s.model), json_str(config, "model", "")) ||
	    copy(s.smsc, sizeof(s.smsc), json_str(config, "smsc", "")) || !*s.device)
		return E_CONFIG;
	*ret = s;
	return 0;
}
