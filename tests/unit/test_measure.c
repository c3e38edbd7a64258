// SPDX-License-Identifier: GPL-3.0-or-later
/* `text measure`: what forces Unicode, what plain letters save, which words then say something else, how carriers bill. Runs from
 * the repository's root. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/scope.h"
#include "gateway/sense.h"
#include "gateway/verb.h"
#include "handlers/wordcheck.h"

static int ask(const char *text, const char *profile, const char *class, json_t **ret, struct refusal *why)
{
	struct config config = { .file = (char *)(uintptr_t) "config/caunoi.conf" };
	struct scope in = { .config = &config };
	OWN(json) json_t *args = json_pack("{s:s, s:s?, s:s}", "text", text, "profile", profile, "class", class);
	struct call call = { .args = args };
	int64_t next = -1;
	return text_verbs.verbs[0].query(&in, &call, ret, &next, why);
}

static json_t *measure(const char *text, const char *profile, const char *class)
{
	json_t *out = NULL;
	struct refusal why = { 0 };
	if (ask(text, profile, class, &out, &why))
		fail_msg("%s: %s", why.rule, why.text);
	return out;
}

/* Texts of an array, or the field of its objects, joined by commas. */
static void join(const json_t *array, const char *field, char *out, size_t room)
{
	size_t i, n = 0;
	json_t *value;
	out[0] = '\0';
	json_array_foreach(array, i, value)
		n += (size_t)snprintf(out + n, room - n, "%s%s", i ? "," : "", field ? json_str(value, field, "") : json_string_value(value));
}

static void measure_names_what_forces_unicode_and_what_plain_saves(void **state)
{
	(void)state;
	static const struct {
		const char *label, *text, *encoding, *forcing, *plain;
		int segments, plain_segments;
	} rows[] = {
		{ "plain", "Nha toi", "gsm7", "", "Nha toi", 1, 1 },
		{ "letters of the alphabet", "à è ù", "gsm7", "", "a e u", 1, 1 },
		{ "accents", "Thẻ hết hạn, thẻ", "ucs2", "ẻ,ế,ạ", "The het han, the", 1, 1 },
		{ "one accent turns three segments into one",
		  "The BHYT cua ho ong Nguyen Van A hết han 30/11. Gia han tai Diem thu xa Ban Lau. Tra loi: 1=da gia han 2=can giup 3=khong tham gia. Tu choi: TC",
		  "ucs2", "ế",
		  "The BHYT cua ho ong Nguyen Van A het han 30/11. Gia han tai Diem thu xa Ban Lau. Tra loi: 1=da gia han 2=can giup 3=khong tham gia. Tu choi: TC",
		  3, 1 },
		{ "decomposed is composed", "he\u0302\u0301t", "ucs2", "ế", "het", 1, 1 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char forcing[256];
		OWN(json) json_t *m = measure(rows[i].text, NULL, "social_policy");
		const json_t *folded = json_object_get(m, "folded");
		join(json_object_get(m, "forcing"), NULL, forcing, sizeof(forcing));
		print_message("%s\n", rows[i].label);
		assert_string_equal(json_str(m, "encoding", ""), rows[i].encoding);
		assert_string_equal(forcing, rows[i].forcing);
		assert_string_equal(json_str(folded, "text", ""), rows[i].plain);
		assert_int_equal(json_int(m, "segments", -1), rows[i].segments);
		assert_int_equal(json_int(folded, "segments", -1), rows[i].plain_segments);
		assert_int_equal(json_int(m, "saving", -1), rows[i].segments - rows[i].plain_segments);
	}
}

static void words_that_say_something_else_are_told_unless_neighbours_help(void **state)
{
	(void)state;
	static const struct {
		const char *label, *text, *words;
	} rows[] = {
		{ "nothing", "Bà con đi khám sức khỏe", "" },
		{ "sell or friend", "Nhà nước không bán nhà", "bán" },
		{ "clear by what follows", "Cửa hàng bán hàng", "" },
		{ "registered is clear", "Đã đăng ký thẻ BHYT", "" },
		{ "a period is not", "Trả theo kỳ", "kỳ" },
		{ "stop or don't", "Dừng nhận tin, đừng nhận tin", "dừng,đừng" },
		{ "told once", "đắt quá, ĐẮT lắm, đắt", "đắt" },
		{ "a storm with its number", "Bão số 5", "" },
		{ "plain text has nothing to lose", "ban nha, dung nhan tin", "" },
		{ "decomposed", "kho\u0302ng ba\u0301n", "bán" },
		{ "other letters around", "«bán»…", "bán" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char words[256];
		OWN(json) json_t *m = measure(rows[i].text, NULL, "social_policy");
		join(json_object_get(m, "sense"), "word", words, sizeof(words));
		if (strcmp(words, rows[i].words) != 0)
			fail_msg("%s: '%s'", rows[i].label, words);
	}
	OWN(json) json_t *m = measure("Xã không bán", NULL, "social_policy");
	char reads[64];
	join(json_object_get(json_array_get(json_object_get(m, "sense"), 0), "reads"), NULL, reads, sizeof(reads));
	assert_string_equal(reads, "bạn,bản,ban");
}

static json_t *billing_of(int n_chars, const char *letter, const char *class)
{
	char text[2000] = "";
	for (int i = 0; i < n_chars; i++)
		strncat(text, letter, sizeof(text) - strlen(text) - 1);
	OWN(json) json_t *m = measure(text, "esms", class);
	return json_incref(json_object_get(m, "billing"));
}

static void carriers_count_as_their_profile_says(void **state)
{
	(void)state;
	static const struct {
		const char *label, *letter, *class;
		int n_chars, segments; /* 0 = refused */
	} rows[] = {
		{ "care", "a", "service", 160, 1 },	{ "care", "a", "service", 161, 2 },	{ "care", "a", "service", 306, 2 },
		{ "care", "a", "service", 307, 3 },	{ "care", "a", "service", 459, 3 },	{ "care", "a", "service", 460, 0 },
		{ "advert", "a", "advert", 122, 1 },	{ "advert", "a", "advert", 123, 2 },	{ "advert", "a", "advert", 268, 2 },
		{ "advert", "a", "advert", 269, 3 },	{ "advert", "a", "advert", 421, 3 },	{ "advert", "a", "advert", 422, 0 },
		{ "two septets each", "€", "advert", 62, 2 }, { "accents", "ạ", "service", 70, 1 }, { "accents", "ạ", "service", 71, 2 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(json) json_t *b = billing_of(rows[i].n_chars, rows[i].letter, rows[i].class);
		if (json_int(b, "segments", 0) != rows[i].segments || json_is_null(json_object_get(b, "segments")) != !rows[i].segments)
			fail_msg("%s, %d: %d", rows[i].label, rows[i].n_chars, (int)json_int(b, "segments", 0));
		assert_string_equal(json_str(b, "profile", ""), "esms");
	}
}

static void an_unknown_profile_is_not_found(void **state)
{
	(void)state;
	OWN(json) json_t *out = NULL;
	struct refusal why = { 0 };
	assert_int_equal(ask("a", "no-such", "service", &out, &why), E_NOT_FOUND);
	assert_int_equal(why.status, 404);
	refusal_done(&why);
	OWN(json) json_t *plain = measure("a", NULL, "service");
	assert_null(json_object_get(plain, "billing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(measure_names_what_forces_unicode_and_what_plain_saves),
		cmocka_unit_test(words_that_say_something_else_are_told_unless_neighbours_help),
		cmocka_unit_test(carriers_count_as_their_profile_says),
		cmocka_unit_test(an_unknown_profile_is_not_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
