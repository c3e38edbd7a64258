/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs that need no core: init, restore, backup, db check, db migrate. The CLI starts caunoid for them (it links the store, the CLI does
 * not); main hands the words to local_run and prints what comes back. */
#ifndef CAUNOI_GATEWAY_LOCAL_H
#define CAUNOI_GATEWAY_LOCAL_H

#include <jansson.h>

#include "config/config.h"
#include "gateway/base/clock.h"
#include "gateway/base/complaint.h"
#include "gateway/base/random.h"

struct local {
	const struct config *config;
	const struct clock *clock;
	struct random *random;
};

/* verb is "init", "restore", "backup", "db.check" or "db.migrate"; args as verb_check gave them. 0 with *ret (the caller's); E_INVALID for
 * another verb; else the verb's own error with *c. The exit code is err_exit_code of the result. */
MUST_CHECK int local_run(const struct local *l, const char *verb, const json_t *args, json_t **ret, struct complaint *c);

#endif
