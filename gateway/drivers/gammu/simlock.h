/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the SIM can be used, and its PIN. A PIN is tried once: not again after it failed, and not at all when somebody
 * else has failed before. A PUK is a person's. Worker only; blocks. */
#ifndef CAUNOI_DRIVERS_GAMMU_SIMLOCK_H
#define CAUNOI_DRIVERS_GAMMU_SIMLOCK_H

#include "gateway/drivers/gammu/line.h"
#include "gateway/drivers/gammu/pinmark.h"

enum simlock {
	SIMLOCK_NONE,
	SIMLOCK_PIN,
	SIMLOCK_PUK,
	SIMLOCK_OTHER, /* phone lock, PIN2 … */
	SIMLOCK_NO_SIM,
	SIMLOCK_UNKNOWN, /* the modem does not know the question */
};

enum simlock simlock_find(struct line *l);
/* "ready", "pin", "puk", "locked", "absent", "unknown". */
const char *simlock_name(enum simlock lock);
/* Opens the SIM with pin ("" = none) where it asks for one. 0: it is open. E_REFUSED: a person must act; E_UNAVAILABLE:
 * no SIM. *ret_why is static English and says what to do. */
MUST_CHECK int simlock_open(struct line *l, const char *pin, struct pinmark *mark, const char **ret_why);

#endif
