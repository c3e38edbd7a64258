#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs the Debian packages named, only those that are missing, with no service of theirs started. Quick when all is there.
set -euo pipefail

command -v dpkg-query >/dev/null || { echo "packages: no dpkg here; install by hand: $*" >&2; exit 0; }

missing=()
# dpkg-query fails when it does not know one of them: that is the answer, not a failure
known=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
present=" $(awk '$1 == "installed" { printf "%s ", $2 }' <<<"$known") "
for name in "$@"; do
	[[ $present == *" $name "* ]] || missing+=("$name")
done
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || { echo "packages: missing and no sudo: apt-get install ${missing[*]}" >&2; exit 1; }
	root=(sudo)
fi
echo "  installing: ${missing[*]}"

# a package may bring a service; nothing is started while this file says 101
policy=/usr/sbin/policy-rc.d
made=0
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee $policy >/dev/null
	"${root[@]}" chmod 755 $policy
	made=1
fi
tidy() { [ $made = 0 ] || "${root[@]}" rm -f $policy; }
trap tidy EXIT

install() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"; }
install >/dev/null 2>&1 || { "${root[@]}" apt-get update -q && install; } >&2
