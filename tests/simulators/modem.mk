# SPDX-License-Identifier: GPL-3.0-or-later
# The AT modem simulator: program sim-modem, its codec's unit test and the flow test with Debian's gammu.
SIMULATOR_NAMES += sim-modem
SIMULATORS += $(B)/sim-modem
sim-modem_SRC = $(wildcard tests/simulators/modem/*.c) $(BASE)
sim-modem_LIBS = $(BASE_LIBS)

# The unit test links the codec itself, which the library of the product does not hold.
SIM_MODEM_CODEC = $(patsubst %,$(B)/tests/simulators/modem/%.o,alphabet part tpdu)
$(B)/tests/test_sim_pdu: $(B)/tests/test_sim_pdu.o $(SIM_MODEM_CODEC) $(patsubst %.c,$(B)/%.o,$(BASE))
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(BASE_LIBS)

# Tests that run sim-modem itself: they link nothing of the product but its base.
SIM_MODEM_TESTS = $(B)/tests/test_sim_modem $(B)/tests/test_gammu_client $(B)/tests/test_smstools_client
FLOW_TESTS += $(SIM_MODEM_TESTS)
$(SIM_MODEM_TESTS): $(B)/tests/%: $(B)/tests/flow/%.o $(B)/tests/support/simmodem.o $(patsubst %.c,$(B)/%.o,$(BASE)) | $(B)/sim-modem
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) -lcmocka $(BASE_LIBS)
