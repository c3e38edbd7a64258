/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this process gives up once it has read its configuration and opened its door: opening files, starting programs,
 * changing the file system, sockets other than to the query process. It can then open neither database nor identity key. */
#ifndef CAUNOI_WEB_SANDBOX_H
#define CAUNOI_WEB_SANDBOX_H

#include "gateway/base/err.h"

/* Irrevocable. E_UNAVAILABLE when the kernel has no seccomp filters (the caller warns and goes on). */
MUST_CHECK int sandbox_enter(void);

#endif
