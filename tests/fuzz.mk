# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzzers: tests/fuzz/fuzz_NAME.c with corpus/NAME and NAME.dict, on everything that has no main(), built by clang in a folder of
# its own with libFuzzer, ASan and UBSan. `make fuzz` runs each FUZZ_SECONDS, `make fuzz-long MINUTES=n` each n minutes.
FUZZ_B ?= build-fuzz
FUZZ_SECONDS ?= 20
MINUTES ?= 10
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
DEPS_FUZZ = clang libclang-rt-dev
FUZZ_CHECK = tests/fuzz/run.sh
FUZZ_MAKE = $(MAKE) --no-print-directory B=$(FUZZ_B) CC=clang SAN=address,undefined,fuzzer-no-link WARN=-w CFLAGS='-O1 -g'

.PHONY: fuzz fuzz-long fuzzers fuzz-programs
fuzzers: deps-test
	@$(FUZZ_MAKE) fuzz-programs
fuzz-programs: $(addprefix $(B)/fuzz/,$(FUZZERS))
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(B)/libcaunoi.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $< $(B)/libcaunoi.a -lcmocka $(ALL_LIBS)
.PRECIOUS: $(B)/tests/fuzz/%.o

fuzz: fuzzers
	@CAUNOI_FUZZ=$(FUZZ_B) FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run.sh $(F)
fuzz-long: fuzzers
	@CAUNOI_FUZZ=$(FUZZ_B) FUZZ_SECONDS=$$(( $(MINUTES) * 60 )) tests/fuzz/run.sh $(F)
