/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store on PostgreSQL. */
#include "gateway/store/engine.h"

int pgsql_open(const char *uri, enum store_mode mode, struct store **ret, struct complaint *c)
{
	(void)uri;
	(void)mode;
	(void)ret;
	complaint_set(c, "store", "unknown_engine", "this release knows store = \"sqlite\" only");
	return E_CONFIG;
}
