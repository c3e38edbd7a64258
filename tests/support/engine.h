/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which engine a test runs on. Without $CAUNOI_TEST_STORE it is SQLite; with it (the address of a PostgreSQL database that the test may
 * do anything in) every fixture gets a schema of its own there, which goes with it. Every step that fails ends the test. */
#ifndef CAUNOI_TESTS_SUPPORT_ENGINE_H
#define CAUNOI_TESTS_SUPPORT_ENGINE_H

#include <stdbool.h>

#define ENGINE_URI_MAX 512

struct engine {
	char uri[ENGINE_URI_MAX]; /* for the configuration's store = "…" */
	char schema[64];          /* "" with SQLite */
};

bool engine_is_postgresql(void);
/* First line of a test about what SQLite alone has; why is for the reader. */
#define SQLITE_ONLY(why) \
	do { \
		if (engine_is_postgresql()) { \
			print_message("only of SQLite: %s\n", why); \
			skip(); \
		} \
	} while (0)
void engine_init(struct engine *e);
void engine_done(struct engine *e);
/* Runs SQL there as somebody else would: another connection. Must succeed. */
void engine_sql(const struct engine *e, const char *sql);
/* As the server's administrator; false without $CAUNOI_TEST_SERVER_ADMIN. Must succeed otherwise. */
bool engine_admin_sql(const char *sql);

#endif
