#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a command with a throw-away PostgreSQL server beside it: engine.sh [-d] COMMAND… ; -d keeps what it commits (fsync), for tests
# that cut it off. $CAUNOI_TEST_SERVER is the address of a database there whose owner is no superuser; $CAUNOI_TEST_SERVER_ADMIN the
# superuser's, $CAUNOI_TEST_SERVER_DIR its folder. The server ends with the command, and nothing of it is left.
set -euo pipefail

durable=off
[ "${1:-}" != -d ] || { durable=on; shift; }
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "engine: PostgreSQL is not installed: make deps-test" >&2; exit 1; }

as=()
if [ "$(id -u)" = 0 ]; then # the server refuses to run as root
	as=(runuser -u postgres --)
	command -v runuser >/dev/null || { echo "engine: no runuser to leave root with" >&2; exit 1; }
fi
home=/tmp
[ $durable = on ] || [ ! -w /dev/shm ] || home=/dev/shm
dir=$(mktemp -d "$home/caunoi-pg-XXXXXX")
chmod 755 "$dir"
[ "$(id -u)" != 0 ] || chown postgres "$dir"
tidy() {
	"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop >/dev/null 2>&1 || true
	rm -rf "$dir"
}
trap tidy EXIT
trap 'exit 1' INT TERM

cd "$dir" # a folder that the server's user may stand in
"${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -U admin --locale=C -E UTF8 -N >/dev/null
"${as[@]}" tee -a "$dir/data/postgresql.conf" >/dev/null <<EOF
listen_addresses = ''
unix_socket_directories = '$dir'
fsync = $durable
full_page_writes = $durable
max_connections = 50
shared_buffers = 256MB
max_wal_size = 512MB
log_min_messages = fatal
log_min_error_statement = panic
EOF
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -s start || { cat "$dir/log" >&2; exit 1; }
"${as[@]}" "$bin/psql" -h "$dir" -U admin -q -d postgres -c "CREATE ROLE caunoi LOGIN" -c "CREATE DATABASE caunoi OWNER caunoi"
cd "$OLDPWD"

export CAUNOI_TEST_SERVER="postgresql://caunoi@/caunoi?host=$dir"
export CAUNOI_TEST_SERVER_ADMIN="postgresql://admin@/caunoi?host=$dir"
export CAUNOI_TEST_SERVER_DIR=$dir
"$@"
