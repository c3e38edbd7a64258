# SPDX-License-Identifier: GPL-3.0-or-later
# Eight simulated modems with a fault every few seconds: make soak-modems MINUTES=60 SEED=1
SOAK_MODEMS = $(B)/soak/soak-modems
$(SOAK_MODEMS): $(B)/tests/soak/modems.o $(B)/libcaunoi.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(ALL_LIBS)
.PHONY: soak-modems
soak-modems: deps-test
	@$(MAKE) --no-print-directory $(B)/caunoi-gammu $(B)/sim-modem $(SOAK_MODEMS)
	@$(SOAK_MODEMS) $(if $(MINUTES),$(MINUTES),60) $(if $(SEED),$(SEED),1)
# Every manner of a strange modem with every ending, the slow ones too
.PHONY: strangers
strangers: deps-test
	@$(MAKE) --no-print-directory $(B)/caunoi-gammu $(B)/tests/test_strangers
	@$(B)/tests/test_strangers all
