/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast messages leave: by an API with keys, by one without, by a slow one, from a slow disk, by a modem. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/bench/rig.h"

#define CAMPAIGN 50000
#define LIMIT_MS 120000
#define LIBGAMMU_MS 717 /* what libgammu itself sleeps a segment */
#define HTTP(name, provider, url, in_flight)                                                                                \
	"{ name = \"" name "\"; driver = \"http\"; provider = \"" provider "\"; base_url = \"" url "\"; rate_per_second = 1000000; in_flight = " \
	in_flight "; }"

static void campaign_rows(struct bench *b, const char *measure, const struct campaign_figures *f, const char *aim, double aim_value)
{
	report_add(&b->report, (struct figure){ measure, "on the wire", "/s", f->wire.per_second,
		   !strcmp(measure, "keepalive") ? "6,000/s batched, 4,000/s single" : NULL, 6000, aim, aim_value });
	report_add(&b->report, (struct figure){ measure, "CPU of core and driver", "s/1,000", f->cpu_s_per_1000, .aim = "<= 0.08 CPU-s/1,000",
						.aim_value = 0.08 });
	report_add(&b->report, (struct figure){ measure, "CPU of the core alone", "s/1,000", f->core_cpu_s_per_1000, .peer = NULL });
}

void sending_keepalive(struct bench *b)
{
	int n = bench_size(b, CAMPAIGN);
	struct rig *r = rig_new(HTTP("api", "sim", "@API@", "64"), false);
	report_say(&b->report, "keepalive: a campaign of %d through an API that knows keys", n);
	rig_people(r, "a", 0, n, NULL);
	struct campaign_figures f = rig_campaign(r, "a", "api", &r->g->api, n, LIMIT_MS);
	campaign_rows(b, "keepalive", &f, "20,000/s", 20000);
	rig_free(r);
}

void sending_fresh(struct bench *b)
{
	int n = bench_size(b, CAMPAIGN);
	struct rig *r = rig_new(HTTP("once", "sim-once", "@ONCE@", "8"), false);
	report_say(&b->report, "fresh: a campaign of %d through an API without keys, a connection each", n);
	rig_people(r, "a", 0, n, NULL);
	struct campaign_figures f = rig_campaign(r, "a", "once", &r->g->once, n, LIMIT_MS);
	campaign_rows(b, "fresh", &f, "6,000/s", 6000);
	rig_free(r);
}

static void latency_of(struct bench *b, struct rig *r, const char *group, const char *channel, int in_flight, int n, const char *name)
{
	struct campaign_figures f = rig_campaign(r, group, channel, &r->g->api, n, LIMIT_MS);
	double limit = in_flight * 1000.0 / 50.0;
	char rate[64];
	snprintf(rate, sizeof(rate), "  (%d in flight: %.0f/s of %.0f/s)", in_flight, f.wire.per_second, limit);
	report_add(&b->report, (struct figure){ "latency", name, "of limit", f.wire.per_second / limit,
		   in_flight == 64 ? "1,230/s" : NULL, in_flight == 64 ? 1230 / limit : 0, ">= 0.96", 0.96 });
	report_say(&b->report, "%s", rate);
}

void sending_latency(struct bench *b)
{
	int n64 = bench_size(b, 12800), n256 = bench_size(b, 51200);
	struct rig *r = rig_new(HTTP("api64", "sim", "@API@", "64") ", " HTTP("api256", "sim", "@API@", "256"), false);
	report_say(&b->report, "latency: a provider that answers after 50 ms");
	rig_people(r, "a", 0, n64, NULL);
	rig_people(r, "b", 200000, n256, NULL);
	simapi_tell(&r->g->api, "{\"op\":\"mode\",\"latency_ms\":50}");
	latency_of(b, r, "a", "api64", 64, n64, "64 in flight");
	latency_of(b, r, "b", "api256", 256, n256, "256 in flight");
	rig_free(r);
}

void sending_slow_disk(struct bench *b)
{
	int n = bench_size(b, 20000);
	double rate[2];
	report_say(&b->report, "slow-disk: the same campaign of %d with 5 ms more a sync", n);
	for (int slow = 0; slow < 2; slow++) {
		struct rig *r = rig_new(HTTP("api", "sim", "@API@", "64"), slow);
		rig_people(r, "a", 0, n, NULL);
		struct campaign_figures f = rig_campaign(r, "a", "api", &r->g->api, n, LIMIT_MS);
		rate[slow] = f.wire.per_second;
		rig_free(r);
	}
	report_add(&b->report, (struct figure){ "slow-disk", "rate left", "of fast", rate[0] > 0 ? rate[1] / rate[0] : 0, .aim = ">= 0.5",
						.aim_value = 0.5 });
	report_add(&b->report, (struct figure){ "slow-disk", "with 5 ms", "/s", rate[1], .peer = NULL });
}

/* ---- the modem ---- */

/* Mean time between segments by the simulator's journal. */
static double segment_ms(struct rig *r, int *ret_n)
{
	OWN(json) json_t *sent = simmodem_ask(&r->g->modem, "{\"op\":\"sent\"}");
	json_t *list = json_object_get(sent, "sent");
	size_t n = json_array_size(list);
	*ret_n = (int)n;
	if (n < 2)
		return 0;
	int64_t first = json_int(json_array_get(list, 0), "at_ms", 0), last = json_int(json_array_get(list, n - 1), "at_ms", 0);
	return (double)(last - first) / (double)(n - 1);
}

void sending_modem(struct bench *b)
{
	int n = bench_size(b, 40), segments = 0;
	struct rig *r = rig_new("{ name = \"sim1\"; driver = \"gammu\"; device = \"@MODEM@\"; connection = \"at115200\"; rate_per_minute = 6000;"
				" daily_segments = 100000; monthly_persons = 100000; }", false);
	report_say(&b->report, "modem: a modem that answers at once, %d messages of two segments", n);
	rig_people(r, "a", 0, n, NULL);
	gateway_campaign(r->g, "a", "sim1", "Kính gửi {{name}}: xã mở đợt hỗ trợ xóa nhà tạm, mời đăng ký tại nhà văn hóa thôn trước ngày 30/11. "
			 "Từ chối: TC", n);
	gateway_wait(r->g, "all segments", "SELECT min(state NOT IN ('held', 'queued', 'sending')) FROM message WHERE key LIKE 'campaign:%'", LIMIT_MS);
	double each = segment_ms(r, &segments);
	report_add(&b->report, (struct figure){ "modem", "a segment", "ms", each, .peer = NULL });
	report_add(&b->report, (struct figure){ "modem", "over libgammu's 717 ms", "ms", each - LIBGAMMU_MS, .aim = "<= 20 ms", .aim_value = 20 });
	report_say(&b->report, "  (%d segments)", segments);
	rig_free(r);
}
