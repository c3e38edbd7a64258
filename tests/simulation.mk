# SPDX-License-Identifier: GPL-3.0-or-later
# The deterministic simulator: the real core on a simulated disk, clock and world. Compiled apart from the product, whose programs hold
# neither the mutants nor the wrapped calls.
SEED ?= 1
STEPS ?= 20000
MUTANT ?= 0
MINUTES ?= 1
RULES ?= sqlite
PLAIN_CALLS = open close read pread write pwrite lseek ftruncate fsync fdatasync fstat stat lstat access chmod rename renameat2 unlink mkdir rmdir flock fdopen
wrap_calls = $(patsubst %,-Wl$(comma)--wrap=%,$(PLAIN_CALLS))
comma = ,

SIM_B = $(B)/sim
SIMULATOR_NAMES += simulate
simulate_SRC = $(filter-out tests/simulation/test_%,$(call src,tests/simulation)) $(filter-out gateway/store/store_pgsql%,$(CORE))
simulate_LIBS = $(wrap_calls) $(STORE_LIBS) -lsystemd $(BASE_LIBS)

.PHONY: simulator simulate simulate-mutants simulate-many simulate-self-test
simulator:
	@$(MAKE) --no-print-directory B=$(SIM_B) EXTRA_CFLAGS='-DCAUNOI_MUTANTS -U_FORTIFY_SOURCE' $(SIM_B)/simulate
simulate: simulator
	@$(SIM_B)/simulate --seed $(SEED) --steps $(STEPS) --mutant $(MUTANT) --rules $(RULES)
simulate-mutants: simulator
	@$(SIM_B)/simulate --mutants
simulate-many: simulator
	@$(SIM_B)/simulate --minutes $(MINUTES) --failed $(SIM_B)/failed-seeds.txt
simulate-self-test: simulator
	@$(SIM_B)/simulate --self-test

# The tests of the disk and of the spool on it: its objects instead of the C library's calls.
SIM_DISK = $(patsubst %,$(B)/tests/simulation/%.o,inode directory disk lockbox vfs plain)
SIM_DISK_STORE = $(B)/gen/schema_gen.o $(patsubst %.c,$(B)/%.o,$(call src,gateway/store) $(BASE))
$(B)/tests/test_sim_disk.o $(B)/tests/test_sim_spool.o: EXTRA_CFLAGS += -U_FORTIFY_SOURCE
$(B)/tests/test_sim_spool: $(B)/gateway/spool.o
$(B)/tests/test_sim_disk $(B)/tests/test_sim_spool: $(B)/tests/test_sim_%: $(B)/tests/test_sim_%.o $(SIM_DISK) $(SIM_DISK_STORE)
	$(Q)$(CC) $(ALL_LDFLAGS) $(wrap_calls) -o $@ $^ -lcmocka $(STORE_LIBS) $(BASE_LIBS)

# The simulator's own test runs it as a program.
$(B)/tests/test_simulation: | simulator
