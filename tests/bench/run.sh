#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What `make bench` runs: builds the measuring program beside the build and starts it, with a PostgreSQL server that keeps what it
# commits where one is installed. BENCH holds its options: make bench BENCH="--quick --only keepalive".
cd "$(dirname "$0")/../.." || exit 1
build=${CAUNOI_BUILD:-build}
make --no-print-directory B="$build" bench-program || exit 1
under=""
! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || under="tests/engine.sh -d"
# shellcheck disable=SC2086
CAUNOI_BUILD=$build exec $under "$build/bench/caunoi-bench" $BENCH
