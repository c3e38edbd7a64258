/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is printed from the tables at build time: C rows for programs that link no store, and pages of docs/. */
#ifndef CAUNOI_CONSOLE_REGISTRY_PRINT_PRINTED_H
#define CAUNOI_CONSOLE_REGISTRY_PRINT_PRINTED_H

#include <stdio.h>

#include "gateway/registry.h"

/* Rows without functions, and caunoi_registry. */
void printed_c(const struct registry *r, FILE *out);
/* docs/verbs.md */
void printed_verbs(const struct registry *r, FILE *out);
/* docs/roles.md */
void printed_roles(const struct registry *r, FILE *out);
/* docs/states.md */
void printed_states(FILE *out);
/* docs/settings.md */
void printed_settings(FILE *out);

#endif
