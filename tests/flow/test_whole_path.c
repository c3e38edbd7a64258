/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole way of outreach on one running gateway: a list is imported, a text approved, everybody gets it exactly once by
 * an HTTP API and by a modem behind libgammu, receipts are counted, a villager's long answer becomes a case, and "tu choi"
 * stops what is still on its way to that number. What the simulators' journals show is compared with what the gateway says.
 * The tests stand on each other: one gateway, in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/gateway.h"

#define PEOPLE 1000
#define FIRST 12000000 /* 0912000000 … */
#define MODEM_PEOPLE 20
#define MODEM_FIRST 12900000
#define STOPPED 3 /* so many say "tu choi" */
#define HOOK_SECRET "bi-mat-cua-duong-day-2026"

struct path {
	struct gateway *g;
	int port;
	int64_t api_campaign, modem_campaign;
};

/* ---- the world ---- */

static int free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static int path_up(void **state)
{
	struct path *p = calloc(1, sizeof(*p));
	char more[128], receipts[256];
	p->port = free_port();
	snprintf(more, sizeof(more), "web = { listen = \"127.0.0.1:%d\"; };", p->port);
	p->g = gateway_new(&(struct gateway_options){
		.channels = "{ name = \"modem\"; driver = \"gammu\"; device = \"@MODEM@\"; connection = \"at115200\"; receipts = true;"
			    "  rate_per_minute = 6000; daily_segments = 10000; monthly_persons = 10000; },"
			    "{ name = \"api\"; driver = \"http\"; provider = \"sim\"; base_url = \"@API@\"; rate_per_second = 2000; in_flight = 32;"
			    "  webhook_secret = \"api.hook\"; },"
			    "{ name = \"slow\"; driver = \"http\"; provider = \"sim\"; base_url = \"@API@\"; rate_per_second = 60; in_flight = 32; }",
		.more = more });
	gateway_secret(p->g, "api.hook", HOOK_SECRET);
	snprintf(receipts, sizeof(receipts), "{\"op\":\"receipts\",\"url\":\"http://127.0.0.1:%d/hooks/api/" HOOK_SECRET
		 "/receipt\",\"after_ms\":50}", p->port);
	simapi_tell(&p->g->api, receipts);
	gateway_start(p->g);
	*state = p;
	return 0;
}

static int path_down(void **state)
{
	struct path *p = *state;
	gateway_free(p->g);
	free(p);
	return 0;
}

/* ---- people and what they got ---- */

static void import_people(struct path *p, const char *group, int first, int n)
{
	OWN(buffer) struct buffer csv = { 0 };
	assert_int_equal(buffer_puts(&csv, "\xef\xbb\xbfSố điện thoại;Họ tên;Thôn;Số thẻ\n"), 0);
	for (int i = 0; i < n; i++)
		assert_int_equal(buffer_printf(&csv, "09%d;Giàng A Páo %d;Nà Lang;T%05d\n", first + i, i, i), 0);
	int64_t upload = gateway_upload(p->g, buffer_text(&csv), buffer_left(&csv));
	OWN(json) json_t *started = gateway_do(p->g, "contact.import", json_pack("{s:I,s:s,s:s}", "file", (json_int_t)upload, "group", group,
										 "basis", "Nghị quyết 05, danh sách thôn"));
	OWN(json) json_t *job = gateway_wait_job(p->g, json_int(started, "job", 0), 60000);
	assert_string_equal(json_str(job, "state", ""), "done");
	assert_int_equal(json_int(json_object_get(job, "result"), "added", -1), n);
}

static json_t *campaign(struct path *p, int64_t id)
{
	return gateway_row(p->g, "campaign.show", json_pack("{s:I}", "id", (json_int_t)id));
}

static int64_t count_of(struct path *p, int64_t id, const char *state)
{
	OWN(json) json_t *c = campaign(p, id);
	return json_int(json_object_get(c, "counts"), state, -1);
}

static void wait_count(struct path *p, int64_t id, const char *state, int64_t n, int limit_ms)
{
	int64_t until = gateway_mono_ms() + limit_ms, got;
	while ((got = count_of(p, id, state)) != n)
		if (gateway_mono_ms() > until)
			fail_msg("%lld messages of campaign %lld are %s, %lld were expected", (long long)got, (long long)id, state, (long long)n);
		else
			gateway_pause_ms(50);
}

static void wait_state(struct path *p, int64_t id, const char *state, int limit_ms)
{
	for (int64_t until = gateway_mono_ms() + limit_ms;; gateway_pause_ms(50)) {
		OWN(json) json_t *c = campaign(p, id);
		if (!strcmp(json_str(c, "state", ""), state))
			return;
		if (gateway_mono_ms() > until)
			fail_msg("campaign %lld is %s, not %s", (long long)id, json_str(c, "state", ""), state);
	}
}

/* How often text of each person, made by expect, is in the API's journal: into got[n]. Nothing else may begin with mark. */
static void count_heard(struct path *p, const char *mark, void (*expect)(int i, char *ret, size_t room), int *got, int n)
{
	OWN(file) FILE *f = fopen(p->g->api.journal, "r");
	OWN(mem) char *line = NULL;
	size_t room = 0;
	assert_non_null(f);
	memset(got, 0, (size_t)n * sizeof(*got));
	for (ssize_t got_bytes; (got_bytes = getline(&line, &room, f)) > 0;) {
		OWN(json) json_t *row = NULL;
		char want[512];
		assert_int_equal(json_parse(line, (size_t)got_bytes, &row), 0);
		if (strncmp(json_str(row, "text", ""), mark, strlen(mark)) != 0)
			continue;
		long number = strtol(json_str(row, "to", "+84900000000") + 4, NULL, 10) - FIRST;
		assert_in_range(number, 0, n - 1);
		expect((int)number, want, sizeof(want));
		assert_string_equal(json_str(row, "text", ""), want);
		got[number]++;
	}
}

/* ---- by the API ---- */

static void card_text(int i, char *ret, size_t room)
{
	snprintf(ret, room, "The BHYT cua ong/ba Giang A Pao %d, so T%05d, het han 30/11. Tu choi: TC", i, i);
}

static void path_thousand_people_are_reached_once_by_the_api(void **state)
{
	struct path *p = *state;
	int got[PEOPLE];
	import_people(p, "Thôn Nà Lang", FIRST, PEOPLE);
	int64_t id = p->api_campaign = gateway_campaign(p->g, "Thôn Nà Lang", "api", "The BHYT cua ong/ba {{name}}, so {{Số thẻ}}, het han 30/11. Tu choi: TC", PEOPLE);
	wait_count(p, id, "delivered", PEOPLE, 60000);
	wait_state(p, id, "done", 10000);
	count_heard(p, "The BHYT", card_text, got, PEOPLE);
	for (int i = 0; i < PEOPLE; i++)
		if (got[i] != 1)
			fail_msg("person %d got it %d times", i, got[i]);
	OWN(json) json_t *c = campaign(p, id);
	assert_int_equal(json_int(c, "total", -1), PEOPLE);
	OWN(json) json_t *counts = simapi_ask(&p->g->api, "{\"op\":\"count\"}");
	assert_int_equal(json_int(counts, "duplicates", -1), 0);
	assert_int_equal(json_int(counts, "receipts_lost", -1), 0);
}

/* ---- by the modem ---- */

static void modem_text(int i, char *ret, size_t room)
{
	snprintf(ret, room, "Kính gửi ông/bà Giàng A Páo %d: xã mở đợt hỗ trợ xóa nhà tạm, mời đăng ký tại nhà văn hóa thôn trước ngày 30/11. Từ chối: TC", i);
}

static json_t *heard(struct path *p, int number)
{
	char op[96];
	snprintf(op, sizeof(op), "{\"op\":\"heard\",\"number\":\"+849%d\"}", number);
	return simmodem_ask(&p->g->modem, op);
}

static void path_long_messages_by_the_modem_arrive_joined(void **state)
{
	struct path *p = *state;
	import_people(p, "Nhà tạm", MODEM_FIRST, MODEM_PEOPLE);
	p->modem_campaign = gateway_campaign(p->g, "Nhà tạm", "modem",
					     "Kính gửi ông/bà {{name}}: xã mở đợt hỗ trợ xóa nhà tạm, mời đăng ký tại nhà văn hóa thôn trước ngày 30/11. "
					     "Từ chối: TC", MODEM_PEOPLE);
	wait_count(p, p->modem_campaign, "delivered", MODEM_PEOPLE, 120000);
	for (int i = 0; i < MODEM_PEOPLE; i++) {
		OWN(json) json_t *h = heard(p, MODEM_FIRST + i);
		char want[512];
		modem_text(i, want, sizeof(want));
		assert_int_equal(json_array_size(json_object_get(h, "texts")), 1);
		assert_string_equal(json_string_value(json_array_get(json_object_get(h, "texts"), 0)), want);
		assert_int_equal(json_int(h, "incomplete", -1), 0);
	}
	assert_int_equal(simmodem_sent(&p->g->modem), 2 * MODEM_PEOPLE);
	assert_int_equal(gateway_scalar(p->g, "SELECT count(*) FROM v_attempt a JOIN v_msg m ON m.id = a.msg_id WHERE m.channel = 'modem' "
					      "AND (a.outcome <> 'accepted' OR m.parts <> 2)"), 0);
}

/* ---- what comes back ---- */

static void villager_writes(struct path *p, int number, const char *text, bool reversed)
{
	char from[32];
	snprintf(from, sizeof(from), "+849%d", number);
	OWN(json) json_t *op = json_pack("{s:s,s:s,s:s,s:s}", "op", "deliver", "from", from, "text", text, "encoding", "auto");
	if (reversed)
		json_object_set_new(op, "order", json_pack("[i,i]", 2, 1));
	OWN(mem) char *line = json_text(op);
	simmodem_tell(&p->g->modem, line);
}

static void path_a_long_answer_becomes_one_case(void **state)
{
	static const char text[] = "Đường thôn 5 hỏng cả tháng nay, trời mưa xe không đi được, các cháu đi học rất khổ, mong xã sớm cho sửa.";
	struct path *p = *state;
	villager_writes(p, MODEM_FIRST, text, true);
	gateway_wait(p->g, "a case", "SELECT count(*) FROM casefile", 30000);
	OWN(json) json_t *cases = gateway_rows(p->g, "case.list", NULL);
	assert_int_equal(json_array_size(cases), 1);
	const json_t *c = json_array_get(cases, 0);
	assert_string_equal(json_str(c, "text", ""), text);
	char code[32];
	snprintf(code, sizeof(code), "%s", json_str(c, "code", "?"));
	/* the receipt with the code goes back by the modem */
	bool told = false;
	for (int64_t until = gateway_mono_ms() + 20000; !told && gateway_mono_ms() < until; gateway_pause_ms(100)) {
		OWN(json) json_t *h = heard(p, MODEM_FIRST);
		json_t *texts = json_object_get(h, "texts");
		told = json_array_size(texts) == 2 && strstr(json_string_value(json_array_get(texts, 1)), code);
	}
	assert_true(told);
	assert_int_equal(gateway_scalar(p->g, "SELECT count(*) FROM v_inbound"), 2);
	assert_int_equal(gateway_scalar(p->g, "SELECT count(*) FROM v_inbound WHERE state IN ('received', 'waiting')"), 0);
}

/* The person who is the i-th to say so: from the campaign's middle to its end. */
static int stopper(int i)
{
	return PEOPLE - 1 - i * 200;
}

static void guide_text(int i, char *ret, size_t room)
{
	snprintf(ret, room, "Lich hop thon: Giang A Pao %d moi du 19h toi thu bay. Tu choi: TC", i);
}

static void path_tu_choi_stops_the_rest_of_a_running_campaign(void **state)
{
	struct path *p = *state;
	int got[PEOPLE];
	int64_t id = gateway_campaign(p->g, "Thôn Nà Lang", "slow", "Lich hop thon: {{name}} moi du 19h toi thu bay. Tu choi: TC", PEOPLE);
	static const char *const ways[STOPPED] = { "tu choi", "Từ chối.", "TC" };
	for (int i = 0; i < STOPPED; i++)
		villager_writes(p, FIRST + stopper(i), ways[i], false);
	gateway_wait(p->g, "the opt-outs", "SELECT count(*) = 3 FROM v_optout", 20000);
	OWN(json) json_t *running = campaign(p, id);
	assert_string_equal(json_str(running, "state", ""), "running");
	wait_state(p, id, "done", 60000);
	/* stopped in the queue, or left out because not yet planned */
	OWN(json) json_t *ended = campaign(p, id);
	assert_int_equal(json_int(json_object_get(ended, "counts"), "suppressed", 0) + json_int(json_object_get(ended, "excluded"), "opted_out", 0),
			 STOPPED);
	assert_int_equal(count_of(p, id, "sent") + count_of(p, id, "delivered"), PEOPLE - STOPPED);
	count_heard(p, "Lich hop", guide_text, got, PEOPLE);
	for (int i = 0; i < PEOPLE; i++) {
		bool stopped = i == stopper(0) || i == stopper(1) || i == stopper(2);
		if (got[i] != !stopped)
			fail_msg("person %d got it %d times", i, got[i]);
	}
	for (int i = 0; i < STOPPED; i++) { /* one confirmation, by the way they wrote */
		OWN(json) json_t *h = heard(p, FIRST + stopper(i));
		assert_int_equal(json_array_size(json_object_get(h, "texts")), 1);
	}
	/* counted where they had been reached */
	OWN(json) json_t *c = campaign(p, p->api_campaign);
	assert_int_equal(json_int(c, "opt_outs", -1), STOPPED);
	OWN(json) json_t *m = campaign(p, p->modem_campaign);
	assert_int_equal(json_int(m, "replies", -1), 1);
}

static void path_the_records_agree_with_each_other(void **state)
{
	static const struct {
		const char *label, *sql;
	} laws[] = {
		{ "accepted twice", "SELECT count(*) FROM (SELECT 1 FROM v_attempt WHERE outcome = 'accepted' GROUP BY msg_id, part HAVING count(*) > 1)" },
		{ "success without all parts", "SELECT count(*) FROM v_msg m WHERE m.state IN ('sent', 'delivered') AND (SELECT count(DISTINCT part) FROM "
					       "v_attempt a WHERE a.msg_id = m.id AND (a.outcome = 'accepted' OR a.proof = 'accepted')) <> m.parts" },
		{ "sent after the opt-out", "SELECT count(*) FROM v_attempt a JOIN v_msg m ON m.id = a.msg_id JOIN v_optout x ON x.contact = m.contact "
					    "WHERE m.class = 'social_policy' AND a.seq > x.seq" },
		{ "inbound left", "SELECT count(*) FROM v_inbound WHERE state = 'received'" },
		{ "unclear", "SELECT count(*) FROM v_attempt WHERE outcome = 'unclear'" },
		{ "too early", "SELECT count(*) FROM v_attempt WHERE handed_at < not_before" },
		{ "audit chain", "SELECT count(*) FROM (SELECT seq, prev_hash, lag(hash) OVER (PARTITION BY chain ORDER BY seq) ph, lag(seq) OVER "
				 "(PARTITION BY chain ORDER BY seq) ps FROM v_audit) WHERE ps IS NOT NULL AND (seq <> ps + 1 OR prev_hash <> ph)" },
	};
	struct path *p = *state;
	for (size_t i = 0; i < COUNT_OF(laws); i++) {
		int64_t n = gateway_scalar(p->g, laws[i].sql);
		if (n)
			fail_msg("%s: %lld", laws[i].label, (long long)n);
	}
	gateway_stop(p->g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_thousand_people_are_reached_once_by_the_api),
		cmocka_unit_test(path_long_messages_by_the_modem_arrive_joined),
		cmocka_unit_test(path_a_long_answer_becomes_one_case),
		cmocka_unit_test(path_tu_choi_stops_the_rest_of_a_running_campaign),
		cmocka_unit_test(path_the_records_agree_with_each_other),
	};
	return cmocka_run_group_tests(tests, path_up, path_down);
}
