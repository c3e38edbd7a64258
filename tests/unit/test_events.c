/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of callbacks whose events do not lie plainly in the body: named by an element, inside a field, in a list that is empty. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "config/provider.h"
#include "gateway/base/own.h"
#include "tests/support/profiles.h"

#define HEAD                                                                                                             \
	"provider = { name = \"t\"; submit = { path = \"/s\"; body = \"x\"; }; "                                            \
	"answer = { format = \"json\"; rules = ( { outcome = \"unclear\"; } ); }; "

static bool is(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void status_may_be_what_the_element_is_called(void **state)
{
	(void)state;
	static const struct {
		const char *label, *body;
		int result;
		const char *id, *status, *code;
	} cases[] = {
		{ "delivered", "<MessageDelivered><Id>1</Id><MessageId>a-1</MessageId></MessageDelivered>", 0, "a-1", "delivered", "MessageDelivered" },
		{ "failed", "<MessageFailed><MessageId> a-2 </MessageId></MessageFailed>", 0, "a-2", "failed", "MessageFailed" },
		{ "with a prefix of its own", "<e:MessageFailed xmlns:e=\"u\"><e:MessageId>a-3</e:MessageId></e:MessageFailed>", 0, "a-3", "failed", "MessageFailed" },
		{ "of a kind that nobody knows", "<MessageSeen><MessageId>a-4</MessageId></MessageSeen>", 0, "a-4", "buffered", "MessageSeen" },
		{ "one level too deep", "<x><MessageFailed><MessageId>a-5</MessageId></MessageFailed></x>", E_INVALID, NULL, NULL, NULL },
		{ "a star is no attribute", "<MessageFailed MessageId=\"a-6\"/>", E_INVALID, NULL, NULL, NULL },
	};
	struct provider *p = profiles_must_parse(HEAD "receipt = { format = \"xml\"; id = \"/*/MessageId\"; status = \"name(/*)\"; map = ( "
					    "{ value = \"MessageDelivered\"; status = \"delivered\"; }, { value = \"MessageFailed\"; status = \"failed\"; } ); }; };");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct received in = { .method = "POST", .body = cases[i].body, .body_bytes = strlen(cases[i].body) };
		struct provider_receipt r = { 0 };
		int e = provider_receipt(p, &in, &r);
		if (e != cases[i].result || !is(r.reference, cases[i].id) || !is(r.status, cases[i].status) || !is(r.code, cases[i].code))
			fail_msg("%s: %d %s %s %s", cases[i].label, e, r.reference, r.status, r.code);
		provider_receipt_done(&r);
	}
	provider_free(p);
}

#define INSIDE                                                                                                           \
	HEAD "receipt = { format = \"json\"; field = \"response\"; each = \"\"; id = \"/externalId\"; status = \"/eventType\"; only = { at = \"/eventType\"; matches = \"[A-Z]\"; }; " \
	     "map = ( { value = \"DELIVERED\"; status = \"delivered\"; } ); }; "                                              \
	     "inbound = { format = \"json\"; field = \"response\"; each = \"\"; from = \"/from\"; text = \"/text\"; only = { at = \"/kind\"; equals = \"mo\"; }; }; };"

static void json_may_stand_in_a_field(void **state)
{
	(void)state;
	static const struct {
		const char *label, *body, *query;
		int result;
		size_t receipts, messages;
		const char *why;
	} cases[] = {
		{ "in a form", "a=1&response=%5B%7B%22externalId%22%3A%22x-1%22%2C%22eventType%22%3A%22DELIVERED%22%7D%5D", "", 0, 1, 0, NULL },
		{ "in a query", "", "response=%5B%7B%22externalId%22:%22x-1%22,%22eventType%22:%22DELIVERED%22%7D%5D", 0, 1, 0, NULL },
		{ "both kinds in one", "response=[{\"kind\":\"mo\",\"from\":\"84912345678\",\"text\":\"TC\"},{\"externalId\":\"x\",\"eventType\":\"SENT\"}]", "", 0, 1, 1, NULL },
		{ "field absent", "other=1", "", E_INVALID, 0, 0, "receipt.field" },
		{ "field twice", "response=[]&response=[]", "", E_INVALID, 0, 0, "receipt.field" },
		{ "no JSON in it", "response=%5B%7B", "", E_INVALID, 0, 0, "receipt.field" },
		{ "the JSON as the body", "[{\"externalId\":\"x-1\",\"eventType\":\"DELIVERED\"}]", "", E_INVALID, 0, 0, "receipt.field" },
	};
	struct provider *p = profiles_must_parse(INSIDE);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct received in = { .method = "POST", .query = cases[i].query, .body = cases[i].body, .body_bytes = strlen(cases[i].body) };
		struct provider_events events = { 0 };
		const char *why = NULL;
		size_t receipts = 0;
		int r = provider_events(p, true, &in, &events, &why);
		for (size_t k = 0; k < events.n; k++)
			receipts += events.at[k].is_receipt;
		if (r != cases[i].result || receipts != cases[i].receipts || events.n - receipts != cases[i].messages || !is(why, cases[i].why))
			fail_msg("%s: %d, %zu of %zu, %s", cases[i].label, r, receipts, events.n, why ? why : "-");
		provider_events_done(&events);
	}
	provider_free(p);
}

/* Providers that try an address send an empty list, and repeat what is not answered 200. */
static void an_empty_list_holds_nothing_and_is_no_mistake(void **state)
{
	(void)state;
	static const struct {
		const char *each, *body;
		int result;
	} cases[] = {
		{ "", "[]", 0 }, { "", "{}", E_INVALID }, { "", "", E_INVALID }, { "/r", "{\"r\":[]}", 0 }, { "/r", "{\"r\":{}}", E_INVALID },
		{ "/r", "{\"r\":null}", E_INVALID }, { "/r", "{\"mo\":[]}", 0 }, { "/r", "{\"mo\":[],\"r\":[]}", 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *text = NULL;
		assert_true(asprintf(&text, HEAD "receipt = { format = \"json\"; each = \"%s\"; id = \"/i\"; status = \"/s\"; map = ( { value = \"OK\"; status = \"delivered\"; } ); }; "
						 "inbound = { format = \"json\"; each = \"/mo\"; from = \"/f\"; text = \"/t\"; }; };", cases[i].each) > 0);
		struct provider *p = profiles_must_parse(text);
		struct received in = { .method = "POST", .body = cases[i].body, .body_bytes = strlen(cases[i].body) };
		struct provider_events events = { 0 };
		const char *why = NULL;
		int r = provider_events(p, true, &in, &events, &why);
		if (r != cases[i].result || events.n)
			fail_msg("%s at \"%s\": %d, %zu", cases[i].body, cases[i].each, r, events.n);
		provider_events_done(&events);
		provider_free(p);
	}
}

static void places_that_could_find_nothing_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *receipt, *field;
	} cases[] = {
		{ "format = \"xml\"; id = \"/*x/Id\"; status = \"/a\";", "provider.receipt.id" },
		{ "format = \"xml\"; id = \"/a/@*\"; status = \"/a\";", "provider.receipt.id" },
		{ "format = \"xml\"; id = \"/a\"; status = \"name(a)\";", "provider.receipt.status" },
		{ "format = \"xml\"; id = \"/a\"; status = \"name(/a/@b)\";", "provider.receipt.status" },
		{ "format = \"form\"; field = \"f\"; id = \"a\"; status = \"b\";", "provider.receipt.field" },
		{ "format = \"json\"; field = \"\"; id = \"/a\"; status = \"/b\";", "provider.receipt.field" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(mem) char *text = NULL;
		struct provider *p = NULL;
		struct complaint c = { 0 };
		assert_true(asprintf(&text, HEAD "receipt = { %s map = ( { value = \"a\"; status = \"failed\"; } ); }; };", cases[i].receipt) > 0);
		int r = profiles_parse(text, &p, &c);
		if (r != E_CONFIG || strcmp(c.field, cases[i].field))
			fail_msg("%s: %d %s %s", cases[i].receipt, r, c.field, c.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_may_be_what_the_element_is_called),
		cmocka_unit_test(json_may_stand_in_a_field),
		cmocka_unit_test(an_empty_list_holds_nothing_and_is_no_mistake),
		cmocka_unit_test(places_that_could_find_nothing_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
