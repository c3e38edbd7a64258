#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An installation in a bare folder is whole: programs, data files, units; and its programs find one another and their data.
set -eu
cd "$(dirname "$0")/.."
build=${CAUNOI_BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make --no-print-directory -s B="$build" DESTDIR="$work" prefix=/usr/local install >/dev/null
for file in bin/caunoi sbin/caunoid libexec/caunoi/caunoi-{query,web,gammu,http,loopback} lib/systemd/system/caunoi.service \
	lib/sysusers.d/caunoi.conf lib/tmpfiles.d/caunoi.conf lib/udev/rules.d/60-caunoi.rules share/doc/caunoi/COPYING; do
	[ -s "$work/usr/local/$file" ] || { echo "installed: usr/local/$file is missing"; exit 1; }
done
for file in config/{providers,keywords,topics,menus,contexts,units,holidays,numbers,reports,signups}/*.conf config/topics/weights.tsv; do
	[ -e "$file" ] || continue
	[ -s "$work/usr/local/share/caunoi/${file#config/}" ] || { echo "installed: ${file#config/} is missing"; exit 1; }
done
if grep -q '@[a-z]*dir@' "$work/usr/local/lib/systemd/system/caunoi.service"; then echo "installed: the unit holds a place not filled in"; exit 1; fi

# a second installation leaves a configuration that somebody changed
echo "# mine" >>"$work/etc/caunoi/caunoi.conf"
make --no-print-directory -s B="$build" DESTDIR="$work" prefix=/usr/local install >/dev/null
tail -n 1 "$work/etc/caunoi/caunoi.conf" | grep -q mine
"$work/usr/local/bin/caunoi" version | grep -q '^caunoi '
mkdir "$work/try"
cat >"$work/try/caunoi.conf" <<CONF
data_dir = "data";
control = "core.sock";
organisation = { name = "MTTQ"; unit = "02269"; reply_number = "+84912345678"; };
channels = ( { name = "may-ao"; driver = "loopback"; } );
CONF
"$work/usr/local/bin/caunoi" init --config "$work/try/caunoi.conf" --json | grep -q '"changed":true'
make --no-print-directory -s B="$build" DESTDIR="$work" prefix=/usr/local uninstall >/dev/null
[ ! -e "$work/usr/local/bin/caunoi" ] && [ -e "$work/etc/caunoi/caunoi.conf" ]
echo "installed: whole"
