/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine of the core: its data folder, its settings read once, and one life of the core after the other. */
#ifndef CAUNOI_SIMULATION_NODE_H
#define CAUNOI_SIMULATION_NODE_H

#include "config/config.h"
#include "gateway/base/seal.h"
#include "gateway/base/zone.h"
#include "gateway/core.h"

struct world;
struct disk;

struct node {
	char dir[80], data_dir[96], file[96];
	struct config *config;
	struct seal *seal;
	struct zone *zone;
	struct keywords *keywords;
	struct job_kind jobs[2];
	struct duty duties[6];
	struct wiring wiring;
	struct disk *disk; /* NULL: real files */
	struct store *db;
	struct core *core;
};

/* Makes the data folder; the core does not run yet. */
MUST_CHECK int node_make(struct world *w);
/* A life begins. E_BROKEN: the disk failed; node_die, then again. */
MUST_CHECK int node_start(struct world *w);
/* From now on the modelled server fails as a server may, or never. Nothing where there is none. */
void node_let_server_fail(struct world *w, bool may);
/* It ends without a word. */
void node_die(struct world *w, bool power);
/* One tick. 0, or E_BROKEN. */
MUST_CHECK int node_tick(struct world *w);
/* An orderly end, its last tick included. */
MUST_CHECK int node_end(struct world *w);
MUST_CHECK int node_reload(struct world *w);
void node_free(struct world *w);

#endif
