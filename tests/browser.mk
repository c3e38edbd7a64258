# SPDX-License-Identifier: GPL-3.0-or-later
# The console in Debian's Chromium: `make test-browser` [SHOTS=folder]; `make check` runs it once, not again under ASan.
BROWSER_CHECK = tests/browser/run.sh
ifeq ($(SAN),)
tests: $(B)/pages.stamp
endif
.PHONY: test-browser
test-browser: deps-test
	@$(MAKE) --no-print-directory programs $(B)/pages.stamp
	@CAUNOI_BUILD=$(B) CAUNOI_SHOTS=$(SHOTS) tests/browser/run.sh
