#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What `make bench` runs: builds the measuring program beside the build and starts it. BENCH holds its options:
# make bench BENCH="--quick --only keepalive".
cd "$(dirname "$0")/../.." || exit 1
build=${CAUNOI_BUILD:-build}
make --no-print-directory B="$build" bench-program || exit 1
# shellcheck disable=SC2086
CAUNOI_BUILD=$build exec "$build/bench/caunoi-bench" $BENCH
