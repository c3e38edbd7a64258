/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of signing up by SMS: one row a household, what is missing is asked for, the result is texted in plain words, and the list that is
 * posted names nobody's number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/flow.h"
#include "gateway/outbox.h"
#include "gateway/store/store.h"
#include "handlers/chain.h"
#include "handlers/damm.h"
#include "handlers/keywords.h"
#include "handlers/signup.h"
#include "tests/support/village.h"

#define PEOPLE 6

static void number_of(int i, char ret[16])
{
	snprintf(ret, 16, "+8491200%04d", i);
}

static const char *topic_of_programme(const struct scope *in, const char *name)
{
	const json_t *programme = signup_programme(in, name);
	return programme ? json_str(programme, "topic", "") : NULL;
}

static void must(struct fixture *f, const char *verb, const char *args)
{
	OWN(json) json_t *out = NULL;
	struct refusal why = { 0 };
	if (fixture_command(f, verb, args, &out, &why))
		fail_msg("%s %s: %s", verb, args, why.text);
}

/* A campaign that carries the programme reached everybody. */
static void invite(struct village *v)
{
	must(v->f, "group.add", "{\"name\":\"g\"}");
	must(v->f, "campaign.new", "{\"name\":\"c\",\"group\":\"g\",\"text\":\"Dang ky xoa nha tam. Tu choi: TC\",\"signup\":\"nha-tam\"}");
	for (int i = 0; i < PEOPLE; i++) {
		char number[16], key[32];
		int64_t id = 0;
		number_of(i, number);
		int64_t address = fixture_address(v->f, number);
		snprintf(key, sizeof(key), "campaign:1:%d", i + 1);
		struct outbox_put put = { .key = key, .flow = FLOW_SINGLE, .address = address, .text = "x", .class = CLASS_SOCIAL_POLICY };
		assert_int_equal(outbox_put(fixture_begin(v->f), &put, &id), 0);
		fixture_commit(v->f);
	}
	char sql[200];
	snprintf(sql, sizeof(sql), "UPDATE message SET state = 'delivered', claimed_at = %lld, flow = (SELECT flow FROM campaign WHERE id = 1)", (long long)clock_now_ms(&v->f->clock));
	assert_int_equal(store_script(v->f->db, sql), 0);
	snprintf(sql, sizeof(sql), "UPDATE flow SET delivered = %d WHERE id = (SELECT flow FROM campaign WHERE id = 1)", PEOPLE);
	assert_int_equal(store_script(v->f->db, sql), 0);
}

static struct village *settle(void)
{
	static const char *const hamlets[][2] = { { "1", "Thôn Nà Lang" }, { "2", "Bản Khuổi Hoi" }, { "3", "Thôn 5" }, { "4", "Xóm Mới" }, { "5", "Xóm Mới" } };
	struct village *v = village_new(NULL, 0);
	v->f->wiring.programme = topic_of_programme;
	for (size_t i = 0; i < COUNT_OF(hamlets); i++) {
		char args[120];
		snprintf(args, sizeof(args), "{\"code\":\"%s.%s\",\"name\":\"%s\"}", v->f->config->organisation.unit, hamlets[i][0], hamlets[i][1]);
		must(v->f, "unit.add", args);
	}
	invite(v);
	return v;
}

static int64_t count(struct village *v, const char *sql)
{
	return store_scalar(v->f->db, sql, -1);
}

static json_t *list(struct village *v, const char *verb, const char *args)
{
	json_t *rows = NULL;
	assert_int_equal(fixture_query(v->f, verb, args, &rows, NULL), 0);
	return rows;
}

static const char *const signup_test_sql[] = { "SELECT text FROM message WHERE address = $address ORDER BY id DESC LIMIT 1" };
static const struct sql_module signup_test_module = { "signup_test", signup_test_sql, 1 };

/* What that person heard last; the caller's. */
static char *heard(struct village *v, int who)
{
	char number[16];
	number_of(who, number);
	int64_t address = fixture_address(v->f, number);
	struct statement *st = store_prepare(v->f->db, &signup_test_module, 0);
	bind_int(st, "$address", address);
	char *text = store_row(st) > 0 ? strdup(column_text(st, 0)) : strdup("");
	store_reset(st);
	return text;
}

/* Says it; the answer must begin with those words. */
static void say(struct village *v, int who, const char *text, const char *wanted)
{
	char number[16];
	number_of(who, number);
	village_put(v, number, text);
	clock_advance(&v->f->clock, 20000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(core_tick(v->f->core), 0);
	OWN(mem) char *last = heard(v, who);
	if (strncmp(last, wanted, strlen(wanted)) != 0)
		fail_msg("'%s': '%s' instead of '%s'", text, last, wanted);
}

static json_t *show(struct village *v, int id)
{
	char args[32];
	snprintf(args, sizeof(args), "{\"id\":\"%d\"}", id);
	return list(v, "signup.show", args);
}

static void expect(struct village *v, int id, const char *state, const char *head, const char *hamlet)
{
	OWN(json) json_t *row = show(v, id);
	assert_string_equal(json_str(row, "state", ""), state);
	assert_string_equal(json_str(row, "head", ""), head);
	assert_string_equal(json_str(row, "hamlet", ""), hamlet);
}

static void household_is_told_back_and_confirmed(void **state)
{
	(void)state;
	struct village *v = settle();
	say(v, 1, "dk giang a pao na lang", "Da nhan dang ky: chu ho Giang A Pao, thon Na Lang. Ma NT");
	expect(v, 1, "received", "Giang A Pao", "Thôn Nà Lang");
	OWN(json) json_t *row = show(v, 1);
	const char *code = json_str(row, "code", "");
	assert_true(damm_valid(code + 2));
	say(v, 1, "1", "Cam on. NT");
	expect(v, 1, "confirmed", "Giang A Pao", "Thôn Nà Lang");
	char ask[32], wanted[80];
	snprintf(ask, sizeof(ask), "xem %s", code + 2);
	snprintf(wanted, sizeof(wanted), "%s: cho can bo den xac minh tu ", code);
	say(v, 1, ask, wanted);
	say(v, 2, code, code);
	OWN(mem) char *other = heard(v, 2);
	assert_null(strstr(other, "xac minh"));
	assert_int_equal(count(v, "SELECT count(*) FROM casefile"), 0);
	village_free(v);
}

static void second_time_is_an_update(void **state)
{
	(void)state;
	struct village *v = settle();
	say(v, 1, "dk giang a pao na lang", "Da nhan dang ky: chu ho Giang A Pao, thon Na Lang.");
	say(v, 1, "1", "Cam on.");
	say(v, 1, "DK Giàng A Páo, thôn 5", "Da nhan dang ky: chu ho Giang A Pao, thon 5.");
	expect(v, 1, "received", "Giàng A Páo", "Thôn 5");
	say(v, 2, "dk giang a pao thon 5", "NT"); /* the same head and hamlet from another telephone */
	say(v, 1, "dk giang a pao", "Da nhan dang ky: chu ho Giang A Pao, thon 5."); /* the hamlet is known */
	assert_int_equal(count(v, "SELECT count(*) FROM enrolment"), 1);
	say(v, 1, "dk giang thi may thon 5", "Da nhan dang ky: chu ho Giang Thi May, thon 5."); /* two households, one telephone */
	assert_int_equal(count(v, "SELECT count(*) FROM enrolment"), 2);
	village_free(v);
}

static void what_is_missing_is_asked_for(void **state)
{
	(void)state;
	struct village *v = settle();
	say(v, 1, "dk pao", "Thieu ten thon. Ong/ba o thon nao?");
	say(v, 1, "na lang", "Da nhan dang ky: chu ho Pao, thon Na Lang.");
	say(v, 2, "dk thon 5", "Thieu ten chu ho.");
	say(v, 2, "huy", "Da nhan dang ky: chu ho Huy, thon 5."); /* a name, where a name was asked for */
	assert_int_equal(count(v, "SELECT count(*) FROM optout"), 0);
	say(v, 3, "dk dang thi sau xom moi", "Thon nao? Tra loi mot so: 1=Xom Moi so 4 2=Xom Moi so 5 0=thon khac.");
	say(v, 3, "2", "Da nhan dang ky: chu ho Dang Thi Sau, xom Moi.");
	OWN(json) json_t *third = show(v, 3);
	assert_string_equal(json_str(third, "unit", "") + 5, ".5");
	say(v, 4, "dk nha tam", "Dang ky xoa nha tam: tra loi DK + ten chu ho + thon.");
	say(v, 4, "dk ly van sang thon ta lung", "Chua tim thay thon nay trong xa.");
	say(v, 4, "ta lung", "Da nhan dang ky: chu ho Ly Van Sang, thon Ta Lung.");
	OWN(json) json_t *asked = list(v, "signup.list", "{\"wants-person\":true}");
	assert_int_equal(json_array_size(asked), 1);
	assert_int_equal(count(v, "SELECT count(*) FROM enrolment"), 4);
	say(v, 5, "dk giang a pao", "Thieu ten thon."); /* and no answer */
	clock_advance(&v->f->clock, 2 * DAY_MS);
	OWN(json) json_t *later = list(v, "signup.list", "{\"wants-person\":true}");
	assert_int_equal(json_array_size(later), 2);
	village_free(v);
}

static void wrong_part_is_asked_again(void **state)
{
	(void)state;
	struct village *v = settle();
	say(v, 1, "dk giang a pao na lang", "Da nhan dang ky");
	say(v, 1, "2", "Sai o dau?");
	say(v, 1, "1", "Thieu ten chu ho.");
	say(v, 1, "Giang A Phao", "Da nhan dang ky: chu ho Giang A Phao, thon Na Lang.");
	say(v, 1, "sai roi", "Sai o dau?");
	say(v, 1, "thon", "Thieu ten thon.");
	say(v, 1, "khuoi hoy", "Da nhan dang ky: chu ho Giang A Phao, ban Khuoi Hoi.");
	say(v, 1, "2 o thon na lang", "Da nhan dang ky: chu ho Giang A Phao, thon Na Lang.");
	say(v, 1, "sai, khuoi hoi", "Sai o dau?"); /* which part is not told */
	say(v, 1, "2", "Thieu ten thon.");
	say(v, 1, "khuoi hoi", "Da nhan dang ky: chu ho Giang A Phao, ban Khuoi Hoi.");
	say(v, 1, "khong dung", "Sai o dau?");
	say(v, 1, "0", "Da ghi dang ky NT");
	expect(v, 1, "received", "Giang A Phao", "Bản Khuổi Hoi");
	OWN(json) json_t *row = show(v, 1);
	assert_string_equal(json_str(row, "wants_person", ""), "asked for");
	village_free(v);
}

static void danger_and_refusal_go_first(void **state)
{
	(void)state;
	struct village *v = settle();
	say(v, 1, "dk cuu voi lu cuon nha toi o na lang", "Nguy hiem tinh mang");
	say(v, 2, "TC", "Nhan luc ");
	say(v, 2, "dk giang a pao na lang", "Da nhan dang ky"); /* who refused campaigns may sign up all the same */
	say(v, 3, "dk pao", "Thieu ten thon.");
	say(v, 3, "tc", "Nhan luc ");
	assert_int_equal(count(v, "SELECT count(*) FROM optout"), 2);
	say(v, 4, "dk mai khong duoc can bo khong ai den xem nha dot", "MTTQ xa da ghi nhan. Ma PA");
	village_free(v);
}

static void result_is_texted_with_its_reason(void **state)
{
	(void)state;
	struct village *v = settle();
	OWN(json) json_t *out = NULL;
	struct refusal why = { 0 };
	say(v, 1, "dk giang a pao na lang", "Da nhan dang ky");
	assert_int_equal(fixture_command(v->f, "signup.decide", "{\"id\":\"1\",\"result\":\"eligible\"}", &out, &why), E_REFUSED); /* nobody has been there */
	assert_string_equal(why.rule, "signup_state");
	refusal_done(&why);
	clock_advance(&v->f->clock, 8 * DAY_MS);
	OWN(json) json_t *late = list(v, "signup.list", "{\"overdue\":true}");
	assert_int_equal(json_array_size(late), 1);
	must(v->f, "signup.visit", "{\"id\":\"1\",\"note\":\"nhà dột\"}");
	why = (struct refusal){ 0 };
	assert_int_equal(fixture_command(v->f, "signup.decide", "{\"id\":\"1\",\"result\":\"not_eligible\"}", &out, &why), E_INVALID); /* without a reason */
	refusal_done(&why);
	must(v->f, "signup.decide", "{\"id\":\"1\",\"result\":\"not_eligible\",\"reason\":\"đã được hỗ trợ năm 2024.\"}");
	OWN(mem) char *text = heard(v, 1);
	assert_non_null(strstr(text, "ho Giang A Pao khong du dieu kien. Ly do: da duoc ho tro nam 2024."));
	expect(v, 1, "notified", "Giang A Pao", "Thôn Nà Lang");
	say(v, 1, "dk giang a pao na lang", "NT");
	OWN(mem) char *again = heard(v, 1);
	assert_non_null(strstr(again, ": khong du dieu kien tu "));
	assert_int_equal(count(v, "SELECT count(*) FROM enrolment"), 1);
	village_free(v);
}

static void posted_list_has_three_columns(void **state)
{
	(void)state;
	struct village *v = settle();
	say(v, 1, "dk giang a pao na lang", "Da nhan dang ky");
	say(v, 2, "dk lo thi may khuoi hoi", "Da nhan dang ky");
	must(v->f, "signup.visit", "{\"id\":\"1\"}");
	must(v->f, "signup.decide", "{\"id\":\"1\",\"result\":\"eligible\"}");
	OWN(json) json_t *rows = list(v, "signup.export", "{\"public\":true}");
	OWN(mem) char *text = json_text(rows);
	assert_string_equal(text, "[{\"head\":\"Giang A Pao\",\"hamlet\":\"Thôn Nà Lang\",\"result\":\"eligible\"}]");
	OWN(json) json_t *own = list(v, "signup.export", "{}");
	OWN(mem) char *all = json_text(own);
	assert_int_equal(json_array_size(own), 2);
	assert_null(strstr(all, "91200"));
	village_free(v);
}

static void staff_write_down_who_has_no_telephone(void **state)
{
	(void)state;
	struct village *v = settle();
	OWN(json) json_t *out = NULL;
	struct refusal why = { 0 };
	must(v->f, "signup.new", "{\"programme\":\"nha-tam\",\"head\":\"Sùng Thị Máy\",\"hamlet\":\"Nà Lang\"}");
	expect(v, 1, "received", "Sùng Thị Máy", "Thôn Nà Lang");
	assert_int_equal(fixture_command(v->f, "signup.new", "{\"programme\":\"nha-tam\",\"head\":\"Lò A Sử\",\"hamlet\":\"Tả Lủng\"}", &out, &why), E_INVALID);
	assert_string_equal(why.field, "hamlet");
	refusal_done(&why);
	assert_int_equal(count(v, "SELECT count(*) FROM enrolment"), 1); /* what was refused left nothing */
	say(v, 1, "dk sung thi may na lang", "Da nhan dang ky: chu ho Sung Thi May, thon Na Lang."); /* the household finds a telephone */
	assert_int_equal(count(v, "SELECT count(*) FROM enrolment WHERE address IS NOT NULL"), 1);
	must(v->f, "signup.set", "{\"id\":\"1\",\"hamlet\":\"khuổi hoi\"}");
	expect(v, 1, "received", "Sùng Thị Máy", "Bản Khuổi Hoi");
	must(v->f, "signup.withdraw", "{\"id\":\"1\",\"reason\":\"đã chuyển đi\"}");
	expect(v, 1, "withdrawn", "Sùng Thị Máy", "Bản Khuổi Hoi");
	say(v, 1, "dk sung thi may khuoi hoi", "Da nhan dang ky");
	expect(v, 1, "received", "Sùng Thị Máy", "Bản Khuổi Hoi");
	village_free(v);
}

/* In a province's office nobody knows the sender's commune: every hamlet of that name is offered, with its commune. */
static void hamlet_found_twice_in_the_province_is_a_choice(void **state)
{
	(void)state;
	struct village *v = settle();
	free(v->f->config->organisation.unit);
	v->f->config->organisation.unit = strdup("08");
	must(v->f, "unit.add", "{\"code\":\"08\",\"name\":\"Tuyên Quang\"}");
	must(v->f, "unit.add", "{\"code\":\"02266\",\"name\":\"Lâm Bình\",\"parent\":\"08\"}");
	must(v->f, "unit.add", "{\"code\":\"02287\",\"name\":\"Chiêm Hóa\",\"parent\":\"08\"}");
	must(v->f, "unit.add", "{\"code\":\"02266.1\",\"name\":\"Thôn Nà Mu\"}");
	must(v->f, "unit.add", "{\"code\":\"02287.1\",\"name\":\"Nà Mu\"}");
	must(v->f, "unit.add", "{\"code\":\"02287.2\",\"name\":\"Bản Cham\"}");
	say(v, 1, "dk giang a pao na mu", "Thon nao? Tra loi mot so: 1=thon Na Mu, Chiem Hoa 2=Thon Na Mu, Lam Binh");
	say(v, 1, "1", "Da nhan dang ky: chu ho Giang A Pao, thon Na Mu.");
	OWN(json) json_t *row = show(v, 1);
	assert_string_equal(json_str(row, "unit", ""), "02287.1");
	say(v, 2, "dk ban cham ly thi mai", "Da nhan dang ky: chu ho Ly Thi Mai, ban Cham.");
	say(v, 3, "dk ly thi mai thon khuoi nao", "Chua tim thay thon nay");
	village_free(v);
}

/* Whoever asks to be forgotten is in no list any more. */
static void forgotten_person_is_in_no_list(void **state)
{
	(void)state;
	struct village *v = settle();
	must(v->f, "contact.add", "{\"name\":\"Giàng A Páo\",\"number\":\"+84912000001\",\"basis\":\"x\"}");
	say(v, 1, "dk giang a pao na lang", "Da nhan dang ky");
	assert_int_equal(store_script(v->f->db, "UPDATE message SET state = 'delivered'"), 0);
	must(v->f, "contact.forget", "{\"id\":1,\"reason\":\"yêu cầu\"}");
	expect(v, 1, "withdrawn", "", "");
	assert_int_equal(count(v, "SELECT count(*) FROM enrolment_event WHERE text IS NOT NULL"), 0);
	village_free(v);
}

/* Names that are other words without their marks are names behind DK, for whoever was invited; what is no name goes as it always does. */
static void names_are_no_commands_and_commands_no_names(void **state)
{
	(void)state;
	static const char *const names[] = {
		"dk vang thi thoi na lang", "dk lo van huy na lang", "dk dung van tien na lang", "dk quan thi huy nam dip", "dk hong thi kho na lang",
		"dk ma thi benh khuoi hoi", "dk nguyen thi cuu na lang", "dk sung a tre na lang", "dk ly van ket thon 5", "dk ban thi hong, thon 5",
		"DK Nông Thị Hồng, Nà Lang", "dk lu thi men thon na lang", "dk tran van gap na lang", "dang ky ho giang a pao na lang", "Đăng ký Hồ Văn Xa, thôn 5",
		"dk khong thi duoc na lang", "dk hoang van chua na lang", "dk luong thi nuoc, na lang", "dk vi van dien thon 5", "dk le thi hoi ban cham",
		"dk dinh van bao thon 5", "dk mai thi the na lang", "dk tong van han na lang", "dk ha thi nhan na lang", "dk dk giang a pao na lang",
	};
	static const struct {
		const char *text;
		enum kind kind;
	} others[] = {
		{ "tc", KIND_OPTOUT }, { "huy dk", KIND_OPTOUT }, { "PA dk mai chua duoc nha", KIND_FEEDBACK }, { "dk cuu voi nha toi bi lu cuon", KIND_URGENT },
		{ "dk roi ma can bo khong ai den", KIND_FEEDBACK }, { "dk nha tam bao gio co tien?", KIND_FEEDBACK }, { "cam on", KIND_ACK },
	};
	static const struct {
		const char *text;
		enum kind kind;
	} answers[] = {
		{ "huy", KIND_SURVEY_ANSWER }, { "Vàng", KIND_SURVEY_ANSWER }, { "vang a phu", KIND_SURVEY_ANSWER }, { "dung", KIND_SURVEY_ANSWER },
		{ "thoi", KIND_SURVEY_ANSWER }, { "nhan", KIND_SURVEY_ANSWER }, { "khuoi hoi", KIND_SURVEY_ANSWER }, { "5", KIND_SURVEY_ANSWER },
		{ "thon 5", KIND_SURVEY_ANSWER }, { "0", KIND_SURVEY_ANSWER }, { "em o thon na lang", KIND_SURVEY_ANSWER }, { "hong", KIND_SURVEY_ANSWER },
		{ "tc", KIND_OPTOUT }, { "tu choi", KIND_OPTOUT }, { "dk giang a pao na lang", KIND_KEYWORD }, { "bhyt", KIND_KEYWORD },
		{ "PA duong hong", KIND_FEEDBACK }, { "cuu voi lu cuon", KIND_URGENT }, { "cam on", KIND_ACK },
	};
	struct keywords *k = NULL;
	struct complaint c = { 0 };
	int bad = 0;
	assert_int_equal(keywords_load("config/caunoi.conf", &k, &c), 0);
	for (size_t i = 0; i < COUNT_OF(names) + COUNT_OF(others); i++) {
		const char *text = i < COUNT_OF(names) ? names[i] : others[i - COUNT_OF(names)].text;
		struct context x = { .topic = "NHAO", .most = -1, .signup = true };
		struct classified got = { 0 };
		assert_int_equal(classify(k, text, &x, &got), 0);
		bool right = i < COUNT_OF(names) ? got.kind == KIND_KEYWORD && got.command == COMMAND_SIGNUP && !got.topical && !got.stop : got.kind == others[i - COUNT_OF(names)].kind;
		if (!right)
			print_error("'%s': %s (%s)\n", text, kind_name(got.kind), got.why);
		bad += !right;
		classified_done(&got);
	}
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		struct context x = { .topic = "NHAO", .most = -1, .question = QUESTION_NAME };
		struct classified got = { 0 };
		assert_int_equal(classify(k, answers[i].text, &x, &got), 0);
		if (got.kind != answers[i].kind)
			print_error("'%s' to a question for a name: %s (%s)\n", answers[i].text, kind_name(got.kind), got.why);
		bad += got.kind != answers[i].kind;
		classified_done(&got);
	}
	keywords_free(k);
	assert_int_equal(bad, 0);
}

/* DK about something else is a wish to be called, as it was. */
static void other_wishes_open_a_case(void **state)
{
	(void)state;
	struct village *v = settle();
	say(v, 1, "dk bhyt", "MTTQ xa da ghi nhan. Ma PA");
	assert_int_equal(count(v, "SELECT count(*) FROM enrolment"), 0);
	village_free(v);
}

/* A commune that gave no table of its hamlets: what its lists say of the sender tells the hamlet from the name, and closes out no other. */
static void listed_hamlet_serves_where_no_table_does(void **state)
{
	(void)state;
	struct village *v = settle();
	assert_int_equal(store_script(v->f->db, "DELETE FROM unit"), 0);
	must(v->f, "contact.add", "{\"number\":\"0912000001\",\"name\":\"Pao\",\"hamlet\":\"Nà Coóc\",\"basis\":\"list\"}");
	say(v, 1, "dk giang a pao na cooc", "Da nhan dang ky: chu ho Giang A Pao, thon Na Cooc.");
	say(v, 1, "dk ly thi sua thon lung vai", "Da nhan dang ky: chu ho Ly Thi Sua, thon Lung Vai.");
	say(v, 2, "dk giang a pao na cooc", "Thieu ten thon.");
	village_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(household_is_told_back_and_confirmed),
		cmocka_unit_test(second_time_is_an_update),
		cmocka_unit_test(what_is_missing_is_asked_for),
		cmocka_unit_test(wrong_part_is_asked_again),
		cmocka_unit_test(danger_and_refusal_go_first),
		cmocka_unit_test(result_is_texted_with_its_reason),
		cmocka_unit_test(posted_list_has_three_columns),
		cmocka_unit_test(staff_write_down_who_has_no_telephone),
		cmocka_unit_test(hamlet_found_twice_in_the_province_is_a_choice),
		cmocka_unit_test(forgotten_person_is_in_no_list),
		cmocka_unit_test(names_are_no_commands_and_commands_no_names),
		cmocka_unit_test(other_wishes_open_a_case),
		cmocka_unit_test(listed_hamlet_serves_where_no_table_does),
	};
	return cmocka_run_group_tests_name("signup", tests, NULL, NULL);
}
