/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold in every database at every moment, asked through the views made for such checks and held against an oracle:
 * what callers were told was accepted, what really left on the wire, what was acknowledged as stored. For fault tests. */
#ifndef CAUNOI_TESTS_SUPPORT_INVARIANTS_H
#define CAUNOI_TESTS_SUPPORT_INVARIANTS_H

#include <stdint.h>

struct invariants;

/* Of the database and the identity key in data_dir. The oracle is a database of its own, made at oracle_file. Every failure of the
 * oracle itself ends the test. */
struct invariants *invariants_new(const char *data_dir, const char *oracle_file);
/* The same of a store that may be a server's; "sqlite" is the file in data_dir. */
struct invariants *invariants_new_on(const char *store, const char *data_dir, const char *oracle_file);
void invariants_free(struct invariants *i);

/* The file system of the database goes away, nothing of it may be held open; it is there again. */
void invariants_let_go(struct invariants *i);
void invariants_open_again(struct invariants *i);

/* A caller was told status (as HTTP) for client_key ("uid:0:KEY"). */
void invariants_accepted(struct invariants *i, const char *client_key, int status);
/* An inbound message was acknowledged. */
void invariants_mo(struct invariants *i, const char *channel, const char *dedupe_key);
/* Journals of the simulators, read on from where they were left at each check. In the API's, a message is known by the key it was
 * sent with; in the modem's by its number and words, which a test therefore makes unique. */
void invariants_watch_api(struct invariants *i, const char *journal);
void invariants_watch_modem(struct invariants *i, const char *journal);

/* Reads the journals, asks everything, prints each law that is broken. How many are. */
int invariants_check(struct invariants *i);
/* One number, the oracle being attached as o. */
int64_t invariants_scalar(struct invariants *i, const char *sql);
/* Prints how many attempts of which kind are unclear. */
void invariants_print_window(struct invariants *i);

#endif
