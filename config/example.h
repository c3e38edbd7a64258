/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commented example of a configuration, printed from the table of keys: config/caunoi.conf is this text. */
#ifndef CAUNOI_CONFIG_EXAMPLE_H
#define CAUNOI_CONFIG_EXAMPLE_H

#include <stdio.h>

/* Writes the whole example; every key of the table appears, those with a default or not needed as comments. */
void example_print(FILE *out);

#endif
