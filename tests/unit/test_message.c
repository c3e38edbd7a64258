/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of a message's life: exactly the moves of the table, names that come back, classes that are bulk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/message.h"

static const struct {
	enum message_state from;
	enum message_state to[6];
	int n;
} moves[] = {
	{ MESSAGE_HELD, { MESSAGE_QUEUED, MESSAGE_CANCELLED, MESSAGE_EXPIRED, MESSAGE_SUPPRESSED }, 4 },
	{ MESSAGE_QUEUED, { MESSAGE_SENDING, MESSAGE_HELD, MESSAGE_CANCELLED, MESSAGE_EXPIRED, MESSAGE_SUPPRESSED }, 5 },
	{ MESSAGE_SENDING, { MESSAGE_SENT, MESSAGE_RETRY, MESSAGE_FAILED, MESSAGE_UNCLEAR }, 4 },
	{ MESSAGE_RETRY, { MESSAGE_SENDING, MESSAGE_HELD, MESSAGE_EXPIRED, MESSAGE_CANCELLED, MESSAGE_SUPPRESSED }, 5 },
	{ MESSAGE_SENT, { MESSAGE_DELIVERED, MESSAGE_FAILED }, 2 },
	{ MESSAGE_UNCLEAR, { MESSAGE_SENT, MESSAGE_DELIVERED, MESSAGE_FAILED }, 3 },
	{ MESSAGE_FAILED, { MESSAGE_DELIVERED }, 1 },
};

static bool listed(enum message_state from, enum message_state to)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		for (int k = 0; moves[i].from == from && k < moves[i].n; k++)
			if (moves[i].to[k] == to)
				return true;
	return false;
}

static void message_moves_as_the_table_says_and_no_other_way(void **state)
{
	(void)state;
	for (unsigned from = 0; from < MESSAGE_STATES; from++)
		for (unsigned to = 0; to < MESSAGE_STATES; to++)
			if (message_may_move(from, to) != listed(from, to))
				fail_msg("%s to %s", message_state_name(from), message_state_name(to));
	assert_false(message_may_move(MESSAGE_STATES, MESSAGE_QUEUED));
}

static void message_final_states_lead_nowhere_but_a_late_delivery(void **state)
{
	(void)state;
	for (unsigned from = 0; from < MESSAGE_STATES; from++)
		for (unsigned to = 0; message_is_final(from) && to < MESSAGE_STATES; to++)
			assert_true(!message_may_move(from, to) || (from == MESSAGE_FAILED && to == MESSAGE_DELIVERED));
	assert_false(message_is_final(MESSAGE_UNCLEAR));
	assert_false(message_is_final(MESSAGE_SENT));
}

static void message_names_come_back(void **state)
{
	(void)state;
	enum message_state s;
	enum message_class c;
	for (unsigned i = 0; i < MESSAGE_STATES; i++) {
		assert_int_equal(message_state_parse(message_state_name(i), &s), 0);
		assert_int_equal(s, i);
	}
	for (unsigned i = 0; i < CLASS_COUNT; i++) {
		assert_int_equal(message_class_parse(message_class_name(i), &c), 0);
		assert_int_equal(c, i);
		assert_int_equal(message_class_is_bulk(c), c == CLASS_SOCIAL_POLICY || c == CLASS_ADVERT);
	}
	assert_null(message_state_names[MESSAGE_STATES]);
	assert_null(message_class_names[CLASS_COUNT]);
	assert_int_equal(message_state_parse("gone", &s), E_INVALID);
	assert_int_equal(message_class_parse(NULL, &c), E_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_moves_as_the_table_says_and_no_other_way),
		cmocka_unit_test(message_final_states_lead_nowhere_but_a_late_delivery),
		cmocka_unit_test(message_names_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
