/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time, trouble and order: what happens in a step and what breaks. Called by the simulator's main. */
#include "tests/simulation/world.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/inside.h"

#define FIRST_MS INT64_C(1795305600000) /* 22 Nov 2026, 07:00 in Vietnam */
#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define QUIET_EVERY 5000 /* steps */
#define QUIET_STEPS 20000
#define OFTEN 100     /* steps */
#define FULL_EVERY 48 /* starts */
#define LONG_SLEEP_MS (10 * 60000)
#define STOP_MS 10000

void sim_check(int good, const char *what, const char *file, int line)
{
	if (good)
		return;
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

void world_break(struct world *w, const char *law, const char *fmt, ...)
{
	if (w->broken)
		return;
	va_list ap;
	va_start(ap, fmt);
	w->broken = true;
	w->breach.step = w->figures.steps;
	w->breach.tick = w->figures.ticks;
	snprintf(w->breach.law, sizeof(w->breach.law), "%s", law);
	vsnprintf(w->breach.text, sizeof(w->breach.text), fmt, ap);
	va_end(ap);
}

void world_note(struct world *w, const char *fmt, ...)
{
	char text[300];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	journal_note(&w->journal, w->figures.steps, w->clock.sim_now_ms, "world", '*', text,
		     n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* Each kind of trouble is away in some worlds, rare in most, frequent in a few. */
static int draw_odd(struct dice *d, int rare, int frequent)
{
	int at = dice_below(d, 10);
	return at < 2 ? 0 : at < 8 ? rare : frequent;
}

static struct odds draw_odds(struct dice *d, const struct world_plan *plan)
{
	struct odds o = {
		.crash = draw_odd(d, 5, 50),
		.power = draw_odd(d, 500, 1000),
		.disk = draw_odd(d, 8, 60),
		.memory = draw_odd(d, 20, 200),
		.stop = draw_odd(d, 1, 8),
		.reload = draw_odd(d, 1, 4),
		.jump = draw_odd(d, 2, 10),
		.driver_end = draw_odd(d, 5, 40),
		.driver_hang = draw_odd(d, 3, 20),
		.garbage = draw_odd(d, 1, 10),
		.refused = draw_odd(d, 20, 100),
		.not_sent = draw_odd(d, 40, 200),
		.unclear = draw_odd(d, 20, 100),
		.silent = draw_odd(d, 10, 50),
		.twice = draw_odd(d, 30, 200),
		.staff = (int)dice_between(d, 50, 300),
		.villager = (int)dice_between(d, 50, 400),
		.fragment = draw_odd(d, 50, 500),
		.slow = draw_odd(d, 100, 500),
		.sleep = 1 + draw_odd(d, 2, 10),
	};
	if (plan->crashes_only)
		o.crash = 330;
	return o;
}

/* ---- lives ---- */

/* A clock that is set while no core runs cannot be told from time that passed: the next life finds it as this one knew it. */
static void take_back_jump(struct world *w)
{
	w->wall_error_ms -= w->unseen_ms;
	w->clock.sim_now_ms -= w->unseen_ms;
	w->unseen_ms = 0;
	w->n_looks = 0;
}

static void note_look(struct world *w)
{
	w->looks[w->n_looks++ % WORLD_LOOKS] = (__typeof__(w->looks[0])){ w->clock.sim_now_ms, w->unseen_ms };
}

/* The tick that saw the clock set may be on the disk although its core never heard so; it need not be the core's last one. */
static void find_look(struct world *w)
{
	int64_t at_ms = rows_last_tick_at(w), n = w->n_looks < WORLD_LOOKS ? w->n_looks : WORLD_LOOKS;
	for (int64_t i = 0; i < n; i++)
		if (w->looks[i].at_ms == at_ms) {
			w->unseen_ms -= w->looks[i].unseen_ms;
			return;
		}
}

/* What the disk kept is looked at before the core decides anything, and again behind its recovery. */
static void start_again(struct world *w)
{
	for (int tries = 0; !w->broken; tries++) {
		laws_open(w);
		if (w->n_looks) /* also where the clock was set and set back since */
			find_look(w);
		take_back_jump(w);
		laws_check_window(w);
		bool fault = !w->quiet && tries < 3 && dice_mille(&w->dice, w->odds.disk * 3);
		if (fault)
			disk_set_fault(w->node.disk,
				       &(struct disk_fault){
					       .call = DISK_ANY, .after = dice_long(&w->dice, 1, 60), .error = EIO, .lasting = true });
		int r = node_start(w);
		w->faulty = fault && disk_fault_struck(w->node.disk);
		disk_set_fault(w->node.disk, NULL);
		if (!r)
			break;
		if (!fault)
			world_break(w, "the core starts again", "it says %s", err_text(r));
		world_note(w, "the start fails: %s", err_text(r));
		node_die(w, dice_mille(&w->dice, w->odds.power));
	}
	w->struck_mono_ms = world_mono_ms(w);
	if (w->broken)
		return;
	laws_check(w);
	if ((w->figures.crashes + w->figures.stops) % FULL_EVERY == 0)
		laws_check_all(w);
}

static void crash(struct world *w, const char *when)
{
	bool power = dice_mille(&w->dice, w->odds.power);
	world_note(w, "%s %s", power ? "power cut" : "killed", when);
	w->figures.crashes++;
	w->stopping_mono_ms = 0;
	node_die(w, power);
	start_again(w);
}

/* What is in flight has ten seconds to come home, as the loop gives it. */
static void tend_stop(struct world *w)
{
	if (!w->stopping_mono_ms && !w->quiet && dice_mille(&w->dice, w->odds.stop)) {
		core_stop(w->node.core);
		w->stopping_mono_ms = world_mono_ms(w);
		world_note(w, "told to stop");
	}
	if (!w->stopping_mono_ms || (!core_stopped(w->node.core) && world_mono_ms(w) < w->stopping_mono_ms + STOP_MS))
		return;
	world_note(w, "stopped");
	w->figures.stops++;
	w->stopping_mono_ms = 0;
	if (w->unseen_ms)
		note_look(w); /* its last tick looks at the clock, too; whether it is on the disk is found out there */
	int r = node_end(w);
	if (r && !w->plan.postgresql_rules && !(r == E_BROKEN && w->faulty)) /* a server that is away cannot be told */
		world_break(w, "an orderly end", "it says %s", err_text(r));
	start_again(w);
}

/* ---- time ---- */

static void jump(struct world *w, int64_t by_ms)
{
	staff_before_jump(w);
	w->wall_error_ms += by_ms;
	w->clock.sim_now_ms += by_ms;
	w->unseen_ms += by_ms;
	w->set_by_hours |= by_ms >= HOUR_MS || by_ms <= -HOUR_MS;
	w->figures.jumps++;
	w->set_at_mono_ms = w->struck_mono_ms = world_mono_ms(w);
	world_note(w, "the clock jumps by %lld s", (long long)(by_ms / 1000));
}

static void set_clock_wrong(struct world *w)
{
	if (!w->node.core->jump.now_ms)
		return; /* a life's first tick has not looked at the clock yet */
	static const int64_t by[] = { 2 * DAY_MS, -2 * DAY_MS, -3650 * DAY_MS, 3600000, -3600000 };
	if (w->wall_error_ms && dice_mille(&w->dice, 700))
		jump(w, -w->wall_error_ms);
	else if (dice_mille(&w->dice, 400))
		jump(w, dice_between(&w->dice, -30000, 30000));
	else if (!w->wall_error_ms)
		jump(w, by[dice_below(&w->dice, (int)COUNT_OF(by))]);
}

static bool nothing_under_way(const struct world *w)
{
	for (int i = 0; i < CHANNELS; i++)
		if (json_object_size(w->drivers[i].open))
			return false;
	return true;
}

/* Nobody wishes anything for some hours: so nights pass and days meet. */
static bool asleep(struct world *w)
{
	if (!w->quiet && world_mono_ms(w) >= w->sleep_until_mono_ms && dice_mille(&w->dice, w->odds.sleep))
		w->sleep_until_mono_ms = world_mono_ms(w) + (dice_mille(&w->dice, 700) ? dice_long(&w->dice, 1000, 3600000)
										       : dice_between(&w->dice, 3600000, DAY_MS / 2));
	return w->quiet || world_mono_ms(w) < w->sleep_until_mono_ms;
}

static void advance(struct world *w)
{
	int64_t mono = world_mono_ms(w), due = core_has_work(w->node.core) ? mono : core_due_mono_ms(w->node.core);
	int64_t next = agenda_next_mono_ms(&w->agenda);
	if (asleep(w) && nothing_under_way(w))
		due = mono + LONG_SLEEP_MS;
	if (next < due)
		due = next;
	if (due <= mono)
		due = mono + dice_between(&w->dice, 0, 3);
	clock_advance(&w->clock, due - mono);
	w->figures.simulated_ms += due - mono;
	agenda_run(&w->agenda, w, world_mono_ms(w));
}

/* ---- programs ---- */

static void query_act(struct world *w, struct process *p)
{
	for (json_t *f; (f = process_hear(p)); json_decref(f)) {
		const char *op = json_str(f, "op", "");
		if (!strcmp(op, "hello") && p->check)
			process_say(w, p, json_pack("{s:s,s:i}", "op", "checked", "problems", 0));
		else if (!strcmp(op, "gate") && json_flag(f, "closed", false))
			process_say(w, p, json_pack("{s:s}", "op", "gate"));
		else if (!strcmp(op, "ping"))
			process_say(w, p, json_pack("{s:s,s:I}", "op", "pong", "n", (json_int_t)json_int(f, "n", 0)));
	}
}

static void programs_act(struct world *w)
{
	for (struct process *p = w->processes; p; p = p->next) {
		if (p->dead || p->hung)
			continue;
		switch (p->kind) {
		case PEER_DRIVER: driver_act(w, p); break;
		case PEER_WEB: hook_hear(w, p); break;
		case PEER_QUERY: query_act(w, p); break;
		case PEER_CLIENT: staff_hear(w, p); break;
		case PEER_WEBHOOK: receiver_act(w, p); break;
		}
	}
}

/* ---- a step ---- */

/* One allocation fails, anywhere in a tick of usual length. */
static bool set_memory_fault(struct world *w)
{
	if (!dice_mille(&w->dice, w->odds.memory))
		return false;
	disk_set_fault(w->node.disk,
		       &(struct disk_fault){ .call = DISK_ALLOCATE, .after = dice_between(&w->dice, 1, 800), .error = ENOMEM });
	return true;
}

static bool set_fault(struct world *w)
{
	static const enum disk_call calls[] = { DISK_WRITE, DISK_SYNC, DISK_READ, DISK_ANY, DISK_ALLOCATE };
	if (w->quiet)
		return false;
	if (!dice_mille(&w->dice, w->odds.disk))
		return set_memory_fault(w);
	struct disk_fault f = { .call = calls[dice_below(&w->dice, (int)COUNT_OF(calls))], .lasting = dice_mille(&w->dice, 500) };
	f.after = f.call == DISK_ALLOCATE ? dice_between(&w->dice, 1, 800) : f.call == DISK_SYNC ? 1 + f.lasting : dice_long(&w->dice, 1, 40);
	f.error = f.call == DISK_WRITE && dice_mille(&w->dice, 500) ? ENOSPC : EIO;
	disk_set_fault(w->node.disk, &f);
	return true;
}

/* Between the tick and the sockets: what was let out is judged, then some of it is written. */
static int tick(struct world *w)
{
	bool fault = set_fault(w);
	int64_t before = w->node.core->tick_n;
	if (w->unseen_ms)
		note_look(w);
	int r = node_tick(w);
	bool struck = fault && disk_fault_struck(w->node.disk);
	w->faulty |= struck;
	if (struck || w->node.core->tick_n == before)
		w->struck_mono_ms = world_mono_ms(w);
	if (fault)
		disk_set_fault(w->node.disk, NULL);
	/* a tick decided only now was begun under the clock as it was */
	if (w->node.core->tick_n > before && w->node.core->jump.now_ms == w->clock.sim_now_ms)
		w->unseen_ms = w->n_looks = 0;
	processes_look(w);
	oracle_judge(w);
	return r;
}

static void trouble(struct world *w)
{
	if (dice_mille(&w->dice, w->odds.jump))
		set_clock_wrong(w);
	if (dice_mille(&w->dice, w->odds.reload) && node_reload(w))
		world_break(w, "a sound configuration is taken", "it was refused");
	struct process *web = process_of_kind(w, PEER_WEB, -1);
	if (web && dice_mille(&w->dice, w->odds.driver_end / 10))
		process_end(w, web, "a crash of its own");
}

static void wishes(struct world *w)
{
	if (dice_mille(&w->dice, w->odds.staff))
		staff_act(w);
	if (dice_mille(&w->dice, w->odds.villager / 4))
		villager_speak(w);
}

static void step(struct world *w)
{
	w->figures.steps++;
	advance(w);
	if (!asleep(w)) {
		trouble(w);
		wishes(w);
	}
	programs_act(w);
	processes_read(w);
	int r = tick(w);
	if (w->broken)
		return;
	if (r) {
		crash(w, "in a tick");
		return;
	}
	bool dies = !w->quiet && dice_mille(&w->dice, w->odds.crash);
	if (!dies || dice_mille(&w->dice, 500))
		processes_write(w, w->quiet);
	if (dies) {
		crash(w, "between two ticks");
		return;
	}
	processes_bury(w);
	tend_stop(w);
}

/* ---- quiet ---- */

/* What is asked in between, loud or quiet. */
static void check_often(struct world *w)
{
	if (!w->broken && w->figures.steps % OFTEN == 0)
		laws_check_often(w, world_mono_ms(w) - w->set_at_mono_ms, world_mono_ms(w) - w->struck_mono_ms);
}

static bool everything_said(const struct world *w)
{
	return !json_object_size(w->staff.waiting) && !json_object_size(w->hook.waiting) && nothing_under_way(w) && !w->agenda.n;
}

int world_settle(struct world *w)
{
	w->quiet = true;
	node_let_server_fail(w, false);
	w->figures.quiet_periods++;
	for (int i = 0; i < 100 && w->wall_error_ms && !w->node.core->jump.now_ms && !w->broken; i++)
		step(w);
	if (w->wall_error_ms)
		jump(w, -w->wall_error_ms);
	staff_resume_channels(w);
	w->struck_mono_ms = world_mono_ms(w); /* until now anything could be */
	world_note(w, "quiet");
	/* longer than the longest validity plus the wrong clock it may have been given under */
	int64_t until = world_mono_ms(w) + 5 * DAY_MS;
	for (int i = 0; !w->broken && (world_mono_ms(w) < until || !everything_said(w)); i++) {
		if (i == QUIET_STEPS) {
			world_break(w, "quiet comes", "%zu wishes, %zu calls, %zu events are left", json_object_size(w->staff.waiting),
				    json_object_size(w->hook.waiting), w->agenda.n);
			break;
		}
		step(w);
		check_often(w);
	}
	if (!w->broken)
		laws_check_all(w);
	if (!w->broken)
		laws_check_settled(w);
	w->quiet = false;
	node_let_server_fail(w, true);
	world_note(w, "quiet ends");
	return w->broken ? E_REFUSED : 0;
}

int world_step(struct world *w)
{
	if (w->broken)
		return E_REFUSED;
	step(w);
	check_often(w);
	if (!w->broken && ++w->loud_steps % QUIET_EVERY == 0)
		return world_settle(w);
	return w->broken ? E_REFUSED : 0;
}

/* ---- beginning and end ---- */

int world_new(const struct world_plan *plan, struct world **ret)
{
	struct world *w = calloc(1, sizeof(*w));
	if (!w)
		return E_NOMEM;
	w->plan = *plan;
	w->dice = dice_of(plan->seed);
	w->random = random_seeded(plan->seed ^ UINT64_C(0x5eed));
	w->clock = clock_simulated(FIRST_MS + dice_between(&w->dice, 0, 23) * 3600000 + dice_between(&w->dice, 0, 3599999));
	w->clock.sim_mono_ms = 1000000;
	w->journal.verbose = plan->verbose;
	w->odds = draw_odds(&w->dice, plan);
	village_init(w);
	staff_init(w);
	desk_init(w);
	movers_init(w);
	hook_init(w);
	receiver_init(w);
	oracle_init(w);
	for (int i = 0; i < CHANNELS; i++)
		driver_init(w, i);
	int r = node_make(w);
	if (!r) {
		laws_open(w);
		r = node_start(w);
	}
	node_let_server_fail(w, true);
	if (r)
		world_free(w);
	else
		*ret = w;
	return r;
}

void world_free(struct world *w)
{
	if (!w)
		return;
	laws_close(w);
	if (w->node.core)
		processes_end_all(w);
	node_free(w);
	agenda_done(&w->agenda);
	for (int i = 0; i < CHANNELS; i++) {
		driver_done(&w->drivers[i]);
		provider_done(&w->providers[i]);
	}
	staff_done(&w->staff);
	desk_done(&w->desk);
	movers_done(&w->movers);
	hook_done(&w->hook);
	receiver_done(&w->receiver);
	oracle_done(&w->oracle);
	free(w);
}

const struct world_figures *world_figures(const struct world *w)
{
	((struct world *)(uintptr_t)w)->figures.hash = w->journal.hash;
	return &w->figures;
}

const struct breach *world_breach(const struct world *w)
{
	return w->broken ? &w->breach : NULL;
}

void world_print_frames(const struct world *w, FILE *out)
{
	journal_print(&w->journal, out);
}
