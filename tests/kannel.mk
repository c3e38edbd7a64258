# SPDX-License-Identifier: GPL-3.0-or-later
# A real Kannel before the gateway: tests/flow/test_kannel.c sends a few hundred through it, `make kannel` 5,000.
DEPS_KANNEL = kannel
.PHONY: kannel
kannel: deps-test
	@$(MAKE) --no-print-directory programs $(B)/tests/test_kannel
	@KANNEL_PEOPLE=$(or $(PEOPLE),5000) CAUNOI_BUILD=$(B) $(B)/tests/test_kannel
