/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices to the web and query processes. */
#ifndef CAUNOI_GATEWAY_NOTICE_H
#define CAUNOI_GATEWAY_NOTICE_H

#include "gateway/core.h"

/* At most 4 times a second. */
void notice_changed(struct core *core, int64_t mono_ms);
void notice_spool(struct core *core, int64_t mono_ms);

#endif
