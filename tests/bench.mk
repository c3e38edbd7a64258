# SPDX-License-Identifier: GPL-3.0-or-later
# The measuring program and the library that makes a disk slow.
BENCH_OBJ = $(patsubst %.c,$(B)/%.o,$(filter-out tests/bench/slowdisk.c,$(wildcard tests/bench/*.c)))
.PHONY: bench-program
bench-program: $(B)/bench/caunoi-bench $(B)/bench/slowdisk.so
$(B)/bench/caunoi-bench: $(BENCH_OBJ) $(B)/libcaunoi.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(BENCH_OBJ) $(B)/libcaunoi.a -lcmocka $(ALL_LIBS)
$(B)/bench/slowdisk.so: tests/bench/slowdisk.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $<
