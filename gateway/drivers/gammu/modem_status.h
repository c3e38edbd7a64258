/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a modem has told of itself, its SIM and its network, and the frame that tells it to the core. Filled by the radio,
 * carried by the worker's events, said by the polling thread. */
#ifndef CAUNOI_DRIVERS_GAMMU_MODEM_STATUS_H
#define CAUNOI_DRIVERS_GAMMU_MODEM_STATUS_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/drivers/gammu/identity.h"
#include "gateway/drivers/gammu/slots.h"

struct modem_status {
	int signal_percent; /* -1 unknown */
	bool network_known, registered, roaming;
	char network[64];
	struct identity identity;
	struct slots slots; /* how full the memories are */
};

/* The fields of a status frame, a new object; what is unknown is left out. NULL without memory. */
json_t *modem_status_fields(const struct modem_status *s, bool up);

#endif
