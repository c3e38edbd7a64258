/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts, watches, kills and restarts the programs beside the core: one driver a channel, the query process, the web. Decides; the
 * loop forks and kills. A program that ends is started again after 0.2 s, doubling to 30 s; the sixth end within a minute holds it a minute. */
#ifndef CAUNOI_GATEWAY_SUPERVISOR_H
#define CAUNOI_GATEWAY_SUPERVISOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "gateway/base/err.h"

struct supervisor;
struct core;
struct peer;

MUST_CHECK int supervisor_new(struct supervisor **ret);
void supervisor_free(struct supervisor *s);
/* Plans all children of the configuration; they start in the next supervisor_tend. web false: no web process (tests). */
MUST_CHECK int supervisor_plan(struct supervisor *s, struct core *core, bool web);
/* After each tick: starts what is due, pings, kills what is late. */
void supervisor_tend(struct supervisor *s, struct core *core);
/* The loop reaped pid. */
void supervisor_reaped(struct supervisor *s, struct core *core, pid_t pid, int status);
void supervisor_pong(struct supervisor *s, struct core *core, struct peer *p, const char *busy, long long busy_ms);
/* Orderly end: drivers are told to stop. */
void supervisor_stop(struct supervisor *s, struct core *core);
void supervisor_kill_all(struct supervisor *s, struct core *core);
void supervisor_kill_query(struct supervisor *s, struct core *core);
/* Channels were put in, taken out or moved: to[i] is the new place of the one at i, -1 for none. Drivers of those taken out are killed,
 * those of new ones started. After the core's table is the new one. */
void supervisor_reindex(struct supervisor *s, struct core *core, const int *to);
/* Hands the driver of a channel its new secrets while it works; false: it cannot take them so, or does not run. */
bool supervisor_hand_secrets(struct supervisor *s, struct core *core, int channel);
/* The driver of a channel is started anew (its configuration changed). */
void supervisor_restart_channel(struct supervisor *s, struct core *core, int channel);
/* The web process reads the configuration itself: it is started anew with a changed one. */
void supervisor_restart_web(struct supervisor *s, struct core *core);
/* So does the query process with the words. */
void supervisor_restart_query(struct supervisor *s, struct core *core);
/* Programs that tell webhooks: one for each of the core's, those of the changed places (bits) anew. */
void supervisor_plan_webhooks(struct supervisor *s, struct core *core, unsigned changed);
/* pid of the web process, 0 when it does not run. */
pid_t supervisor_web_pid(const struct supervisor *s);
bool supervisor_empty(const struct supervisor *s);

#endif
