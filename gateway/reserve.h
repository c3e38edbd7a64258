/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room on the disk that is kept for what people say: a file that is given up when the disk is full. Called by loop.c. */
#ifndef CAUNOI_GATEWAY_RESERVE_H
#define CAUNOI_GATEWAY_RESERVE_H

#include <stdbool.h>

/* Is the disk under max(5 %, 256 MiB)? Where it is not, the reserve is made if it is missing. */
bool reserve_low(const char *data_dir);
/* A commit found the disk full. */
void reserve_give_up(const char *data_dir);

#endif
