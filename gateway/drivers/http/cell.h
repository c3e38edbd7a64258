/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the HTTP driver gives up for good once it has read its profile: every file but certificates and what names are
 * resolved with, programs, processes, local sockets, doors of its own, privileges. It can then only call out. */
#ifndef CAUNOI_DRIVERS_HTTP_CELL_H
#define CAUNOI_DRIVERS_HTTP_CELL_H

#include "gateway/base/err.h"

/* Irrevocable; before other threads are started. ca_file "" = the system's certificates. A resolver's configuration that is
 * replaced later, not written over, is not seen until the driver is started again. E_UNAVAILABLE: this kernel has no seccomp
 * or no Landlock; whatever it has is in force. */
MUST_CHECK int cell_enter(const char *ca_file);

#endif
