#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Words for every code, what the oldest browser has, the first look on a slow line, then the browser's stories against the programs of $CAUNOI_BUILD; pictures of all pages into $CAUNOI_SHOTS. Says why when a machine has no
# node, no pages or no browser: there is nothing to try then.
set -u
build=$(realpath "${CAUNOI_BUILD:-build}")
for needed in "$build/pages/index.vi.html" "$build/pages-work/node_modules/playwright-core/package.json" /usr/bin/chromium; do
	[ -e "$needed" ] || { echo "browser: nothing tried, $needed is missing"; exit 0; }
done
node tests/browser/words.mjs "$build" || exit 1
node tests/browser/oldest.mjs "$build" || exit 1
node tests/browser/slow.mjs "$build" || exit 1
exec node tests/browser/story.mjs "$build" ${CAUNOI_SHOTS:+"$CAUNOI_SHOTS"}
