# SPDX-License-Identifier: GPL-3.0-or-later
# What `make check` samples, in full: a real PostgreSQL server cut off, killed, frozen and filled under a working gateway. CAUNOI_SEED as the
# tests' files say.
FLAGS_tests_support_pgserver := $(shell pkg-config --cflags libpq 2>/dev/null)
PG_FAULTS = $(patsubst %.c,$(B)/tests/%,$(notdir $(wildcard tests/faults/test_pg_*.c)))
.PHONY: pg-faults
pg-faults: deps-test
	@$(MAKE) --no-print-directory programs $(PG_FAULTS)
	@CAUNOI_PG_KILLS=200 CAUNOI_PG_RESTARTS=20 CAUNOI_PG_AWAY=20 $(RUN) -b $(B) -t 1800 $(PG_FAULTS)
