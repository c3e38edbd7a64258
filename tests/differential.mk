# SPDX-License-Identifier: GPL-3.0-or-later
# What the differential tests link besides everything: the libraries they compare with. libphonenumber is C++ and comes
# through a shim of its own, which is in no program and not in libcaunoi.a.
LIBS_test_gsm7_oracle = -losmogsm -losmocore
LIBS_test_phone_oracle = $(B)/tests/support/phone_oracle.o -lphonenumber -lstdc++
$(B)/tests/test_gsm7_oracle.o: EXTRA_CFLAGS += $(shell pkg-config --cflags gammu 2>/dev/null)

CXX = g++
$(B)/tests/support/phone_oracle.o: tests/support/phone_oracle.cc tests/support/phone_oracle.h
	@mkdir -p $(@D)
	$(Q)$(CXX) -std=c++17 -I. -Wall -Wextra -O1 -g $(if $(SAN),-fsanitize=$(SAN)) -fPIE -c -o $@ $<
$(B)/tests/test_phone_oracle: $(B)/tests/support/phone_oracle.o

# node comes with npm from some sources: the packages are asked for only where the command is missing
DEPS_NODE := $(if $(shell command -v npm),,nodejs npm)
# npm's calculator of segments and Twilio's library, as the lockfile says. A machine without a registry builds without it, and the test says so.
$(B)/npm/installed: tests/differential/npm/package-lock.json
	@mkdir -p $(@D)
	@cp tests/differential/npm/package.json tests/differential/npm/package-lock.json $(@D)/
	@if command -v npm >/dev/null && cd $(@D) && npm ci --silent --no-audit --no-fund --ignore-scripts; then touch installed; \
		else echo "  npm: the calculator of segments and Twilio's library could not be installed"; fi
$(B)/tests/test_segments_oracle $(B)/tests/test_twilio_oracle: | $(B)/npm/installed
