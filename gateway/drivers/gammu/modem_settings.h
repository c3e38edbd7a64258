/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the core said about this channel in hello. Unknown fields are ignored. */
#ifndef CAUNOI_DRIVERS_GAMMU_MODEM_SETTINGS_H
#define CAUNOI_DRIVERS_GAMMU_MODEM_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/base/err.h"
#include "gateway/drivers/gammu/line_guard.h"

struct modem_settings {
	char device[256];
	int baud;       /* 0 = leave the device's speed */
	char model[32]; /* libgammu's model name, "" = found out */
	char smsc[24];  /* "" = the SIM's */
	char pin[9];    /* "" = none */
	char data_dir[256]; /* where it is remembered that the PIN was tried; "" = nowhere */
	bool receipts;
	bool reset; /* AT+CFUN=1,1 may be tried: some modems never come back from it */
	struct guard_limits limits;
};

/* E_CONFIG: no device, or a value that cannot be. */
MUST_CHECK int modem_settings_read(const json_t *config, const json_t *secrets, struct modem_settings *ret);

#endif
