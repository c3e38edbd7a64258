# SPDX-License-Identifier: GPL-3.0-or-later
# Which tests run on which engine. `make check ENGINE=sqlite|postgresql|both`; a test runs on PostgreSQL as well when it has a database
# at all and is not about what SQLite alone has. Single tests of that kind inside a program say so themselves (SQLITE_ONLY).
ENGINE ?= both

# about the file beside us
SQLITE_ONLY  = test_backup         # copies of the file, put back
SQLITE_ONLY += test_sim_disk       # the simulated disk under SQLite
SQLITE_ONLY += test_sim_spool      # the same
SQLITE_ONLY += test_wal            # the log beside the file
SQLITE_ONLY += test_store_faults   # a file that is locked, full, damaged, foreign
SQLITE_ONLY += test_crash_points   # killed at the n-th write to the file
SQLITE_ONLY += test_power_cut      # the disk under the file
SQLITE_ONLY += test_disk_faults    # reads and writes of the file that fail
SQLITE_ONLY += test_simulation     # has its own model of a server

# those that work on rows
WITH_STORE := $(notdir $(basename $(shell grep -lE 'tests/support/(fixture|sim_driver|tick_fixture|village)\.h' $(wildcard tests/unit/*.c))))
POSTGRESQL_TESTS = $(patsubst %,$(B)/tests/%,$(filter-out $(SQLITE_ONLY),$(WITH_STORE)))
# whole programs; the others of this kind hold no database, or start a server of their own
POSTGRESQL_FLOWS = $(patsubst %,$(B)/tests/%,test_migrate test_whole_path test_contract test_cli_core test_channel_faults test_kill test_ussd)

ifeq ($(ENGINE),sqlite)
with_engine =
on_postgresql =
else
with_engine = tests/engine.sh
on_postgresql = -e postgresql -b $(B) $(POSTGRESQL_FLOWS) $(POSTGRESQL_TESTS) \
	-b build-asan $(call asan_names,$(B)/tests/test_store $(B)/tests/test_store_pgsql $(B)/tests/test_tick)
endif
# programs of others, waited for: nothing of ours is in them that other tests do not reach
ASAN_FLOWS = $(filter-out $(B)/tests/test_gammu_client $(B)/tests/test_smstools_client,$(FLOW_TESTS))
on_sqlite = -e sqlite -b $(B) $(FLOW_TESTS) $(TESTS) $(CHECKS) -b build-asan $(call asan_names,$(ASAN_FLOWS) $(TESTS))
ifeq ($(ENGINE),postgresql)
on_sqlite =
endif
