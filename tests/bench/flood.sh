#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A driver that brings many messages at once: flood.sh FOLDER N waits until FOLDER/go is there, says N messages of as many people, and writes
# what it is told into FOLDER/heard.
folder=$1 n=$2
read -r _
echo '{"op":"ready","credit":512,"whole":true,"idempotent":true,"receipts":false,"inbound":true,"ussd":false}'
cat <&0 >"$folder/heard" & # a job in the background reads nothing by itself
until [ -e "$folder/go" ]; do sleep 0.02; done
texts=("1" "Cam on can bo" "Duong thon 5 hong qua, xe khong di duoc" "BHYT het han thi lam the nao" "TC")
for ((i = 0; i < n; i++)); do
	printf '{"op":"inbound","id":"flood-%d","from":"+84%d","text":"%s"}\n' "$i" $((900000000 + i)) "${texts[i % 5]}"
done >"$folder/said"
cat "$folder/said"
wait
