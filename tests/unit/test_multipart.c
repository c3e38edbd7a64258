/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of long SMS: parts in any order, doubled, missing, late; headers that lie. Nothing is dropped silently. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/random.h"
#include "gateway/inbox.h"
#include "tests/support/sim_driver.h"

#define MINUTE_MS 60000

struct seen {
	int calls, missing;
	int64_t late_of;
	char *text; /* the last one's */
	char all[2000];
};

static int intake(struct tick *t, const struct inbound *in, struct handled *ret)
{
	struct seen *s = ((struct fixture *)t->core->loop)->mine;
	s->calls++;
	s->missing = in->parts_missing;
	s->late_of = in->late_of;
	free(s->text);
	s->text = strdup(in->text);
	size_t n = strlen(s->all);
	snprintf(s->all + n, sizeof(s->all) - n, "%s|", in->text);
	*ret = (struct handled){ .kind = "filed", .handled_by = "test", .result = "filed", .why = "test" };
	return 0;
}

static struct fixture *start(struct seen *s)
{
	struct fixture *f = fixture_new(SIM_CONFIG(""));
	f->mine = s;
	f->wiring.intake = intake;
	return f;
}

static void done(struct fixture *f)
{
	free(((struct seen *)f->mine)->text);
	fixture_free(f);
}

struct part {
	const char *from;
	int ref, total, part, bits;
	const char *text;
};

static void bring(struct fixture *f, struct peer *p, const struct part *a)
{
	sim_driver_say(p,
		       "{\"op\":\"inbound\",\"id\":\"i%lld\",\"from\":\"%s\",\"text\":\"%s\",\"udh\":{\"ref\":%d,\"total\":%d,\"part\":%d,"
		       "\"bits\":%d}}",
		       (long long)sim_int(f, "SELECT count(*) FROM inbound"), a->from ? a->from : "0912345678", a->text, a->ref, a->total,
		       a->part, a->bits ? a->bits : 8);
	sim_tick(f);
}

static void parts_in_any_order_make_one_message(void **state)
{
	(void)state;
	static const int orders[][3] = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } };
	static const char *const texts[] = { "", "mot ", "hai ", "ba" };
	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		struct seen seen = { 0 };
		struct fixture *f = start(&seen);
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		for (int k = 0; k < 3; k++) {
			assert_int_equal(seen.calls, 0);
			bring(f, p, &(struct part){ .ref = 5, .total = 3, .part = orders[i][k], .text = texts[orders[i][k]] });
		}
		assert_int_equal(seen.calls, 1);
		assert_string_equal(seen.text, "mot hai ba");
		assert_int_equal(seen.missing, 0);
		assert_int_equal(sim_driver_count(p, "stored"), 3);
		done(f);
	}
}

static void letter_cut_between_two_parts_is_whole_again(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 1, .text = "o\\u0302" });
	bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 2, .text = "\\u0301" });
	assert_string_equal(seen.text, "\xe1\xbb\x91");
	done(f);
}

static void doubled_part_changes_nothing(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	for (int i = 0; i < 3; i++)
		bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 1, .text = "mot " });
	bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 2, .text = "hai" });
	for (int i = 0; i < 15; i++)
		sim_wait(f, MINUTE_MS);
	assert_int_equal(seen.calls, 1);
	assert_string_equal(seen.text, "mot hai");
	assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound WHERE state = 'waiting'"), 0);
	done(f);
}

static void double_that_comes_after_the_whole_is_no_message_of_its_own(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 1, .text = "mot " });
	bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 2, .text = "hai" });
	bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 2, .text = "hai" });
	for (int i = 0; i < 15; i++)
		sim_wait(f, MINUTE_MS);
	assert_int_equal(seen.calls, 1);
	done(f);
}

static void missing_part_is_given_up_after_ten_minutes_and_counted(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	bring(f, p, &(struct part){ .ref = 5, .total = 3, .part = 1, .text = "mot" });
	bring(f, p, &(struct part){ .ref = 5, .total = 3, .part = 3, .text = "ba" });
	sim_wait(f, 10 * MINUTE_MS - 2000);
	assert_int_equal(seen.calls, 0);
	sim_wait(f, 3000);
	sim_wait(f, 1000);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.missing, 1);
	assert_non_null(strstr(seen.text, "mot"));
	assert_non_null(strstr(seen.text, "ba"));
	assert_int_equal(seen.late_of, 0);
	/* the late one goes to the handlers at once, with the whole */
	bring(f, p, &(struct part){ .ref = 5, .total = 3, .part = 2, .text = "hai" });
	assert_int_equal(seen.calls, 2);
	assert_string_equal(seen.text, "mothaiba");
	assert_int_equal(seen.late_of, 1);
	assert_int_equal(seen.missing, 0);
	for (int i = 0; i < 12; i++)
		sim_wait(f, MINUTE_MS);
	assert_int_equal(seen.calls, 2);
	done(f);
}

/* Parts of a message of five, given up with some of them missing. */
static struct peer *give_up(struct fixture *f, const int *there, size_t n)
{
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	for (size_t i = 0; i < n; i++) {
		char text[8];
		snprintf(text, sizeof(text), "p%d.", there[i]);
		bring(f, p, &(struct part){ .ref = 5, .total = 5, .part = there[i], .text = text });
	}
	for (int i = 0; i < 11; i++)
		sim_wait(f, MINUTE_MS);
	return p;
}

static void late_parts_fill_their_own_gaps_in_any_order(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		int there[4], late[4];
		size_t n_there, n_late;
	} cases[] = {
		{ "first and last late", { 2, 3, 4 }, { 5, 1 }, 3, 2 },
		{ "neighbours late, backwards", { 1, 5 }, { 4, 3, 2 }, 2, 3 },
		{ "all but one late", { 3 }, { 1, 5, 2, 4 }, 1, 4 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct seen seen = { 0 };
		struct fixture *f = start(&seen);
		struct peer *p = give_up(f, cases[i].there, cases[i].n_there);
		print_message("%s\n", cases[i].label);
		assert_int_equal(seen.calls, 1);
		for (size_t k = 0; k < cases[i].n_late; k++) {
			char text[8];
			snprintf(text, sizeof(text), "p%d.", cases[i].late[k]);
			bring(f, p, &(struct part){ .ref = 5, .total = 5, .part = cases[i].late[k], .text = text });
			assert_int_equal(seen.missing, (int)(cases[i].n_late - k - 1));
		}
		assert_string_equal(seen.text, "p1.p2.p3.p4.p5.");
		assert_int_equal(seen.calls, (int)cases[i].n_late + 1);
		assert_int_equal(sim_int(f, "SELECT count(*) FROM inbound WHERE state = 'waiting'"), 0);
		done(f);
	}
}

static void late_part_that_is_there_already_changes_nothing(void **state)
{
	(void)state;
	static const int there[] = { 1, 2, 3, 4 };
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = give_up(f, there, 4);
	bring(f, p, &(struct part){ .ref = 5, .total = 5, .part = 2, .text = "p2." });
	for (int i = 0; i < 12; i++)
		sim_wait(f, MINUTE_MS);
	assert_int_equal(seen.calls, 1);
	done(f);
}

static void part_of_two_days_later_is_another_message(void **state)
{
	(void)state;
	static const int there[] = { 1, 2, 3, 4 };
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = give_up(f, there, 4);
	sim_wait(f, 48 * 60 * MINUTE_MS);
	p = sim_driver_connect(f, 0, SIM_MODEM);
	bring(f, p, &(struct part){ .ref = 5, .total = 5, .part = 5, .text = "khac" });
	assert_int_equal(seen.calls, 1);
	for (int i = 0; i < 12; i++)
		sim_wait(f, MINUTE_MS);
	assert_int_equal(seen.calls, 2);
	assert_int_equal(seen.missing, 4);
	assert_int_equal(seen.late_of, 0);
	done(f);
}

static void parts_wait_over_a_restart(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 2, .text = "hai" });
	fixture_close_core(f);
	fixture_open_core(f);
	p = sim_driver_connect(f, 0, SIM_MODEM);
	bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 1, .text = "mot " });
	assert_int_equal(seen.calls, 1);
	assert_string_equal(seen.text, "mot hai");
	done(f);
}

static void groups_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		struct part other;
	} cases[] = {
		{ "sender", { .from = "0912345679", .ref = 5, .total = 2, .part = 2, .text = "khac" } },
		{ "reference", { .ref = 6, .total = 2, .part = 2, .text = "khac" } },
		{ "total", { .ref = 5, .total = 3, .part = 2, .text = "khac" } },
		{ "width of the reference", { .ref = 5, .total = 2, .part = 2, .bits = 16, .text = "khac" } },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct seen seen = { 0 };
		struct fixture *f = start(&seen);
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 1, .text = "mot " });
		bring(f, p, &cases[i].other);
		print_message("%s\n", cases[i].label);
		assert_int_equal(seen.calls, 0);
		bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 2, .text = "hai" });
		assert_int_equal(seen.calls, 1);
		assert_string_equal(seen.text, "mot hai");
		for (int k = 0; k < 12; k++)
			sim_wait(f, MINUTE_MS);
		assert_int_equal(seen.calls, 2); /* the other one is given up, not forgotten */
		assert_non_null(strstr(seen.text, "khac"));
		done(f);
	}
}

static void same_part_with_other_words_loses_neither(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 1, .text = "mot " });
	bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 1, .text = "khac " });
	bring(f, p, &(struct part){ .ref = 5, .total = 2, .part = 2, .text = "hai" });
	for (int k = 0; k < 12; k++)
		sim_wait(f, MINUTE_MS);
	assert_non_null(strstr(seen.all, "mot hai"));
	assert_non_null(strstr(seen.all, "khac"));
	done(f);
}

static void header_that_cannot_be_is_a_message_of_its_own(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		struct part part;
	} cases[] = {
		{ "part 0", { .ref = 5, .total = 2, .part = 0, .text = "a" } },
		{ "part beyond total", { .ref = 5, .total = 2, .part = 3, .text = "a" } },
		{ "total 0", { .ref = 5, .total = 0, .part = 1, .text = "a" } },
		{ "total 1", { .ref = 5, .total = 1, .part = 1, .text = "a" } },
		{ "negative", { .ref = -1, .total = 2, .part = 1, .text = "a" } },
		{ "total 256", { .ref = 5, .total = 256, .part = 1, .text = "a" } },
		{ "negative part", { .ref = 5, .total = 2, .part = -1, .text = "a" } },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct seen seen = { 0 };
		struct fixture *f = start(&seen);
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		bring(f, p, &cases[i].part);
		print_message("%s\n", cases[i].label);
		assert_int_equal(seen.calls, 1);
		done(f);
	}
}

static void many_parts_backwards(void **state)
{
	(void)state;
	static const int totals[] = { 54, 255 };
	for (size_t i = 0; i < COUNT_OF(totals); i++) {
		struct seen seen = { 0 };
		struct fixture *f = start(&seen);
		struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
		OWN(buffer) struct buffer want = { 0 };
		for (int k = 1; k <= totals[i]; k++)
			assert_int_equal(buffer_printf(&want, "%d,", k), 0);
		for (int k = totals[i]; k >= 1; k--) {
			char text[16];
			snprintf(text, sizeof(text), "%d,", k);
			bring(f, p, &(struct part){ .ref = 5, .total = totals[i], .part = k, .text = text });
		}
		assert_int_equal(seen.calls, 1);
		assert_string_equal(seen.text, buffer_text(&want));
		done(f);
	}
}

static void thousand_unfinished_groups_are_all_handed_on(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct fixture *f = start(&seen);
	struct peer *p = sim_driver_connect(f, 0, SIM_MODEM);
	for (int i = 0; i < 1000; i++)
		sim_driver_say(p,
			       "{\"op\":\"inbound\",\"id\":\"i%d\",\"from\":\"0912345678\",\"text\":\"t\",\"udh\":{\"ref\":%d,\"total\":2,"
			       "\"part\":1,\"bits\":16}}",
			       i, i);
	while (core_has_work(f->core))
		sim_tick(f);
	sim_wait(f, 10 * MINUTE_MS);
	for (int i = 0; i < 60 && seen.calls < 1000; i++)
		sim_wait(f, core_due_mono_ms(f->core) - clock_mono_ms(&f->clock) > 0 ? core_due_mono_ms(f->core) - clock_mono_ms(&f->clock)
										     : 1);
	assert_int_equal(seen.calls, 1000);
	/* a minute at the most after their time */
	assert_true(clock_now_ms(&f->clock) < FIXTURE_NOW_MS + 11 * MINUTE_MS);
	done(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_in_any_order_make_one_message),
		cmocka_unit_test(letter_cut_between_two_parts_is_whole_again),
		cmocka_unit_test(doubled_part_changes_nothing),
		cmocka_unit_test(double_that_comes_after_the_whole_is_no_message_of_its_own),
		cmocka_unit_test(missing_part_is_given_up_after_ten_minutes_and_counted),
		cmocka_unit_test(late_parts_fill_their_own_gaps_in_any_order),
		cmocka_unit_test(late_part_that_is_there_already_changes_nothing),
		cmocka_unit_test(part_of_two_days_later_is_another_message),
		cmocka_unit_test(parts_wait_over_a_restart),
		cmocka_unit_test(groups_are_told_apart),
		cmocka_unit_test(same_part_with_other_words_loses_neither),
		cmocka_unit_test(header_that_cannot_be_is_a_message_of_its_own),
		cmocka_unit_test(many_parts_backwards),
		cmocka_unit_test(thousand_unfinished_groups_are_all_handed_on),
	};
	return cmocka_run_group_tests_name("multipart", tests, NULL, NULL);
}
