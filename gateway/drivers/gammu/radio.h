/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A modem that has been brought up: line open, SIM unlocked, libgammu connected, notifications on. Worker only; every
 * call blocks for a bounded time. */
#ifndef CAUNOI_DRIVERS_GAMMU_RADIO_H
#define CAUNOI_DRIVERS_GAMMU_RADIO_H

#include "gateway/drivers/gammu/gsm.h"
#include "gateway/drivers/gammu/identity.h"
#include "gateway/drivers/gammu/line.h"
#include "gateway/drivers/gammu/modem_settings.h"
#include "gateway/drivers/gammu/modem_status.h"
#include "gateway/drivers/gammu/simlock.h"
#include "gateway/drivers/gammu/slots.h"

struct radio {
	const struct modem_settings *settings;
	struct line *line;
	struct gsm *gsm; /* NULL = down */
	bool opened;     /* the last radio_open got as far as the device */
	struct slots slots;
	struct pinmark mark;
	struct identity identity;
};

/* *ret_why is static English. E_NOT_FOUND: no device; E_REFUSED: a person must act (PIN, SIM); E_UNAVAILABLE. */
MUST_CHECK int radio_open(struct radio *r, const char **ret_why);
void radio_close(struct radio *r);
/* How the attempt ended. */
void radio_send(struct radio *r, const struct segment *s, struct guard_send *ret);
void radio_status(struct radio *r, struct modem_status *ret);
/* Restarts the modem's radio part, down as it is; most vanish from the bus for a while. */
void radio_reset(struct radio *r);
/* Lets go of a USSD session. */
void radio_cancel_ussd(struct radio *r);

#endif
