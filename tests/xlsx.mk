# SPDX-License-Identifier: GPL-3.0-or-later
# Spreadsheets as LibreOffice reads them: `make xlsx-oracle`. Outside `make check`, because the office is some 100 packages.
.PHONY: xlsx-oracle
xlsx-oracle: deps
	@tests/by_hand/packages.sh libreoffice-calc-nogui
	@$(MAKE) --no-print-directory programs
	@node tests/by_hand/xlsx.mjs $(B)
