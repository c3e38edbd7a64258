/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The provider's HTTP side: keep-alive or close, one request at a time a connection. */
#ifndef CAUNOI_SIM_API_SERVER_H
#define CAUNOI_SIM_API_SERVER_H

#include "tests/simulators/api/sim.h"

/* address "127.0.0.1:PORT", PORT 0 = pick; *ret_port is the one used. E_IO, E_INVALID, E_NOMEM. */
MUST_CHECK int server_open(struct sim *sim, const char *address, int *ret_port);
/* Sends what this round answered, after the journal is on disk. */
void server_flush(struct sim *sim);
/* While hung nothing is accepted, read or answered. */
void server_hang(struct sim *sim, bool hung);

#endif
