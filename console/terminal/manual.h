/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help, printed from the registry. */
#ifndef CAUNOI_CONSOLE_TERMINAL_MANUAL_H
#define CAUNOI_CONSOLE_TERMINAL_MANUAL_H

#include "console/terminal/desk.h"
#include "gateway/registry.h"

/* What there is: every noun with its verbs. */
void manual_all(const struct desk *d, const struct registry *r, FILE *out);
/* The verbs of a noun. */
void manual_noun(const struct desk *d, const struct registry *r, const char *noun, FILE *out);
/* One verb: usage, arguments, who may. */
void manual_verb(const struct desk *d, const struct verb *v, FILE *out);
/* `caunoi help [about [verb]]`, with --json the registry's rows: the exit code; 2 with a sentence on err when there is no such thing. */
int manual_print(const struct desk *d, const struct registry *r, const char *about, const char *verb);

#endif
