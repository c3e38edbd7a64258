#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The printed pages of docs/ say what the tables say. `make docs` prints them anew.
cd "$(dirname "$0")/.." || exit 1
build=${CAUNOI_BUILD:-build}
old=0
for page in verbs roles states settings; do
	"$build/registry-print" --$page | diff -u "docs/$page.md" - || old=1
done
[ $old = 0 ] || echo "printed: a page is old; run: make docs"
exit $old
