/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-bench: measures the programs of $CAUNOI_BUILD (default "build") against the simulators and prints figures. It judges
 * nothing: figures mean something only on a machine that does nothing else.
 * caunoi-bench [--only NAME]… [--quick] [--json] [--list] */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "tests/bench/rig.h"

static const struct {
	const char *name;
	void (*run)(struct bench *b);
	const char *about;
} measures[] = {
	{ "keepalive", sending_keepalive, "a campaign of 50,000 by an API with keys" },
	{ "fresh", sending_fresh, "a campaign of 50,000 by an API without keys" },
	{ "latency", sending_latency, "a provider that answers after 50 ms" },
	{ "flight", providers_flight, "1, 16 and 64 in flight on kept connections, 1 and 8 on fresh ones" },
	{ "http2", providers_http2, "64 streams of one connection to nghttpd, over TLS" },
	{ "batch", providers_batch, "one text for a hundred people a request" },
	{ "http-memory", providers_memory, "caunoi-http with 256 in flight" },
	{ "stalled", providers_stalled, "a provider that never answers beside a good one" },
	{ "kannel", kannel_run, "messages by HTTP in and out again, beside Kannel's" },
	{ "post", serving_post, "POST /api/v1/message, durable before 201" },
	{ "hook", serving_hook, "messages from outside by webhook" },
	{ "ussd", serving_ussd, "screens of USSD sessions, each durable before it is shown" },
	{ "desk", desk_run, "fifty people on a hundred thousand cases, beside a campaign" },
	{ "desk-pg", desk_postgresql, "the same on a PostgreSQL server" },
	{ "idle", serving_idle, "latency and CPU of an idle gateway" },
	{ "slow-disk", sending_slow_disk, "5 ms more a sync" },
	{ "modem", sending_modem, "time a segment over libgammu's own" },
	{ "modems", modems_run, "segments a second on 1, 4 and 8 modems beside gammu-smsd and smstools" },
	{ "text", text_run, "understanding and measuring of texts, on one core" },
	{ "postgresql", database_postgresql, "both engines beside each other, and the waiting for a server" },
	{ "takeover", takeover_run, "a standby core after the active one was killed" },
	{ "flood", flood_run, "three thousand people who write at once, on both engines" },
	{ "million", million_run, "a million people and messages: import, memory, cost, restart" },
	{ "million-pg", million_postgresql, "the same on a PostgreSQL server" },
};

static int list(void)
{
	for (size_t i = 0; i < COUNT_OF(measures); i++)
		printf("%-12s %s\n", measures[i].name, measures[i].about);
	return 0;
}

static int known(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(measures); i++)
		if (!strcmp(measures[i].name, name))
			return (int)i;
	return -1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "only", required_argument, NULL, 'o' }, { "quick", no_argument, NULL, 'q' }, { "json", no_argument, NULL, 'j' },
		{ "list", no_argument, NULL, 'l' },	  { NULL, 0, NULL, 0 },
	};
	struct bench *b = calloc(1, sizeof(*b));
	bool chosen[COUNT_OF(measures)] = { false }, some = false;
	for (int c; b && (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'l')
			return list();
		if (c == '?' || (c == 'o' && known(optarg) < 0))
			return 2;
		b->quick |= c == 'q';
		b->report.json |= c == 'j';
		if (c == 'o')
			some = chosen[known(optarg)] = true;
	}
	if (!b || optind != argc)
		return 2;
	for (size_t i = 0; i < COUNT_OF(measures); i++)
		if (!some || chosen[i])
			measures[i].run(b);
	report_end(&b->report);
	free(b);
	return 0;
}
