/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A simulator has nobody to report an end of memory to: need() passes a pointer on and must() a result, and both
 * end the program instead of returning a failure. Used by every file of the modem simulator. */
#ifndef CAUNOI_SIM_MODEM_NEED_H
#define CAUNOI_SIM_MODEM_NEED_H

#include <stdlib.h>

#include "gateway/base/err.h"
#include "gateway/base/log.h"
#include "gateway/base/own.h"

static inline void *need(void *p)
{
	if (!p) {
		log_error("modem.memory", "problem=out_of_memory");
		exit(1);
	}
	return p;
}

static inline void must(int result)
{
	if (result) {
		log_error("modem.stopped", "problem=%s", err_text(result));
		exit(1);
	}
}

#endif
