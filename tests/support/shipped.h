/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shipped word lists and contexts, for tests of what they make of people's messages. Runs from the repository's root. */
#ifndef CAUNOI_TESTS_SUPPORT_SHIPPED_H
#define CAUNOI_TESTS_SUPPORT_SHIPPED_H

#include "handlers/parse.h"

#define SHIPPED_CONFIG "config/caunoi.conf" /* data files stand beside it */

/* For cmocka's group setup and teardown: *state is the word lists. */
int shipped_load(void **state);
int shipped_unload(void **state);
/* What a text is understood as; context: a shipped one's name, "" = "NONE". The caller's (classified_done); ends the test when there is
 * none. */
struct classified shipped_understand(const struct keywords *k, const char *text, const char *context);

#endif
