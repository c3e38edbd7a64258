/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and hamlets out of what people write: any order, with and without commas, dialects, minority names, slips of the thumb, and what
 * must not be taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "handlers/household.h"

/* A commune of the mountains, one of the Cơ Tu, one with numbers. */
static const char *const mountains[][2] = {
	{ "02269.1", "Thôn Nà Lang" }, { "02269.2", "Bản Khuổi Hoi" }, { "02269.3", "Thôn 5" },    { "02269.4", "Nà Lau" },
	{ "02269.5", "Bản Lầu" },      { "02269.6", "Tổ dân phố 2" },  { "02269.7", "Pác Ngòi" }, { "02269.8", "Thôn Bản Thàng" },
	{ "02269.9", "Xóm Mới" },      { "02269.10", "Thôn 15" },      { "02269.11", "Trung Sơn" }, { "02269.12", "Xóm Mới" },
	{ "02269.13", "Thôn Bh'lô Bền" }, { "02269.14", "Nặm Đíp" },   { "02269.15", "Thôn Xuân Giang" }, { "02269.16", "Tổ 5" },
};

static void fill(struct hamlets *h)
{
	*h = (struct hamlets){ 0 };
	for (size_t i = 0; i < COUNT_OF(mountains); i++)
		assert_int_equal(hamlets_add(h, mountains[i][0], mountains[i][1], NULL), 0);
}

static const char *code_of(const struct hamlets *h, const struct household *who)
{
	return who->n_fits == 0 ? "" : who->n_fits > 1 ? "?" : h->at[who->fits[0]].code + 6;
}

/* hamlet: the number behind the commune's code, "" none found, "?" several; written: named, and in no list. */
static const struct {
	const char *text, *head, *hamlet, *written;
} cases[] = {
	/* as the campaign says */
	{ "DK Giang A Pao, Na Lang", "Giang A Pao", "1", "" },
	{ "dk giang a pao na lang", "Giang A Pao", "1", "" },
	{ "DK GIANG A PAO NA LANG", "Giang A Pao", "1", "" },
	{ "ĐK Giàng A Páo, Nà Lang", "Giàng A Páo", "1", "" },
	{ "dk + giang a pao + na lang", "Giang A Pao", "1", "" },
	{ "dk Giang A Pao - Na Lang.", "Giang A Pao", "1", "" },
	{ "dk giang a pao/na lang", "Giang A Pao", "1", "" },
	{ "dk giang a pao\nna lang", "Giang A Pao", "1", "" },
	{ "dang ky giang a pao na lang", "Giang A Pao", "1", "" },
	{ "Dki giang a pao na lang", "Giang A Pao", "1", "" },
	/* what stands around it */
	{ "dk chu ho giang a pao thon na lang", "Giang A Pao", "1", "" },
	{ "dk ho ten giang a pao o thon na lang", "Giang A Pao", "1", "" },
	{ "dk nha tam giang a pao na lang", "Giang A Pao", "1", "" },
	{ "dk xoa nha tam cho ho ong giang a pao na lang", "Giang A Pao", "1", "" },
	{ "dk hộ Giàng A Páo thôn Nà Lang", "Giàng A Páo", "1", "" },
	{ "dk ong giang a pao na lang nhe can bo", "Giang A Pao", "1", "" },
	{ "dk giang a pao na lang cam on can bo", "Giang A Pao", "1", "" },
	{ "dk ten toi la giang a pao, thon na lang a", "Giang A Pao", "1", "" },
	{ "dk giang a pao thon na lang xa thuong lam", "Giang A Pao", "1", "" },
	{ "dk giang a pao, na lang, xa thuong lam, tinh tuyen quang", "Giang A Pao", "1", "" },
	{ "dk giang a pao na lang 0912345678", "Giang A Pao", "1", "" },
	{ "dk giang a pao 001089012345, na lang", "Giang A Pao", "1", "" },
	{ "dk Giang A Pao, 1980, Na Lang", "Giang A Pao", "1", "" },
	/* the hamlet first */
	{ "dk na lang giang a pao", "Giang A Pao", "1", "" },
	{ "dk thon na lang, giang a pao", "Giang A Pao", "1", "" },
	{ "dk thon na lang chu ho giang a pao", "Giang A Pao", "1", "" },
	{ "dk ban khuoi hoi lo thi may", "Lo Thi May", "2", "" },
	/* the longest hamlet wins; short and long ones side by side */
	{ "dk sung mi na na lau", "Sung Mi Na", "4", "" },
	{ "dk trieu thi kieu ban lau", "Trieu Thi Kieu", "5", "" },
	{ "dk trieu thi kieu thon ban lau", "Trieu Thi Kieu", "5", "" },
	{ "dk ma van phuc ban thang", "Ma Van Phuc", "8", "" },
	{ "dk nong thi hoi khuoi hoi", "Nong Thi Hoi", "2", "" },
	/* numbers */
	{ "dk ban van dang thon 5", "Ban Van Dang", "3", "" },
	{ "dk ban van dang thon nam", "Ban Van Dang", "3", "" },
	{ "dk ban van dang thon 05", "Ban Van Dang", "3", "" },
	{ "dk ban van dang thon5", "Ban Van Dang", "3", "" },
	{ "dk ban van dang t5", "Ban Van Dang", "3", "" },
	{ "dk ban van dang to 5", "Ban Van Dang", "16", "" },
	{ "dk ban van dang to 2", "Ban Van Dang", "6", "" },
	{ "dk ban van dang to dan pho 2", "Ban Van Dang", "6", "" },
	{ "dk ban van dang, 15", "Ban Van Dang", "10", "" },
	{ "dk thon 15 ban van dang", "Ban Van Dang", "10", "" },
	{ "dk ban van dang 5", "Ban Van Dang", "?", "" },
	{ "dk ban van dang thon 7", "Ban Van Dang", "", "thon 7" },
	/* two of one name */
	{ "dk dang thi sau xom moi", "Dang Thi Sau", "?", "" },
	/* names that end as a place begins */
	{ "dk lo van ban na lang", "Lo Van Ban", "1", "" },
	{ "dk vang a to thon na lang", "Vang A To", "1", "" },
	{ "dk nguyen thi lang na lau", "Nguyen Thi Lang", "4", "" },
	{ "dk ly van khu pac ngoi", "Ly Van Khu", "7", "" },
	/* families and peoples */
	{ "dk Alăng Bhuôch, Bh'lô Bền", "Alăng Bhuôch", "13", "" },
	{ "dk alang bhuoch bh'lo ben", "Alang Bhuoch", "13", "" },
	{ "dk Zơrâm Thị Nhất thôn Xuân Giang", "Zơrâm Thị Nhất", "15", "" },
	{ "dk ho van gia trung son", "Ho Van Gia", "11", "" },
	{ "dk Hồ Văn Già, Trung Sơn", "Hồ Văn Già", "11", "" },
	{ "dk đặng thị mẩy nặm đíp", "Đặng Thị Mẩy", "14", "" },
	{ "dk phung chong phin pac ngoi", "Phung Chong Phin", "7", "" },
	{ "dk quan thi huy nam dip", "Quan Thi Huy", "14", "" },
	{ "dk vu thi thoi trung son", "Vu Thi Thoi", "11", "" },
	/* slips and sounds */
	{ "dk giang a pao na lanh", "Giang A Pao", "1", "" },
	{ "dk giang a pao na lnag", "Giang A Pao", "1", "" },
	{ "dk giang a pao nalang", "Giang A Pao", "1", "" },
	{ "dk giang a pao la lang", "Giang A Pao", "1", "" },
	{ "dk lo thi may khuoi hoy", "Lo Thi May", "2", "" },
	{ "dk lo thi may khoi hoi", "Lo Thi May", "2", "" },
	{ "dk ma van phuc chung son", "Ma Van Phuc", "11", "" },
	{ "dk ma van phuc suan giang", "Ma Van Phuc", "15", "" },
	{ "dk ma van phuc xuan dang", "Ma Van Phuc", "15", "" },
	{ "dk ma van phuc pacngoi", "Ma Van Phuc", "7", "" },
	/* something is missing */
	{ "dk pao", "Pao", "", "" },
	{ "dk giang a pao", "Giang A Pao", "", "" },
	{ "dk nguyen thi lan", "Nguyen Thi Lan", "", "" },
	{ "dk giang a lang", "Giang A Lang", "", "" },
	{ "dk hoang van moi", "Hoang Van Moi", "", "" },
	{ "dk na lang", "", "1", "" },
	{ "dk thon 5", "", "3", "" },
	{ "dk", "", "", "" },
	{ "dk nha tam", "", "", "" },
	/* a hamlet of elsewhere */
	{ "dk giang a pao thon ta lung", "Giang A Pao", "", "thon Ta Lung" },
	{ "dk giang a pao, ta lung", "Giang A Pao", "", "thôn Ta Lung" },
	{ "dk thon ta lung, giang a pao", "Giang A Pao", "", "thon Ta Lung" },
};

static void name_and_hamlet_are_told_apart(void **state)
{
	(void)state;
	OWN(json) json_t *programme = json_pack("[s,s,s]", "nha tam", "xoa nha tam", "nha dot nat");
	struct hamlets h;
	int bad = 0;
	fill(&h);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct household who;
		assert_int_equal(household_read(cases[i].text, programme, &h, &who), 0);
		if (strcmp(who.head, cases[i].head) || strcmp(code_of(&h, &who), cases[i].hamlet) || strcmp(who.written, cases[i].written)) {
			print_error("'%s': head '%s' hamlet '%s' written '%s'\n", cases[i].text, who.head, code_of(&h, &who), who.written);
			bad++;
		}
	}
	hamlets_done(&h);
	assert_int_equal(bad, 0);
}

/* The key of a household: what is written with and without marks and titles is one. */
static void one_household_has_one_key(void **state)
{
	(void)state;
	static const char *const same[] = { "dk Giàng A Páo, Nà Lang", "DK GIANG A PAO NA LANG", "dk ong giang a pao thon na lang", "dk na lang giang a pao" };
	struct hamlets h;
	fill(&h);
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		struct household who;
		assert_int_equal(household_read(same[i], NULL, &h, &who), 0);
		assert_string_equal(who.fold, "giang a pao");
	}
	hamlets_done(&h);
}

static void asked_for_a_hamlet_the_whole_answer_is_one(void **state)
{
	(void)state;
	static const struct {
		const char *text, *hamlet, *written;
	} rows[] = { { "na lang", "1", "" },	  { "thon na lang a", "1", "" },  { "em o thon nà lang", "1", "" }, { "5", "?", "" },
		     { "thon 5", "3", "" },	  { "xom moi", "?", "" },	  { "khuoi hoy", "2", "" },	     { "nha toi o pac ngoi", "7", "" },
		     { "ta lung", "", "thôn Ta Lung" }, { "ban ta lung", "", "ban Ta Lung" } };
	struct hamlets h;
	fill(&h);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct household who;
		assert_int_equal(household_read_hamlet(rows[i].text, &h, &who), 0);
		if (strcmp(code_of(&h, &who), rows[i].hamlet) || strcmp(who.written, rows[i].written))
			fail_msg("'%s': '%s' '%s'", rows[i].text, code_of(&h, &who), who.written);
	}
	hamlets_done(&h);
}

/* Where no list of hamlets was imported a comma or a word tells them. */
static void without_a_list_words_tell(void **state)
{
	(void)state;
	static const struct {
		const char *text, *head, *written;
	} rows[] = { { "dk giang a pao, na lang", "Giang A Pao", "thôn Na Lang" }, { "dk giang a pao thon na lang", "Giang A Pao", "thon Na Lang" },
		     { "dk ban na lang, giang a pao", "Giang A Pao", "ban Na Lang" }, { "dk giang a pao na lang", "Giang A Pao Na Lang", "" },
		     { "dk lo van ban", "Lo Van Ban", "" } };
	const struct hamlets none = { 0 };
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct household who;
		assert_int_equal(household_read(rows[i].text, NULL, &none, &who), 0);
		if (strcmp(who.head, rows[i].head) || strcmp(who.written, rows[i].written))
			fail_msg("'%s': '%s' '%s'", rows[i].text, who.head, who.written);
	}
}

/* Whatever is sent: nothing is longer than its room, and digits of a person's number are in neither part. */
static void no_line_is_too_long(void **state)
{
	(void)state;
	char text[1200];
	struct hamlets h;
	struct household who;
	fill(&h);
	memset(text, 'n', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(household_read(text, NULL, &h, &who), 0);
	for (size_t i = 0; i + 4 < sizeof(text); i += 4)
		memcpy(text + i, "ban ", 4);
	assert_int_equal(household_read(text, NULL, &h, &who), 0);
	assert_int_equal(household_read("dk Giang 0912 345678 Pao 123456789012", NULL, &h, &who), 0);
	assert_null(strstr(who.head, "345678"));
	assert_null(strstr(who.head, "123456"));
	hamlets_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_and_hamlet_are_told_apart),
		cmocka_unit_test(one_household_has_one_key),
		cmocka_unit_test(asked_for_a_hamlet_the_whole_answer_is_one),
		cmocka_unit_test(without_a_list_words_tell),
		cmocka_unit_test(no_line_is_too_long),
	};
	return cmocka_run_group_tests_name("household", tests, NULL, NULL);
}
