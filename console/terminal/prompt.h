/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The password of a call: first line of standard input; asked for without echo, twice, when that is a terminal. */
#ifndef CAUNOI_CONSOLE_TERMINAL_PROMPT_H
#define CAUNOI_CONSOLE_TERMINAL_PROMPT_H

#include "console/terminal/desk.h"
#include "gateway/base/err.h"

#define PROMPT_BYTES_MAX 1024

/* *ret is the caller's, "" when the line is empty. E_INVALID: too long, not UTF-8, or typed differently the second time. The
 * caller wipes it with prompt_wipe. */
MUST_CHECK int prompt_password(const struct desk *d, char **ret);
/* The present one, for one's own account: the second line; on a terminal it is asked for, but not of root, who changes others'. "": there is none. */
MUST_CHECK int prompt_old_password(const struct desk *d, char **ret);
void prompt_wipe(char *password);

#endif
