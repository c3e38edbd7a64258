#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What `make run` does: a gateway with a simulated network and a simulated modem, a list of six villagers, one campaign and what
# they answer. Nothing leaves this machine. Everything printed is read back from the gateway. Runs until Ctrl-C; run again, it
# goes on with the data that are there.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "${CAUNOI_BUILD:-build}")
config=${1:-config/demo.conf}
data=$(dirname "$config")/demo-data
export CAUNOI_CONFIG=$config
core='' modem='' ended=0

caunoi() { "$build/caunoi" "$@"; }
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { # prints the command as one would type it, then its answer
	printf '$ caunoi'
	for word; do
		case $word in
		*[!A-Za-z0-9./:=@_+-]*) printf ' "%s"' "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '\n'
	caunoi "$@" 2>&1 | sed 's/^/    /'
}
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }
fail() { echo "run: $*" >&2; exit 1; }

finish() {
	[ $ended = 0 ] || return
	ended=1
	[ -z "$core" ] || kill -TERM "$core" 2>/dev/null
	[ -z "$core" ] || wait "$core" 2>/dev/null
	[ -z "$modem" ] || kill "$modem" 2>/dev/null
	rm -f "$data/modem-ao"
}
trap finish EXIT
trap 'exit 0' INT TERM

# ---- start -------------------------------------------------------------------------------------------------
if caunoi status >/dev/null 2>&1; then
	fail "the demonstration is running already; look at it with: CAUNOI_CONFIG=$config $build/caunoi status"
fi
say "Data folder $data"
caunoi init || fail "the data folder cannot be made"

"$build/sim-modem" --link "$data/modem-ao" --control "$data/modem.sock" 2>"$data/modem.log" &
modem=$!
"$build/caunoid" --config "$config" 2>"$data/core.log" &
core=$!
for _ in $(seq 100); do
	kill -0 "$core" 2>/dev/null || { tail -n 5 "$data/core.log" >&2; fail "the core ended"; }
	caunoi status >/dev/null 2>&1 && break
	sleep 0.1
done
for _ in $(seq 100); do # channels take a moment to say that they are up
	caunoi channel list --json | grep -q '"starting"' || break
	sleep 0.1
done

# ---- a list, a campaign, answers (once) --------------------------------------------------------------------
people=(
	"0912000101,Nguyễn Văn An,Thôn 5" "0903000102,Giàng A Páo,Nà Lang" "0944000103,Lê Thị Bình,Thôn 5"
	"0935000104,Sùng Thị Mỷ,Nà Lang" "0916000105,Trần Văn Cường,Thôn 5" "0987000106,Hoàng Thị Dung,Thôn 3"
)
text='The BHYT cua gia dinh het han 30/11. Gia han tai Diem thu xa. Tra loi: 1=da gia han 2=can giup 3=khong tham gia. Tu choi nhan tin: TC'

wait_done() { # campaign: done, and every receipt there
	local shape=''
	for _ in $(seq 150); do
		shape=$(caunoi campaign show "$1" --json)
		[[ $shape == *'"state":"done"'* && $shape == *'"sent":0,'* ]] && return
		sleep 0.2
	done
	echo "    (it is not over yet)"
}

speak() { # number, words: says them and waits until the gateway has handled them
	show loopback say --from "$1" --text "$2"
	spoken=$((spoken + 1))
	for _ in $(seq 50); do
		[ "$(caunoi inbox list --jsonl | grep -vc '"handled_by":null')" -ge $spoken ] && break
		sleep 0.1
	done
}

first_time() {
	local id
	say "A list of six villagers"
	{ echo "số điện thoại,họ tên,thôn"; printf '%s\n' "${people[@]}"; } >"$data/people.csv"
	show contact import "$data/people.csv" --group thon-demo --basis "Nghị định 91/2020, thông tin chính sách" --key demo-import
	show contact list

	say "A campaign: written, previewed, submitted, approved, started"
	id=$(caunoi campaign new --name "Gia hạn BHYT" --text "$text" --group thon-demo --topic BHYT --survey config/menus/gia-han-bhyt.conf --key demo-campaign --json | field id)
	[ -n "$id" ] || fail "the campaign was not made"
	show campaign preview "$id"
	for step in submit approve start; do
		caunoi campaign $step "$id" --json >/dev/null || fail "campaign $step $id"
	done
	wait_done "$id"
	show campaign show "$id"
	show message list --campaign "$id"

	say "One message by the simulated modem"
	show message send --to 0987000106 --text "Chieu mai can bo BHYT xa se goi ba Dung." --channel modem-ao --key demo-modem
	id=$(caunoi message send --to 0987000106 --text "Chieu mai can bo BHYT xa se goi ba Dung." --channel modem-ao --key demo-modem --json | field id)
	for _ in $(seq 150); do
		case $(caunoi message show "$id" --json | field state) in
		delivered | failed | unclear) break ;;
		esac
		sleep 0.1
	done
	show message show "$id"

	say "The villagers answer: one complains, one refuses, one mistypes, one is done"
	spoken=0
	speak 0912000101 "PA đường thôn 5 hỏng cả tháng nay xe không đi được"
	speak 0903000102 "tu choi"
	speak 0944000103 "bhty sap het han lam sao"
	speak 0935000104 "1 roi nhe"
}

# ---- the console: a user of each kind, each let in by a link that works once -----------------------------------
users=("admin:administrator" "lan:outreach" "minh:approver" "hoa:reviewer" "thu:secretary")
address=$(sed -n 's/^web.*public_url = "\([^"]*\)".*/\1/p' "$config")

links() {
	local user name token
	for user in "${users[@]}"; do
		name=${user%%:*}
		caunoi user list --json | grep -q "\"name\":\"$name\"" || caunoi user add "$name" --role "${user#*:}" </dev/null >/dev/null || fail "user $name"
		token=$(caunoi token add --user "$name" --scopes login --json | field token)
		[ -n "$token" ] || fail "no login for $name"
		printf '    %-14s %s/#/login?token=%s\n' "${user#*:}" "$address" "$token"
	done
}

if [ "$(caunoi campaign list --json)" = "[]" ]; then
	first_time
	sleep 1
fi

# ---- what came of it ---------------------------------------------------------------------------------------
say "What they wrote, and how it was understood"
show inbox list
say "The case that was opened"
show case list
say "What their phones received"
for number in 0912000101 0903000102 0944000103; do
	show loopback heard $number
done
say "Who refused"
show consent show 0903000102
show status

say "It runs. Look further, in another terminal:"
cat <<TEXT
    export CAUNOI_CONFIG=$(realpath "$config") PATH=$build:\$PATH
    caunoi help                                   every command
    caunoi loopback say --from 0916000105 --text "can giup"
    caunoi ussd try --from 0916000105             the menu as that telephone shows it: 3, 4, some words
    caunoi case list                              then: caunoi case reply ID --text "…"
    caunoi message list --state sent
    caunoi survey results 1                       what the campaign's question found
    caunoi report monthly --from 2026-01-01 --to 2026-12-31 --format html
Log: $data/core.log    Ctrl-C stops everything; "make run" goes on with the same data; removing $data begins anew.
TEXT
say "The console, $address/ -- each of these links logs in once:"
links
wait "$core"
code=$?
core=''
tail -n 3 "$data/core.log" >&2
exit $code
