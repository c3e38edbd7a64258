#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh [NAME…]: every fuzzer of $CAUNOI_FUZZ (build-fuzz) for FUZZ_SECONDS (10), two at a time, from its small corpus and its
# dictionary. What they find beyond the corpus is kept in $CAUNOI_FUZZ/found and read again. A fuzzer that ends badly is a
# failure, and its input lies in $CAUNOI_FUZZ/crashes.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${CAUNOI_FUZZ:-build-fuzz}
seconds=${FUZZ_SECONDS:-10}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
names=("$@")
[ $# -gt 0 ] || for f in tests/fuzz/fuzz_*.c; do f=${f##*/fuzz_}; names+=("${f%.c}"); done

one() {
	local found=$build/found/$1 crashes=$build/crashes out=$work/$1
	mkdir -p "$found" "$crashes"
	if nice -n 19 "$build/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1500 -max_len=4096 -print_final_stats=1 -verbosity=1 \
		-dict="tests/fuzz/$1.dict" -artifact_prefix="$crashes/$1-" "$found" "tests/fuzz/corpus/$1" >"$out" 2>&1 </dev/null; then
		printf '  fuzz %-10s %10s inputs in %s s, %s found\n' "$1" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$out")" "$seconds" "$(find "$found" -type f | wc -l)"
		touch "$work/$1.passed"
	else
		printf '  fuzz %-10s FAILED\n' "$1"
		tail -n 40 "$out" | sed 's/^/    | /'
	fi
}

echo "[==========] ${#names[@]} fuzzers"
running=0
for name in "${names[@]}"; do
	if [ $running -ge 2 ]; then
		wait -n
		running=$((running - 1))
	fi
	one "$name" &
	running=$((running + 1))
done
wait
passed=$(find "$work" -name '*.passed' | wc -l)
echo "[  PASSED  ] $passed tests."
[ "$passed" = ${#names[@]} ] || { echo "[  FAILED  ] $((${#names[@]} - passed)) tests."; exit 1; }
