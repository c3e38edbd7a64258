/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the verbs that need no core and the functions behind them. Called by main only. */
#include "gateway/local.h"

#include <string.h>

#include "gateway/backup.h"
#include "gateway/base/own.h"
#include "gateway/init.h"
#include "gateway/migrate.h"
#include "gateway/restore.h"

static const struct {
	const char *verb;
	int (*run)(const struct local *l, const json_t *args, json_t **ret, struct complaint *c);
} local_verbs[] = {
	{ "init", init_run },
	{ "backup", backup_run },
	{ "backup-key", backup_key_run },
	{ "restore", restore_run },
	{ "db.check", backup_check_run },
	{ "db.migrate", migrate_run },
};

int local_run(const struct local *l, const char *verb, const json_t *args, json_t **ret, struct complaint *c)
{
	for (size_t i = 0; i < COUNT_OF(local_verbs); i++)
		if (strcmp(local_verbs[i].verb, verb) == 0)
			return local_verbs[i].run(l, args, ret, c);
	return complaint_set(c, "", "unknown_verb", "%s needs a running core, or is no verb at all", verb);
}
