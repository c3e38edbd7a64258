/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs beside this one, started for what needs no running core: caunoid for the store, the modem driver for a port. */
#ifndef CAUNOI_CONSOLE_TERMINAL_SIBLING_H
#define CAUNOI_CONSOLE_TERMINAL_SIBLING_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/base/err.h"

/* Becomes `caunoid --config config`: comes back only when that fails, with the code. */
int sibling_serve(const char *config);
/* Becomes `caunoi-gammu --probe device`, which says what is behind a port: comes back only when that fails, with the code. */
int sibling_probe(const char *device, bool json);
/* Runs `caunoid --config config --local verb`, args on its standard input. 0 with *ret_line ({"ok", "result"|"error", "exit"},
 * the caller's); E_NOT_FOUND: no such program; E_IO: it died without an answer, *ret_exit says how (1, or its code). */
MUST_CHECK int sibling_run(const char *config, const char *verb, const json_t *args, json_t **ret_line, int *ret_exit);

#endif
