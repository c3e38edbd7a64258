#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs test programs and counts. run.sh [-b BUILD] [-e sqlite|postgresql] [-j N] [-t SECONDS] TEST… ; an option holds for what follows it. A cmocka
# program counts each of its tests, any other program counts as one. A crash or a time-out is a failure. The last line
# is "N passed, N failed".
set -u
jobs=1 limit=300 running=0 n=0 engine=""
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

one() { # number, program
	local out=$work/$1 passed failed status start=$SECONDS
	timeout -k 5 "$limit" "$2" >"$out.out" 2>&1 </dev/null
	status=$?
	passed=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$out.out" | awk '{ n += $1 } END { print n + 0 }')
	failed=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$out.out" | awk '{ n += $1 } END { print n + 0 }')
	if ! grep -q '^\[==========\]' "$out.out"; then
		passed=$((status == 0)) failed=$((status != 0))
	elif [ $status != 0 ] && [ "$failed" = 0 ]; then
		failed=1
	fi
	echo "$passed $failed" >"$out.count"
	if [ $status = 0 ]; then
		printf '  %-44s %4d passed in %3d s%s\n' "${2#./}" "$passed" $((SECONDS - start)) "$engine"
	else
		printf '  %-44s %4d passed, %d FAILED%s (%s)\n' "${2#./}" "$passed" "$failed" "$engine" "$([ $status = 124 ] && echo "no end after $limit s" || echo "status $status")"
		grep -v '^\[\( RUN      \|       OK \)\]' "$out.out" | tail -n 60 | sed 's/^/    | /'
	fi
}

drain() {
	while [ $running -gt 0 ]; do
		wait -n
		running=$((running - 1))
	done
}

while [ $# -gt 0 ]; do
	case $1 in
	-b) drain; CAUNOI_BUILD=$(realpath -m "$2"); export CAUNOI_BUILD; shift 2; continue ;;
	-e) drain; engine=""; unset CAUNOI_TEST_STORE
		if [ "$2" = postgresql ]; then export CAUNOI_TEST_STORE=$CAUNOI_TEST_SERVER; engine=" on PostgreSQL"; fi
		shift 2; continue ;;
	-j) drain; jobs=$2; shift 2; continue ;;
	-t) drain; limit=$2; shift 2; continue ;;
	esac
	if [ $running -ge "$jobs" ]; then
		wait -n
		running=$((running - 1))
	fi
	n=$((n + 1))
	one $n "$1" &
	running=$((running + 1))
	shift
done
drain

cat "$work"/*.count 2>/dev/null | awk -v n=$n '{ p += $1; f += $2; seen++ } END { f += n - seen; printf "%d passed, %d failed\n", p, f; exit f > 0 || p == 0 }'
