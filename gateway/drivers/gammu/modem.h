/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver of one GSM modem: frames on one side, line and worker on the other. The polling thread lives here: it
 * answers the core at any moment, moves the line's bytes, and gives the worker its jobs. */
#ifndef CAUNOI_DRIVERS_GAMMU_MODEM_H
#define CAUNOI_DRIVERS_GAMMU_MODEM_H

#include "gateway/base/clock.h"
#include "gateway/base/err.h"

/* Runs until the core says stop or closes in_fd. Result: 0, or why the frames broke off. */
MUST_CHECK int modem_run(const struct clock *clock, int in_fd, int out_fd);

#endif
