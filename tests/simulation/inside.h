/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the world share. Nobody outside of it includes this. */
#ifndef CAUNOI_SIMULATION_INSIDE_H
#define CAUNOI_SIMULATION_INSIDE_H

#include "gateway/base/clock.h"
#include "gateway/base/json.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/author.h"
#include "tests/simulation/clerk.h"
#include "tests/simulation/desk.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/driver.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/laws.h"
#include "tests/simulation/rows.h"
#include "tests/simulation/movers.h"
#include "tests/simulation/node.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/process.h"
#include "tests/simulation/provider.h"
#include "tests/simulation/receiver.h"
#include "tests/simulation/staff.h"
#include "tests/simulation/villager.h"
#include "tests/simulation/hook.h"
#include "tests/simulation/world.h"

/* The world itself must not fail: it ends the program. */
#define SIM_CHECK(condition) sim_check((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
void sim_check(int good, const char *what, const char *file, int line);

#define CHANNELS 3
#define WORLD_LOOKS 512

/* How wild this world is, drawn from the seed: a world without a kind of trouble finds what trouble hides. In 1,000. */
struct odds {
	int crash, power, disk, memory, stop, reload; /* a step */
	int jump;				      /* a step */
	int driver_end, driver_hang, garbage;	      /* a frame of a driver */
	int refused, not_sent, unclear, silent, twice;
	int staff, villager, fragment, slow, sleep;
};

struct world {
	struct world_plan plan;
	struct world_figures figures;
	struct breach breach;
	bool broken, quiet;
	bool set_by_hours; /* the wall clock, at any time so far */
	bool faulty;	   /* a fault struck this life of the core */
	int64_t unseen_ms; /* by how much the wall clock was set since the last tick */
	struct {
		int64_t at_ms, unseen_ms; /* a tick of that moment saw so much of it, if it is on the disk */
	} looks[WORLD_LOOKS];
	int64_t n_looks;
	int64_t sleep_until_mono_ms;
	int64_t stopping_mono_ms; /* since when the core is told to stop; 0 = it is not */
	int64_t set_at_mono_ms;	  /* when the wall clock was last set */
	int64_t struck_mono_ms;	  /* when the core last started, met a fault, was refused its commit, had its clock set, or a quiet period began */
	int64_t loud_steps;	  /* outside quiet periods */
	struct odds odds;
	struct dice dice;
	struct random random; /* the core's */
	struct clock clock;
	int64_t wall_error_ms; /* how far the wall clock is from the truth */
	int64_t n_pid, n_serial;
	struct agenda agenda;
	struct journal journal;
	struct process *processes;
	struct node node;
	struct driver drivers[CHANNELS];
	struct provider providers[CHANNELS];
	struct village village;
	struct staff staff;
	struct author author;
	struct desk desk;
	struct movers movers;
	struct hook hook;
	struct receiver receiver;
	struct oracle oracle;
	struct laws *laws;
	struct rows rows;
};

static inline int64_t world_mono_ms(const struct world *w)
{
	return w->clock.sim_mono_ms;
}
/* Writes down the first law that does not hold. */
void world_break(struct world *w, const char *law, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void world_note(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline void world_later(struct world *w, int64_t after_ms, agenda_fn fn, json_t *data, int64_t n)
{
	agenda_put(&w->agenda, w->clock.sim_mono_ms + after_ms, fn, data, n);
}

#endif
