/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What measurements share: a gateway set up for speed (no quiet hours, no caps, one person alone), people, campaigns, and
 * what the simulated provider's journal says of the wire. Failures end the program with a sentence. */
#ifndef CAUNOI_BENCH_RIG_H
#define CAUNOI_BENCH_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/report.h"
#include "tests/support/gateway.h"

struct bench {
	struct report report;
	bool quick; /* about a tenth of everything */
};
/* n, or about a tenth of it. */
int bench_size(const struct bench *b, int n);

struct rig {
	struct gateway *g;
	int port;         /* of the web process */
	char token[128];  /* "Authorization: Bearer …\r\n" */
};

/* channels as in gateway_options; with_hook: channel "api" may name webhook_secret = "api.hook". Started. */
struct rig *rig_new(const char *channels, bool preload_slow_disk);
void rig_free(struct rig *r);
/* "/hooks/api/SECRET/inbound" */
const char *rig_hook_path(void);
/* Of USSD calls in the first style. */
const char *rig_ussd_path(void);
/* Makes a user and a token for the API. */
void rig_log_in(struct rig *r);

/* Imports n people from 0900000000 + first on into group; *ret_s how long it took from the first byte on (may be NULL). */
void rig_people(struct rig *r, const char *group, int first, int n, double *ret_s);
/* The wire: where the journal of an API ends now, and what was written since. */
struct wire {
	const char *journal;
	long at;
};
struct wire rig_wire(const struct simapi *api);
struct wire_figures {
	long n;
	int64_t first_ms, last_ms; /* Unix */
	double per_second;         /* between the first and the last */
};
struct wire_figures wire_read(const struct wire *w);
/* Waits until n more messages are on the wire since w. False after limit_ms. */
bool rig_wait_wire(const struct simapi *api, const struct wire *w, long n, int limit_ms);

/* One campaign of n people of group by channel, from start to the last message on the wire. */
struct campaign_figures {
	struct wire_figures wire;
	double cpu_s_per_1000; /* core and HTTP drivers */
	double core_cpu_s_per_1000;
};
struct campaign_figures rig_campaign(struct rig *r, const char *group, const char *channel, const struct simapi *api, int n, int limit_ms);

double rig_now_s(void);

/* Starts a campaign of n people of group by channel, all of one text or one with their names, and comes back. */
void rig_start(struct rig *r, const char *group, const char *channel, bool one_text, int n);

/* The measurements, each in a file of its own group. */
void sending_keepalive(struct bench *b);
void sending_fresh(struct bench *b);
void sending_latency(struct bench *b);
void sending_slow_disk(struct bench *b);
void sending_modem(struct bench *b);
void modems_run(struct bench *b);
void serving_post(struct bench *b);
void serving_hook(struct bench *b);
void serving_ussd(struct bench *b);
void serving_idle(struct bench *b);
void desk_run(struct bench *b);
void desk_postgresql(struct bench *b);
void database_postgresql(struct bench *b);
void flood_run(struct bench *b);
void takeover_run(struct bench *b);
/* Runs it with the store on the server of this measuring; says so where there is none. */
void database_on_server(struct bench *b, void (*run)(struct bench *b));
void million_run(struct bench *b);
void million_postgresql(struct bench *b);
void text_run(struct bench *b);
void providers_flight(struct bench *b);
void providers_http2(struct bench *b);
void providers_batch(struct bench *b);
void providers_memory(struct bench *b);
void providers_stalled(struct bench *b);
void kannel_run(struct bench *b);

#endif
