#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Who may include whom, and where a library's header may appear. Says each include that breaks the table and ends with 1.
cd "$(dirname "$0")/.." || exit 1

find gateway campaigns handlers console config -name '*.[ch]' -not -path 'console/pages/*' | sort | xargs awk '
BEGIN {
	base = "gateway/base/[^/]*"; config = "config/[^/]*"; store = "gateway/store/[^/]*"; gw = "gateway/[^/]*"
	n = 0
	# folder of the file, what it may include; the first row that fits decides
	row("^gateway/main\\.c$", ".*")
	row("^gateway/base/", base)
	row("^config/", base "|" config)
	row("^gateway/store/", base "|" store)
	row("^gateway/drivers/[^/]*$", base "|" config "|gateway/drivers/[^/]*")
	row("^gateway/drivers/gammu/", base "|" config "|gateway/drivers/(driver|confine)\\.h|gateway/drivers/gammu/.*")
	row("^gateway/drivers/http/", base "|" config "|gateway/drivers/(driver|confine)\\.h|gateway/drivers/http/.*")
	row("^gateway/drivers/loopback/", base "|" config "|gateway/drivers/(driver|confine)\\.h|gateway/drivers/loopback/.*")
	row("^gateway/[^/]*$", base "|" config "|" store "|" gw "|gateway/drivers/driver\\.h")
	row("^campaigns/", base "|" config "|" store "|" gw "|campaigns/.*")
	row("^handlers/", base "|" config "|" store "|" gw "|handlers/.*")
	row("^console/(query|report)/", base "|" config "|" store "|" gw "|campaigns/.*|handlers/.*|console/(query|report)/.*")
	row("^console/web/", base "|" config "|gateway/(verb|registry|shape)\\.h|console/web/.*")
	row("^console/terminal/", base "|" config "|gateway/(verb|registry)\\.h|console/terminal/.*")
	row("^console/registry_print/", ".*")

	home["sqlite3.h"] = "^gateway/store/(sqlite\\.h|store_sqlite(_[a-z]+)?\\.c)$"
	home["libpq-fe.h"] = "^gateway/store/(pgsql\\.h|store_pgsql(_[a-z]+)?\\.c)$"
	home["gammu.h"] = "^gateway/drivers/gammu/"
	home["curl/curl.h"] = "^gateway/drivers/http/"
	home["microhttpd.h"] = "^console/web/"
	home["libconfig.h"] = "^config/(config|settings|scan|source)\\.[ch]$"
	home["csv.h"] = "^gateway/base/csv\\.c$"
	home["expat.h"] = "^(config/elements|campaigns/markup)\\.c$"
	home["zip.h"] = "^campaigns/archive\\.c$"
	home["zlib.h"] = "^console/web/packed\\.c$"
	home["seccomp.h"] = "^(gateway/drivers/driver|gateway/drivers/confine|gateway/base/[a-z]+|console/web/[a-z]+)\\.c$"
	home["liboath/oath.h"] = home["qrencode.h"] = "^gateway/totp\\.c$"
	home["xlsxwriter.h"] = "^console/report/workbook\\.c$"
	home["utf8proc.h"] = "^(gateway/base/[a-z0-9]+|console/terminal/table)\\.c$"
}
function row(who, what) { n++; from[n] = who; may[n] = "^(" what ")$" }
function breaks(text) { printf "%s:%d: %s\n", FILENAME, FNR, text; bad = 1 }
function own(name,   i) {
	for (i = 1; i <= n; i++)
		if (FILENAME ~ from[i]) {
			if (name !~ may[i])
				breaks("may not include \"" name "\"")
			return
		}
	breaks("stands in a folder that the table of layers does not know")
}
/^[ \t]*#[ \t]*include[ \t]*"/ { split($0, part, "\""); own(part[2]); files++ }
/^[ \t]*#[ \t]*include[ \t]*</ {
	name = $0; sub(/^[^<]*</, "", name); sub(/>.*/, "", name)
	if (name in home && FILENAME !~ home[name])
		breaks("<" name "> has its place in " home[name])
}
END {
	if (!bad)
		printf "layers: %d includes, all as the table says\n", files
	exit bad
}'
