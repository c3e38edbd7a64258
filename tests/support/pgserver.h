/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A PostgreSQL server for tests that cut it off: its own folder, fsync on, a child of the test that dies with it. Listens on a Unix socket
 * in its folder only. A keeper process removes the folder even when the test is killed. Every step that fails ends the test. As root the
 * server runs as the user postgres. */
#ifndef CAUNOI_TESTS_SUPPORT_PGSERVER_H
#define CAUNOI_TESTS_SUPPORT_PGSERVER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PGSERVER_PATH_MAX 64
#define PGSERVER_URI_MAX 256

/* How a server ends: whoever is connected is thrown out; the same without writing anything down, the next start recovers; the machine
 * loses its power, every process at once. */
enum pgserver_end { PGSERVER_FAST = SIGINT, PGSERVER_IMMEDIATE = SIGQUIT, PGSERVER_POWER = SIGKILL };

struct pgserver {
	char dir[PGSERVER_PATH_MAX]; /* and of its socket */
	pid_t pid;                   /* 0 = not running */
	bool is_mount;               /* the folder is a small file system of its own */
	pid_t keeper;
	int keeper_fd;
};

/* Makes and starts a server with a database "caunoi" whose owner "caunoi" is no superuser. room_bytes: the folder is a file system of that
 * size (needs root); 0 = no limit. */
void pgserver_new(struct pgserver *s, int64_t room_bytes);
/* A hot standby of of, which from now on answers a COMMIT only when the standby has it on its disk. Name: its application_name. */
void pgserver_clone(struct pgserver *s, struct pgserver *of, const char *name);
void pgserver_free(struct pgserver *s);

void pgserver_start(struct pgserver *s);
void pgserver_stop(struct pgserver *s, enum pgserver_end how);
/* Did it end by itself? It is not running then. */
bool pgserver_has_ended(struct pgserver *s);
/* A standby becomes a server of its own, and is one when this returns. */
void pgserver_promote(struct pgserver *s);

/* The address of the database, as its owner; of two servers, whichever may be written. */
void pgserver_uri(const struct pgserver *s, const struct pgserver *other, char ret[PGSERVER_URI_MAX]);
/* SQL as the superuser; the first column of the first row, 0 when there is none. */
int64_t pgserver_sql(const struct pgserver *s, const char *sql);

/* How many tables, views and sequences the schema "public" of the database has. */
int64_t pgserver_relations(const struct pgserver *s);
/* From now on role must say its password. */
void pgserver_ask_password(const struct pgserver *s, const char *role);

/* Takes all the room that is left on its file system, and gives it back. */
void pgserver_fill(const struct pgserver *s);
void pgserver_unfill(const struct pgserver *s);

#endif
