# SPDX-License-Identifier: GPL-3.0-or-later
# What `make check` samples, in full: every crash point of the script, and hundreds of power cuts. Two programs at a time, out of
# everybody's way. CAUNOI_SEED repeats what a run drew.
CUTS ?= 200
CRASH_POINTS = init_* core_killed_* core_with_* http_* loopback_* query_* modem_*
.PHONY: crash-points power-cuts
crash-points: deps-test
	@$(MAKE) --no-print-directory programs $(B)/tests/test_crash_points
	@export CAUNOI_BUILD=$(B) CAUNOI_POINTS=all; set -o noglob; \
		printf '%s\n' $(CRASH_POINTS) | nice -n 19 xargs -P 2 -I ROW $(B)/tests/test_crash_points ROW
power-cuts: deps-test
	@$(MAKE) --no-print-directory programs $(B)/tests/test_power_cut
	@CAUNOI_BUILD=$(B) CAUNOI_CUTS=$(CUTS) nice -n 19 $(B)/tests/test_power_cut

# The test of the ledger: a disk that fails under its calls.
LIBS_test_ledger = -Wl,--wrap=fdatasync -Wl,--wrap=write
