/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be asked of the simulator over its control socket: a table of operations by "op". "help" lists them. */
#ifndef CAUNOI_SIM_MODEM_OPERATION_H
#define CAUNOI_SIM_MODEM_OPERATION_H

#include <jansson.h>

#include "tests/simulators/modem/modem.h"

/* A new object with "ok". */
json_t *operation_run(struct modem *m, const json_t *request);

#endif
