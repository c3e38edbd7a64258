/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What arrives: PDUs become inbound and receipt frames, each offered once; what the core has stored is deleted from the
 * modem. Polling and notifications both end here. */
#ifndef CAUNOI_DRIVERS_GAMMU_ARRIVAL_H
#define CAUNOI_DRIVERS_GAMMU_ARRIVAL_H

#include <stdbool.h>

#include "gateway/drivers/driver.h"
#include "gateway/drivers/gammu/tray.h"

#define ARRIVAL_WAITING 64

struct arrival {
	struct driver *driver;
	void (*remove)(void *self, struct tray_entry *e); /* asks for the entry's slot to be emptied */
	void (*look)(void *self); /* asks for another round of reading */
	void *self;
	struct tray tray;
	char *waiting[ARRIVAL_WAITING]; /* reports that came while a send was open: its reference is not known yet */
	size_t n_waiting;
};

void arrival_done(struct arrival *a);
/* One PDU as the modem wrote it. slot without memory: it was handed over and is not stored there. A report waits for
 * arrival_release when sending. */
void arrival_found(struct arrival *a, const char *pdu, const struct tray_slot *slot, bool sending);
void arrival_release(struct arrival *a);
void arrival_stored(struct arrival *a, const char *id);
void arrival_skip(struct arrival *a, const char *id);
void arrival_deleted(struct arrival *a, const char *pdu, bool gone);

#endif
