/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking at one serial port: is it a modem, whose, with which SIM, on which network, and what to put into the
 * configuration. For `caunoi-gammu --probe DEVICE`; sends no message, enters no PIN and changes nothing that lasts. */
#ifndef CAUNOI_DRIVERS_GAMMU_PROBE_H
#define CAUNOI_DRIVERS_GAMMU_PROBE_H

#include <jansson.h>

#include "gateway/base/clock.h"
#include "gateway/base/err.h"

/* Looks at device, and at the other ports of the same stick where this one does not answer. *ret is the caller's:
 * {"device", "by_id", "usable", "problem", "advice", "manufacturer", "model", "firmware", "imei", "iccid", "imsi", "sim",
 * "operator", "signal_percent", "registration", "roaming", "storage": [{"memory", "used", "size"}], "configuration"};
 * what is unknown is null. 0 also where the port is no use: problem says so. E_NOMEM, E_IO. */
MUST_CHECK int probe_run(const struct clock *clock, const char *device, json_t **ret);
/* The same for a person, in English, several lines; the caller's. NULL on no memory. */
char *probe_text(const json_t *report);

#endif
