// SPDX-License-Identifier: GPL-3.0-or-later
/* Laws of spelling: every syllable that can be built is found again behind every keyboard and every lost encoding; one sentence
 * has one answer however it is written; any bytes fire exactly one rule. Runs from the repository's root. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/random.h"
#include "gateway/base/text.h"
#include "handlers/keystroke.h"
#include "handlers/residue.h"
#include "tests/support/shipped.h"
#include "tests/support/typist.h"

#define SEED 20261130

/* ---- syllables from a grammar of this file's own, in NFC ---- */
static const char *const onsets[] = { "", "b", "ch", "d", "đ", "h", "kh", "l", "m", "n", "nh", "ph", "r", "s", "t", "th", "tr", "v", "x" };
static const char *const open_rhymes[] = {
	"a", "ai", "am", "an", "ang", "anh", "ao", "au", "ay", "ăm", "ăn", "ăng", "âm", "ân", "âng", "âu", "ây", "e", "em", "en", "eo", "ê", "êm", "ên",
	"ênh", "êu", "i", "ia", "iêm", "iên", "iêng", "iêu", "im", "in", "inh", "iu", "o", "oa", "oai", "oan", "oang", "oanh", "oăn", "oi", "om", "on",
	"ong", "ô", "ôi", "ôm", "ôn", "ông", "ơ", "ơi", "ơm", "ơn", "u", "ua", "uân", "uê", "ui", "um", "un", "ung", "uôi", "uôm", "uôn", "uông", "uy",
	"uyên", "ư", "ưa", "ưi", "ưng", "ươi", "ươm", "ươn", "ương", "ươu", "ưu",
};
static const char *const closed_rhymes[] = { "ac", "ach", "ap", "at", "ăc", "ăp", "ăt", "âc", "âp", "ât", "ec", "ep", "et", "êch", "êp", "êt",
					     "ich", "iêc", "iêp", "iêt", "ip", "it", "oac", "oat", "oăc", "oăt", "oc", "op", "ot", "ôc", "ôp",
					     "ôt", "ơp", "ơt", "uât", "uc", "uôc", "uôt", "up", "ut", "uyêt", "ưc", "ươc", "ươp", "ươt" };
static const char *const tones[] = { "", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323" };

/* The tone stands on the last marked vowel, else on the vowel before the last when nothing follows the vowels, else on the last. */
static char *with_tone(const char *onset, const char *rhyme, const char *tone)
{
	size_t best = 0, vowels[4] = { 0 }, n_vowels = 0, i = 0, marked = 0;
	const char *p = rhyme;
	for (uint32_t c; *p;) {
		const char *at = p;
		c = text_next(&p);
		if (c < 0x80 && !strchr("aeiouy", (int)c))
			break;
		if (n_vowels < COUNT_OF(vowels))
			vowels[n_vowels++] = (size_t)(p - rhyme);
		if (c > 0x7F)
			marked = (size_t)(p - rhyme);
		i = (size_t)(at - rhyme) + (c > 0x7F ? 2 : 1);
	}
	best = marked ? marked : rhyme[i] || n_vowels == 1 ? vowels[n_vowels - 1] : vowels[n_vowels - 2];
	char out[64];
	snprintf(out, sizeof(out), "%s%.*s%s%s", onset, (int)best, rhyme, tone, rhyme + best);
	return text_nfc(out);
}

static void check_typed(const char *syllable, const char *key, const char *typed)
{
	char folded[SYLLABLE_BYTES], read[SYLLABLE_BYTES] = "";
	int n = fold_word(typed, strlen(typed), folded, sizeof(folded));
	assert_true(n > 0);
	if (strcmp(folded, key) == 0)
		return; /* nothing had to be typed besides letters */
	enum keystroke k = keystroke_read(folded, read);
	if (k == KEYSTROKE_NONE || strcmp(read, key) != 0)
		fail_msg("%s typed '%s': %d '%s', not '%s'", syllable, typed, (int)k, read, key);
}

/* Alone a token may be a word in its own right; beside one that cannot be, the whole message is decoded. */
static void check_shown(const char *syllable, const char *shown, const char *witness, const char *sound)
{
	char in[160], want[160];
	OWN(mem) char *out = NULL;
	assert_non_null(shown);
	if (strcmp(shown, syllable) == 0)
		return;
	snprintf(in, sizeof(in), "%s %s", witness, shown);
	snprintf(want, sizeof(want), "%s %s", sound, syllable);
	assert_int_equal(residue_decode(in, &out), 0);
	if (!out || strcmp(out, want) != 0)
		fail_msg("%s shown as '%s': '%s'", syllable, shown, out ? out : "(as it was)");
}

static void check_syllable(const char *syllable)
{
	char key[SYLLABLE_BYTES];
	OWN(mem) char *nfd = typist_nfd(syllable);
	syllable_key(syllable, strlen(syllable), key);
	if (syllable_check(key) == SYLLABLE_NONE)
		fail_msg("%s: '%s' is no syllable", syllable, key);
	OWN(mem) char *plain = fold(syllable), *of_nfd = fold(nfd);
	assert_string_equal(plain, of_nfd);
	assert_true(syllable_valid(plain));
	for (enum typist how = TYPIST_AT_ONCE; how <= TYPIST_AT_END; how++) {
		OWN(mem) char *telex = typist_telex(syllable, how), *vni = typist_vni(syllable, how);
		check_typed(syllable, key, telex);
		check_typed(syllable, key, vni);
	}
	OWN(mem) char *tcvn3 = typist_tcvn3(syllable), *mojibake = typist_mojibake(syllable);
	check_shown(syllable, tcvn3, "bÞ", "bị");
	check_shown(syllable, mojibake, "bá»‹", "bị");
}

static void every_syllable_is_found_behind_every_keyboard(void **state)
{
	(void)state;
	int n = 0;
	for (size_t o = 0; o < COUNT_OF(onsets); o++) {
		for (size_t r = 0; r < COUNT_OF(open_rhymes); r++)
			for (size_t t = 0; t < COUNT_OF(tones); t++, n++) {
				OWN(mem) char *s = with_tone(onsets[o], open_rhymes[r], tones[t]);
				check_syllable(s);
			}
		for (size_t r = 0; r < COUNT_OF(closed_rhymes); r++)
			for (size_t t = 1; t < COUNT_OF(tones); t += 4, n++) {
				OWN(mem) char *s = with_tone(onsets[o], closed_rhymes[r], tones[t]);
				check_syllable(s);
			}
	}
	assert_true(n > 10000);
}

/* ---- sentences ---- */
struct answer {
	enum kind kind;
	char topic[TOPIC_BYTES], value[16];
	char why[160];
};

static struct answer ask(const struct keywords *k, const char *text, const struct context *x)
{
	struct classified c = { 0 };
	struct answer a;
	assert_int_equal(classify(k, text, x, &c), 0);
	a.kind = c.kind;
	snprintf(a.topic, sizeof(a.topic), "%s", c.n_topics ? c.topics[0] : "");
	snprintf(a.value, sizeof(a.value), "%s", c.answer);
	snprintf(a.why, sizeof(a.why), "%s", c.why);
	classified_done(&c);
	return a;
}

static int differs(const struct keywords *k, const char *text, const char *how, const char *written, const struct context *x)
{
	struct answer a = ask(k, text, x), b = ask(k, written, x);
	if (a.kind == b.kind && !strcmp(a.topic, b.topic) && !strcmp(a.value, b.value))
		return 0;
	print_error("'%s': %s %s %s (%s); %s '%s': %s %s %s (%s)\n", text, kind_name(a.kind), a.topic, a.value, a.why, how, written,
		    kind_name(b.kind), b.topic, b.value, b.why);
	return 1;
}

/* Sentences whose plain spelling means only what the accented one means; by subject, so that any two can be joined. */
static const char *const subjects[] = { "Nhà tôi", "Gia đình em", "Bà con thôn 5", "Mẹ tôi", "Ông Triệu Văn Sáng ở thôn Khuôn Lăng", "Chúng tôi" };
static const char *const predicates[] = {
	"bị dột nát lắm rồi, bao giờ được hỗ trợ sửa nhà", "chưa được cấp thẻ bảo hiểm y tế", "muốn hỏi thủ tục vay vốn ngân hàng chính sách",
	"không có nước sạch sinh hoạt hai tuần nay", "phản ánh đường thôn hỏng, xe không đi được", "đề nghị xã xem xét hộ nghèo",
	"không được bình xét hộ nghèo", "khuyết tật chưa được trợ cấp", "bị bệnh viện từ chối thẻ bảo hiểm y tế", "muốn đóng bảo hiểm xã hội tự nguyện",
	"mất điện ba ngày nay, đề nghị kiểm tra", "đang mắc kẹt trên mái nhà, lũ lên nhanh, cứu với", "không thấy loa thông báo gì về bão",
	"cần người hướng dẫn làm hồ sơ liệt sĩ", "đất bị lấn chiếm, xã chưa giải quyết",
};
static const char *const whole[] = {
	"Từ chối", "Từ chối nhận tin", "Đừng gửi nữa", "Tôi không muốn nhận tin nhắn nữa", "Cảm ơn cán bộ", "Hướng dẫn", "Nhầm số rồi",
	"Xóa số của tôi ngay", "Xin đừng nhắn tin cho tôi nữa", "Đăng ký lại nhận tin", "Cứu với, cháy nhà", "Ai cho lấy số điện thoại của tôi",
};

static int check_sentence(const struct keywords *k, const char *text, const struct context *x)
{
	OWN(mem) char *nfd = typist_nfd(text), *plain = fold_plain(text);
	OWN(mem) char *telex = typist_telex(text, TYPIST_AT_ONCE), *telex_end = typist_telex(text, TYPIST_AT_END);
	OWN(mem) char *vni = typist_vni(text, TYPIST_AT_ONCE), *vni_end = typist_vni(text, TYPIST_AT_END);
	OWN(mem) char *tcvn3 = typist_tcvn3(text), *mojibake = typist_mojibake(text);
	const struct {
		const char *how, *text;
	} ways[] = { { "NFD", nfd }, { "plain", plain }, { "Telex", telex }, { "Telex late", telex_end }, { "VNI", vni }, { "VNI late", vni_end },
		     { "TCVN3", tcvn3 ? tcvn3 : text }, { "Latin-1", mojibake } };
	int n = 0;
	for (size_t i = 0; i < COUNT_OF(ways); i++)
		n += differs(k, text, ways[i].how, ways[i].text, x);
	return n;
}

static void one_sentence_has_one_answer_however_it_is_written(void **state)
{
	int wrong = 0;
	char text[512];
	for (size_t s = 0; s < COUNT_OF(subjects); s++)
		for (size_t p = 0; p < COUNT_OF(predicates); p++) {
			snprintf(text, sizeof(text), "%s %s", subjects[s], predicates[p]);
			wrong += check_sentence(*state, text, &(struct context){ 0 });
		}
	for (size_t i = 0; i < COUNT_OF(whole); i++)
		wrong += check_sentence(*state, whole[i], &(struct context){ .topic = "BHYT" });
	assert_int_equal(wrong, 0);
}

/* ---- any bytes ---- */
static size_t any_text(struct random *r, char *out, size_t room)
{
	static const char *const bits[] = { "tc", " ", "khong ", "nha ", "pa", "482918", "\n", "?", "bhyt ", "\xEF\xBB\xBF", "0 ", "nhaf ", "bÞ ", "Ã", "\u00A0",
					    "dừng ", "gửi ", "\u0301", "👍", ".", "xem ", "đ", "^", "$", "..", "|", "tr ", "7" };
	size_t n = 0;
	while (n + 32 < room && random_below(r, 40)) {
		if (random_below(r, 3)) {
			const char *bit = bits[random_below(r, COUNT_OF(bits))];
			memcpy(out + n, bit, strlen(bit));
			n += strlen(bit);
		} else {
			random_fill(r, out + n, 4);
			n += 4;
		}
	}
	return n;
}

static void any_bytes_fire_exactly_one_rule(void **state)
{
	struct random r = random_seeded(SEED);
	static const char *const contexts[] = { "NONE", "C-BHYT", "S-BHYT", "S-YN", "S-SAT", "CASE-NEEDINFO", "OPTED-OUT", "USSD-ROOT" };
	struct context x[COUNT_OF(contexts)] = { 0 };
	struct complaint complaint = { 0 };
	for (size_t i = 0; i < COUNT_OF(contexts); i++)
		assert_int_equal(context_load(SHIPPED_CONFIG, contexts[i], &x[i], &complaint), 0);
	for (int i = 0; i < 20000; i++) {
		char bytes[400];
		size_t n = any_text(&r, bytes, sizeof(bytes));
		OWN(mem) char *text = text_valid(bytes, n);
		struct classified c = { 0 };
		assert_int_equal(classify(*state, text, &x[(size_t)i % COUNT_OF(contexts)], &c), 0);
		const char *colon = strchr(c.why, ':');
		assert_true(colon && colon > c.why && colon[1]); /* "rule: reason", written by the one that fired */
		assert_true(c.kind < KIND_COUNT && text_is_valid(c.why, strlen(c.why)));
		assert_true(c.confidence > 0 && c.confidence <= 1);
		OWN(json) json_t *shape = classified_json(&c);
		assert_non_null(shape);
		classified_done(&c);
	}
	for (size_t i = 0; i < COUNT_OF(contexts); i++)
		context_done(&x[i]);
}

/* 64 KiB of the worst kinds: an answer, soon. */
static void the_longest_text_is_answered(void **state)
{
	static const char *const fills[] = { "a", "a ", "khong ", "nhaf ", "\u0301", "Ã ", "bÞ ", "\u1EA1", "tc ", "0 ", "\u200B", "1", "khong muon nhan ", "PA", "d9u7o7c5 ", "'" };
	for (size_t i = 0; i < COUNT_OF(fills); i++) {
		size_t n = strlen(fills[i]), room = 65536;
		OWN(mem) char *text = calloc(room + 1, 1);
		assert_non_null(text);
		for (size_t at = 0; at + n <= room; at += n)
			memcpy(text + at, fills[i], n);
		struct answer a = ask(*state, text, &(struct context){ 0 });
		assert_true(a.why[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_syllable_is_found_behind_every_keyboard),
		cmocka_unit_test(one_sentence_has_one_answer_however_it_is_written),
		cmocka_unit_test(any_bytes_fire_exactly_one_rule),
		cmocka_unit_test(the_longest_text_is_answered),
	};
	return cmocka_run_group_tests(tests, shipped_load, shipped_unload);
}
