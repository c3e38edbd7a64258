#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The files for systemd and udev say what they should: verified, and the service exposed no more than 1.5 of 10.
set -eu
cd "$(dirname "$0")/.."
build=${CAUNOI_BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed "s|@sbindir@|$(realpath "$build")|; s|@sysconfdir@|/etc|g; s|@datadir@|/usr/share|g" systemd/caunoi.service >"$work/caunoi.service"
if grep -n '@[a-z]*dir@' "$work/caunoi.service"; then echo "units: a place was not filled in"; exit 1; fi
# a machine without the group would have a word to say about that alone
said=$(systemd-analyze verify "$work/caunoi.service" 2>&1 | grep -F caunoi.service || true)
[ -z "$said" ] || { printf '%s\n' "$said"; exit 1; }
systemd-analyze security --offline=true --threshold=15 --no-pager "$work/caunoi.service" >"$work/security" 2>&1 || {
	tail -n 3 "$work/security"
	exit 1
}
grep -F 'Overall exposure' "$work/security"

# drivers and the operator's power command are started by the core
if grep -nE '^(NoExecPaths|SystemCallFilter=~.*(@process|execve))' "$work/caunoi.service"; then echo "units: nothing could be started"; exit 1; fi
# what the book says to add for a hub that is switched
mkdir "$work/caunoi.service.d"
sed -n '/^# .*caunoi.service.d\/power.conf$/,/^```$/ { /^```$/d; p }' docs/modems.md >"$work/caunoi.service.d/power.conf"
grep -q '^DeviceAllow=char-usb_device' "$work/caunoi.service.d/power.conf"
said=$(systemd-analyze verify "$work/caunoi.service" 2>&1 | grep -F power.conf || true)
[ -z "$said" ] || { printf '%s\n' "$said"; exit 1; }

root=$work/root
mkdir -p "$root"/{etc,run,var/lib} "$root"/usr/lib/{sysusers.d,tmpfiles.d}
cp systemd/caunoi.sysusers "$root/usr/lib/sysusers.d/caunoi.conf"
cp systemd/caunoi.tmpfiles "$root/usr/lib/tmpfiles.d/caunoi.conf"
systemd-sysusers --root="$root" 2>"$work/said" || { cat "$work/said"; exit 1; }
grep -q '^caunoi:' "$root/etc/passwd" && grep -q '^dialout:.*caunoi' "$root/etc/group"
if [ "$(id -u)" = 0 ]; then # only root gives folders away
	systemd-tmpfiles --root="$root" --create 2>"$work/said" || { cat "$work/said"; exit 1; }
	[ "$(stat -c %a "$root/etc/caunoi/secrets")" = 700 ]
fi

# every rule line of udev: KEY OP "value", comma-separated
awk '!/^(#|$)/ && !/^([A-Z_]+({[A-Za-z_]+})?(==|!=|=|\+=|:=)"[^"]*"(, *|$))+$/ { print "60-caunoi.rules: " $0; bad = 1 } END { exit bad }' systemd/60-caunoi.rules
echo "units: as they should be"
