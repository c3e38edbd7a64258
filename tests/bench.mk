# SPDX-License-Identifier: GPL-3.0-or-later
# The measuring program, the library that makes a disk slow, and what is understood of every message of the tables.
BENCH_OBJ = $(patsubst %.c,$(B)/%.o,$(filter-out tests/bench/slowdisk.c tests/bench/verdicts.c,$(wildcard tests/bench/*.c)))
.PHONY: bench-program
bench-program: $(B)/bench/caunoi-bench $(B)/bench/slowdisk.so
$(B)/bench/caunoi-bench: $(BENCH_OBJ) $(B)/libcaunoi.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(BENCH_OBJ) $(B)/libcaunoi.a -lcmocka $(ALL_LIBS)
$(B)/bench/slowdisk.so: tests/bench/slowdisk.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $<

.PHONY: verdicts
verdicts: $(B)/bench/verdicts
	$(Q)$(B)/bench/verdicts > $(B)/verdicts.txt
	@sha256sum $(B)/verdicts.txt
$(B)/bench/verdicts: $(B)/tests/bench/verdicts.o $(B)/libcaunoi.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)
