# SPDX-License-Identifier: GPL-3.0-or-later
# The AT modem simulator: program sim-modem, its codec's unit test and the flow test with Debian's gammu.
SIMULATOR_NAMES += sim-modem
SIMULATORS += $(B)/sim-modem
sim-modem_SRC = $(wildcard tests/simulators/modem/*.c) $(BASE)
sim-modem_LIBS = $(BASE_LIBS)
