/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of fields as people read them. */
#ifndef CAUNOI_CONSOLE_TERMINAL_LABEL_H
#define CAUNOI_CONSOLE_TERMINAL_LABEL_H

/* Vietnamese where desk (a struct desk *) says so and the field is known, else the key itself. Never NULL. */
const char *label_of(const void *desk, const char *key);

#endif
