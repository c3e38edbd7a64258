/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an import staged, on its way out: changes applied behind the mark, or everything taken back. A page a call. */
#ifndef CAUNOI_CAMPAIGNS_UNSTAGE_H
#define CAUNOI_CAMPAIGNS_UNSTAGE_H

#include <stdint.h>

#include "campaigns/staging.h"

#define UNSTAGE_ROWS 500

/* Applies a page of the changes that wait; E_AGAIN: there are more. */
MUST_CHECK int unstage_apply(struct tick *t, int64_t import);
/* Takes back a page of people and changes of an import that will not be; E_AGAIN: there are more. Its people came behind
 * after; numbers that nothing else refers to go with them. */
MUST_CHECK int unstage_drop(struct tick *t, const struct staging *s, int64_t after);

extern const struct sql_module unstage_module;

#endif
