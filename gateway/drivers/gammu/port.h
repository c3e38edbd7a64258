/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serial ports as the kernel shows them: a stick has several, of which one or two speak AT, and a name that stays the
 * same wherever it is plugged in. Reads /sys and /dev only. */
#ifndef CAUNOI_DRIVERS_GAMMU_PORT_H
#define CAUNOI_DRIVERS_GAMMU_PORT_H

#include <stddef.h>

#define PORT_SIBLINGS_MAX 16

/* The lasting name of device below /dev/serial/by-id, the caller's; NULL = it has none. */
char *port_by_id(const char *device);
/* Other ports of the same USB device, at most max, in the order of their names; each is the caller's. Result = how many. */
size_t port_siblings(const char *device, char **ret, size_t max);

#endif
