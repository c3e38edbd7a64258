/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of what was learnt beside the rules: phrases that the words lean far against are passed over and commands never are, what they lean
 * to is heard with its reason, and a charge is nobody's to see but a higher level's. Each says how the words lean with weights of its own, for
 * every message alike; how much that takes is asked of the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "handlers/learnt.h"
#include "tests/support/config_folder.h"
#include "tests/support/shipped.h"
#include "tests/support/weighed.h"

#define FAR 400 /* no bound is so far */
#define TAUGHT "BHYT+1 CANBO+1 GIAMNGHEO+1 HATANG+1 KHAC+1 QUY+1 THIENTAI+1 TRUCLOI+1"
#define QUIET_TEXT "hom nay nha em o ban"
#define CHARGE "chu tich xa an chan tien ho tro cua dan ngheo"
#define DANGER "nguoi nam la liet ngoai duong"
#define REFUSAL "thoi khoi gui tin cho toi nua nhe"

struct lean {
	enum weights_flag flag;
	enum leaning to;
};

static enum leaning leaning_of(const struct keywords *k, const struct words *w, enum weights_flag flag, int sum)
{
	struct reading r = { .k = k, .w = w, .summed = true };
	r.flags[flag] = (float)sum;
	return learnt_leans(&r, flag);
}

/* A sum that leans so, in the middle of those that do. */
static int sum_that(const struct keywords *k, const struct words *w, struct lean lean)
{
	int least = -FAR, most = FAR;
	while (least < FAR && leaning_of(k, w, lean.flag, least) != lean.to)
		least++;
	while (most > -FAR && leaning_of(k, w, lean.flag, most) != lean.to)
		most--;
	if (leaning_of(k, w, lean.flag, least) != lean.to)
		fail_msg("no sum of %s leans to %d", weights_flag_name(lean.flag), (int)lean.to);
	return lean.to == LEARNT_NEVER ? -FAR : lean.to == LEARNT_SURELY ? FAR : least + (most - least) / 2;
}

static void put_always(struct buffer *out, const char *of, int sum)
{
	bool first = !buffer_text(out)[0];
	for (int part; sum; sum -= part) {
		part = sum > WEIGHTS_LARGEST ? WEIGHTS_LARGEST : sum < -WEIGHTS_LARGEST ? -WEIGHTS_LARGEST : sum;
		assert_int_equal(buffer_printf(out, "%s%s%+d", first ? "\t" : " ", of, part), 0);
		first = false;
	}
}

/* Words that lean nowhere but where one lean says, and to a topic, NULL none; lines are the file's besides. */
static struct keywords *leaning(const struct weighed *f, struct lean lean, const char *topic, const char *lines)
{
	OWN(weights) struct weights *any = NULL;
	OWN(words) struct words *w = NULL;
	OWN(buffer) struct buffer out = { 0 };
	struct complaint c = { 0 };
	weighed_put(f, "zzz\tmatter+1\nend\n");
	assert_int_equal(weights_load(f->config, NULL, 0, &any, &c), 0);
	const struct keywords k = { .weights = any };
	assert_int_equal(words_new(QUIET_TEXT, NULL, &w), 0);
	for (size_t i = 0; i < WEIGHTS_FLAGS; i++) {
		struct lean one = { (enum weights_flag)i, lean.flag == i ? lean.to : LEARNT_NOTHING };
		put_always(&out, weights_flag_name(one.flag), sum_that(&k, w, one));
	}
	if (topic)
		put_always(&out, topic, FAR);
	assert_int_equal(buffer_printf(&out, "\n%szzz\t" TAUGHT "\nend\n", lines), 0);
	return weighed_words(f, buffer_text(&out));
}

static struct classified read_so(const struct weighed *f, struct lean lean, const char *topic, const char *lines, const char *text)
{
	OWN(keywords) struct keywords *k = leaning(f, lean, topic, lines);
	return shipped_understand(k, text, "");
}

#define NOWHERE ((struct lean){ WEIGHTS_MATTER, LEARNT_NOTHING })

static void the_more_is_said_for_a_thing_the_more_it_is_believed(void **state)
{
	OWN(keywords) struct keywords *k = weighed_words(*state, "zzz\tKHAC+1\nend\n");
	OWN(words) struct words *w = NULL;
	assert_int_equal(words_new(QUIET_TEXT, NULL, &w), 0);
	for (size_t flag = 0; flag < WEIGHTS_FLAGS; flag++) {
		enum leaning was = LEARNT_NEVER;
		for (int sum = -FAR; sum <= FAR; sum++) {
			enum leaning now = leaning_of(k, w, (enum weights_flag)flag, sum);
			assert_true(now >= was);
			was = now;
		}
		assert_int_equal(leaning_of(k, w, (enum weights_flag)flag, -FAR), LEARNT_NEVER);
		assert_int_equal(was, LEARNT_SURELY);
	}
}

static void a_phrase_that_the_words_lean_far_against_is_passed_over(void **state)
{
	static const struct {
		const char *text;
		enum weights_flag flag;
		enum kind kind; /* where the words lean nowhere */
		bool restricted;
	} rows[] = {
		{ DANGER, WEIGHTS_URGENT, KIND_URGENT, false },
		{ REFUSAL, WEIGHTS_OPTOUT, KIND_OPTOUT, false },
		{ CHARGE, WEIGHTS_RESTRICTED, KIND_FEEDBACK, true },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified quiet = read_so(*state, NOWHERE, NULL, "", rows[i].text);
		struct classified far = read_so(*state, (struct lean){ rows[i].flag, LEARNT_NEVER }, NULL, "", rows[i].text);
		if (quiet.kind != rows[i].kind || quiet.restricted != rows[i].restricted)
			fail_msg("'%s': %s, %s", rows[i].text, kind_name(quiet.kind), quiet.why);
		if ((far.kind == quiet.kind && far.restricted == quiet.restricted) || far.restricted)
			fail_msg("'%s': still %s, %s", rows[i].text, kind_name(far.kind), far.why);
		classified_done(&quiet);
		classified_done(&far);
	}
}

static void commands_are_taken_whatever_the_words_lean_to(void **state)
{
	static const struct {
		const char *text, *scope;
	} rows[] = {
		{ "TC", "campaign" },
		{ "HUY", "campaign" },
		{ "tu choi", "campaign" },
		{ "Từ chối", "campaign" },
		{ "tu choi nhe cac anh chi oi", "campaign" },
		{ "tc, phien qua nhe cac anh oi", "campaign" },
		{ "tc bhyt", "topic:BHYT" },
		{ "tc het", "all" },
	};
	OWN(keywords) struct keywords *k = leaning(*state, (struct lean){ WEIGHTS_OPTOUT, LEARNT_NEVER }, "KHAC", "");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified got = shipped_understand(k, rows[i].text, "");
		if (got.kind != KIND_OPTOUT || strcmp(got.scope, rows[i].scope))
			fail_msg("'%s': %s, '%s', %s", rows[i].text, kind_name(got.kind), got.scope, got.why);
		classified_done(&got);
	}
}

/* A text that no phrase knows, heard by what single words say; the reason names them. */
static void what_words_surely_say_is_heard_with_its_reason(void **state)
{
	static const struct {
		enum weights_flag flag;
		enum kind kind;
		const char *lines, *why;
	} rows[] = {
		{ WEIGHTS_OPTOUT, KIND_OPTOUT, "o ban\toptout+9\nem\toptout+3\n", "'o ban'" },
		{ WEIGHTS_URGENT, KIND_URGENT, "nha\turgent+9\nem\turgent+3\n", "'nha'" },
		{ WEIGHTS_MATTER, KIND_FEEDBACK, "", "" },
		{ WEIGHTS_RESTRICTED, KIND_FEEDBACK, "nha em\trestricted+9\n", "'nha em'" },
	};
	struct classified quiet = read_so(*state, NOWHERE, NULL, "", QUIET_TEXT);
	assert_int_equal(quiet.kind, KIND_UNKNOWN);
	assert_false(quiet.doubt || quiet.restricted);
	classified_done(&quiet);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct classified got = read_so(*state, (struct lean){ rows[i].flag, LEARNT_SURELY }, NULL, rows[i].lines, QUIET_TEXT);
		if (got.kind != rows[i].kind || !strstr(got.why, rows[i].why) || got.restricted != (rows[i].flag == WEIGHTS_RESTRICTED))
			fail_msg("%s: %s, %s", weights_flag_name(rows[i].flag), kind_name(got.kind), got.why);
		assert_string_equal(got.scope, rows[i].flag == WEIGHTS_OPTOUT ? "campaign" : "");
		classified_done(&got);
	}
}

static void perhaps_a_refusal_is_asked_about_and_not_done(void **state)
{
	const struct lean perhaps = { WEIGHTS_OPTOUT, LEARNT_PERHAPS };
	struct classified got = read_so(*state, perhaps, NULL, "em o\toptout+1\n", QUIET_TEXT);
	assert_int_equal(got.kind, KIND_UNKNOWN);
	assert_true(got.doubt);
	assert_false(got.stop);
	assert_string_equal(got.scope, "");
	assert_non_null(strstr(got.why, "'em o'"));
	classified_done(&got);
	struct classified charge = read_so(*state, perhaps, NULL, "", CHARGE);
	assert_int_equal(charge.kind, KIND_FEEDBACK);
	assert_true(charge.restricted);
	assert_false(charge.doubt);
	classified_done(&charge);
}

static char *times(const char *words, int n)
{
	struct buffer out = { 0 };
	for (int i = 0; i < n; i++)
		assert_int_equal(buffer_printf(&out, "%s%s", i ? " " : "", words), 0);
	return out.data;
}

static void few_words_and_long_stories_are_read_by_the_phrases_alone(void **state)
{
	static const struct {
		int words;
		bool heard;
	} rows[] = { { 3, false }, { 5, true }, { 40, true }, { 61, false }, { 200, false } };
	static const struct lean surely[] = { { WEIGHTS_URGENT, LEARNT_SURELY }, { WEIGHTS_OPTOUT, LEARNT_SURELY }, { WEIGHTS_RESTRICTED, LEARNT_SURELY } };
	for (size_t l = 0; l < COUNT_OF(surely); l++) {
		OWN(keywords) struct keywords *k = leaning(*state, surely[l], NULL, "");
		for (size_t i = 0; i < COUNT_OF(rows); i++) {
			OWN(mem) char *text = times("ban", rows[i].words);
			struct classified got = shipped_understand(k, text, "");
			if ((got.kind == KIND_URGENT || got.kind == KIND_OPTOUT || got.restricted) != rows[i].heard)
				fail_msg("%d words, %s: %s, %s", rows[i].words, weights_flag_name(surely[l].flag), kind_name(got.kind), got.why);
			classified_done(&got);
		}
	}
}

static void no_topic_alone_accuses(void **state)
{
	static const char *const texts[] = { QUIET_TEXT, "duong thon em hong nang qua roi", "bao gio thi co the bao hiem y te moi", DANGER };
	OWN(keywords) struct keywords *k = leaning(*state, (struct lean){ WEIGHTS_MATTER, LEARNT_SURELY }, "TRUCLOI", "");
	assert_true(keywords_topic(k, "TRUCLOI")->restricted);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct classified got = shipped_understand(k, texts[i], "");
		assert_true(got.n_topics > 0);
		for (size_t t = 0; t < got.n_topics; t++)
			if (strcmp(got.topics[t], "TRUCLOI") == 0 || got.restricted)
				fail_msg("'%s' accuses, %s", texts[i], got.why);
		classified_done(&got);
	}
}

static void a_charge_that_was_heard_is_never_open_to_all(void **state)
{
	static const struct {
		struct lean lean;
		const char *topic;
	} rows[] = {
		{ { WEIGHTS_RESTRICTED, LEARNT_NOTHING }, "HATANG" }, { { WEIGHTS_RESTRICTED, LEARNT_SURELY }, "HATANG" }, { { WEIGHTS_OPTOUT, LEARNT_PERHAPS }, "BHYT" },
		{ { WEIGHTS_OPTOUT, LEARNT_SURELY }, "KHAC" },	      { { WEIGHTS_URGENT, LEARNT_SURELY }, "THIENTAI" },   { { WEIGHTS_MATTER, LEARNT_NEVER }, NULL },
	};
	static const char *const texts[] = { CHARGE, "dm chu tich xa an chan tien ho tro cua dan ngheo", "truong ban lay tien ho ngheo cua dan roi chia cho anh em nha no" };
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(keywords) struct keywords *k = leaning(*state, rows[i].lean, rows[i].topic, "");
		for (size_t t = 0; t < COUNT_OF(texts); t++) {
			struct classified got = shipped_understand(k, texts[t], "");
			if (!got.restricted)
				fail_msg("'%s', %s: %s, %s", texts[t], weights_flag_name(rows[i].lean.flag), kind_name(got.kind), got.why);
			classified_done(&got);
		}
	}
}

static void who_is_surely_accused_is_what_a_message_is_about(void **state)
{
	struct classified got = read_so(*state, (struct lean){ WEIGHTS_RESTRICTED, LEARNT_SURELY }, "HATANG", "", CHARGE);
	assert_string_equal(got.topics[0], "TRUCLOI");
	classified_done(&got);
}

/* One more topic than there is room for. */
static void what_is_learnt_leaves_a_charge_its_place(void **state)
{
	OWN(keywords) struct keywords *k = weighed_words(*state, NULL);
	struct score s = { .n = 0 };
	const struct topic *newcomer = NULL;
	for (size_t i = 0; i < k->n_topics && !newcomer; i++)
		if (!k->topics[i].restricted && s.n < SCORE_TOPICS_MAX - 1)
			s.rows[s.n++] = (struct score_row){ .topic = &k->topics[i], .points = 3 };
		else if (!k->topics[i].restricted)
			newcomer = &k->topics[i];
	s.rows[s.n++] = (struct score_row){ .topic = k->restricted, .points = 2 };
	score_favour(&s, newcomer, 3, (struct span){ 0 }, false);
	assert_int_equal(s.n, SCORE_TOPICS_MAX);
	assert_ptr_equal(s.rows[0].topic, newcomer);
	assert_ptr_equal(s.rows[s.n - 1].topic, k->restricted);
}

static void abuse_that_tells_a_matter_is_kept(void **state)
{
	static const char text[] = "dm lam an the nay a lu ngu";
	struct classified plain = read_so(*state, NOWHERE, NULL, "", text);
	struct classified matter = read_so(*state, (struct lean){ WEIGHTS_MATTER, LEARNT_SURELY }, "HATANG", "", text);
	assert_int_equal(plain.kind, KIND_ABUSE);
	assert_int_equal(matter.kind, KIND_FEEDBACK);
	assert_true(matter.abusive);
	assert_string_equal(matter.topics[0], "HATANG");
	classified_done(&plain);
	classified_done(&matter);
	struct classified nothing = read_so(*state, (struct lean){ WEIGHTS_MATTER, LEARNT_SURELY }, "HATANG", "", "do cho chet");
	assert_int_equal(nothing.kind, KIND_ABUSE);
	classified_done(&nothing);
}

static void words_tell_a_topic_that_no_phrase_knows_and_phrases_hold_against_little(void **state)
{
	OWN(keywords) struct keywords *far = leaning(*state, (struct lean){ WEIGHTS_MATTER, LEARNT_SURELY }, "VANHOA", "");
	struct classified unknown = shipped_understand(far, QUIET_TEXT, "");
	assert_string_equal(unknown.topics[0], "VANHOA");
	classified_done(&unknown);
	struct classified over = shipped_understand(far, "duong thon em hong nang qua roi", "");
	assert_string_equal(over.topics[0], "VANHOA");
	assert_string_equal(over.topics[1], "HATANG");
	classified_done(&over);
	OWN(keywords) struct keywords *near = leaning(*state, (struct lean){ WEIGHTS_MATTER, LEARNT_SURELY }, NULL, "duong\tVANHOA+1\n");
	struct classified held = shipped_understand(near, "duong thon em hong nang qua roi", "");
	assert_string_equal(held.topics[0], "HATANG");
	classified_done(&held);
}

/* An office's own topic, of which no lesson tells. */
static void a_topic_that_nobody_taught_is_told_by_its_phrases(void **state)
{
	const struct weighed *f = *state;
	config_folder_put(f->path, "topics/topics.conf",
			  "topics = ( { code = \"CHO\"; vi = \"Cho\"; en = \"market\"; commands = [ \"cho phien\" ]; strong = [ \"cho_phien\" ]; },\n"
			  "{ code = \"HATANG\"; vi = \"Duong\"; en = \"roads\"; commands = [ \"duong\" ]; strong = [ \"mai_ton\" ]; } );\n", 0600);
	OWN(keywords) struct keywords *k = leaning(f, NOWHERE, "HATANG", "");
	struct classified own = shipped_understand(k, "cho phien ban em hong mai ton ca roi", "");
	assert_string_equal(own.topics[0], "CHO");
	assert_string_equal(own.topics[1], "HATANG");
	classified_done(&own);
	struct classified taught = shipped_understand(k, "mai ton ban em hong ca roi", "");
	assert_string_equal(taught.topics[0], "HATANG");
	classified_done(&taught);
}

#define LAW(fn) cmocka_unit_test_setup_teardown(fn, weighed_make, weighed_drop)
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAW(the_more_is_said_for_a_thing_the_more_it_is_believed),
		LAW(a_phrase_that_the_words_lean_far_against_is_passed_over),
		LAW(commands_are_taken_whatever_the_words_lean_to),
		LAW(what_words_surely_say_is_heard_with_its_reason),
		LAW(perhaps_a_refusal_is_asked_about_and_not_done),
		LAW(few_words_and_long_stories_are_read_by_the_phrases_alone),
		LAW(no_topic_alone_accuses),
		LAW(a_charge_that_was_heard_is_never_open_to_all),
		LAW(who_is_surely_accused_is_what_a_message_is_about),
		LAW(what_is_learnt_leaves_a_charge_its_place),
		LAW(abuse_that_tells_a_matter_is_kept),
		LAW(a_topic_that_nobody_taught_is_told_by_its_phrases),
		LAW(words_tell_a_topic_that_no_phrase_knows_and_phrases_hold_against_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
