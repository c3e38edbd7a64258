/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A gateway under load on a real server, for tests that take the server away from it: server, wire, gateway, load and oracle, put together.
 * The oracle asks the server directly, the core perhaps through the wire. Every step that fails ends the test. */
#ifndef CAUNOI_TESTS_SUPPORT_PGWORLD_H
#define CAUNOI_TESTS_SUPPORT_PGWORLD_H

#include "gateway/base/random.h"
#include "tests/support/load.h"
#include "tests/support/pgproxy.h"
#include "tests/support/pgserver.h"

struct pgworld_options {
	bool proxied;       /* the core speaks through the wire */
	bool standby;       /* two servers, the second follows in step */
	bool modem;         /* with the simulated modem */
	int64_t room_bytes; /* of the server's disk; 0 = no limit */
	int people;         /* of the campaigns, two thirds by an API with keys, the rest by one without; 0 = none */
	const char *more;   /* more lines of configuration; NULL = none */
};

struct pgworld {
	struct pgserver server, second;
	struct pgproxy proxy;
	struct gateway *g;
	struct load *load;
	struct random random;
	int64_t worst_back_ms; /* longest wait for the first command that was accepted again */
	int64_t epoch;
};

/* All of it, the core running and the campaigns started. CAUNOI_SEED repeats a run (its moments, not its schedule). */
struct pgworld *pgworld_new(const struct pgworld_options *o);
void pgworld_free(struct pgworld *w);

/* Another store in the configuration. */
void pgworld_set_store(const struct gateway *g, const char *uri);
/* A number from the environment, or otherwise. */
int pgworld_number(const char *name, int otherwise);
/* Two campaigns to so many people, as in people of the options. */
void pgworld_campaigns(struct pgworld *w, int people);
/* A second core of the same database on another machine: its own folder, drivers to the same simulators, node is its name. Not started. */
struct gateway *pgworld_join(struct pgworld *w, const char *node);
void pgworld_leave(struct gateway *other);

/* Something of everything, for so long. */
void pgworld_talk(struct pgworld *w, int ms);
/* Asks until a command is accepted, the answers to what was asked before included; must be within limit_ms. */
void pgworld_wait_back(struct pgworld *w, int limit_ms);
/* The core is still the one that was started, and all laws hold with no more unclear than crashes explain. */
void pgworld_check(struct pgworld *w, int crashes, const char *where);
/* Everything ends: nothing under way, the core stops in good order, every message is accounted for. */
void pgworld_finish(struct pgworld *w, int limit_ms);

#endif
