/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the write-ahead log: its growth is seen, and the ticks themselves keep it small. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/store/store.h"
#include "tests/support/fixture.h"

#define COMMANDS 800
#define BOUND_BYTES (4 << 20)

static void gate_log_stays_small_while_commands_run(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	int64_t most = 0;
	for (int i = 0; i < COMMANDS; i++) {
		char args[64];
		OWN(json) json_t *out = NULL;
		snprintf(args, sizeof(args), "{\"number\":\"09123%05d\"}", i);
		assert_int_equal(fixture_command(f, "consent.opt-out", args, &out, NULL), 0);
		if (store_wal_bytes(f->db) > most)
			most = store_wal_bytes(f->db);
		assert_int_equal(core_tick(f->core), 0);
	}
	if (most < BOUND_BYTES / 4 || most > BOUND_BYTES)
		fail_msg("at most %lld bytes of log were seen", (long long)most);
	fixture_free(f);
}

static void gate_leaves_no_statement_open(void **state)
{
	(void)state;
	struct fixture *f = fixture_new(NULL);
	OWN(json) json_t *out = NULL, *shown = NULL, *list = NULL;
	assert_int_equal(fixture_command(f, "consent.opt-out", "{\"number\":\"0912345678\"}", &out, NULL), 0);
	assert_int_equal(fixture_query(f, "consent.show", "{\"number\":\"0912345678\"}", &shown, NULL), 0);
	assert_int_equal(fixture_query(f, "audit.list", "{}", &list, NULL), 0);
	assert_int_equal(store_checkpoint(f->db, true), 0);
	assert_int_equal(store_wal_bytes(f->db), 0);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate_log_stays_small_while_commands_run),
		cmocka_unit_test(gate_leaves_no_statement_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
