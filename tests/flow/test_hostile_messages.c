/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that a villager with a bad telephone, or somebody with a bad intent, can send to the modem of a whole gateway:
 * each is a row with its octets, those that are no person's words are set aside with the reason and answered by nothing,
 * and whoever writes next is heard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "tests/support/gateway.h"

#define SMSC "07914889200030F0"
#define OA "0B914889674523F1"   /* +84987654321 */
#define OTHER "0B914889674523F2" /* its neighbour */
#define TIME "62112270955082"
#define HELLO "05E8329BFD06"
#define WAIT_MS 60000
#define MEGABYTE (1000 * 1000)
#define LONG_PARTS 54

static int gateway_up(void **state)
{
	struct gateway *g = gateway_new(&(struct gateway_options){
		.channels = "{ name = \"modem\"; driver = \"gammu\"; device = \"@MODEM@\"; connection = \"at115200\"; rate_per_minute = 6000; }" });
	gateway_start(g);
	*state = g;
	return 0;
}

static int gateway_down(void **state)
{
	gateway_free(*state);
	return 0;
}

/* ---- small steps ---------------------------------------------------------------------------------------------- */

static void deliver(struct gateway *g, const char *pdu)
{
	OWN(json) json_t *operation = json_pack("{s:s,s:s}", "op", "deliver_pdu", "pdu", pdu);
	OWN(mem) char *line = json_text(operation);
	assert_non_null(line);
	simmodem_tell(&g->modem, line);
}

static int64_t rows(struct gateway *g)
{
	return gateway_scalar(g, "SELECT count(*) FROM inbound");
}

static void wait_rows(struct gateway *g, const char *label, int64_t n)
{
	char sql[80];
	snprintf(sql, sizeof(sql), "SELECT count(*) >= %lld FROM inbound", (long long)n);
	gateway_wait(g, label, sql, WAIT_MS);
	assert_int_equal(rows(g), n);
}

/* An ordinary message behind all the others: heard and taken care of. */
static void next_is_heard(struct gateway *g, const char *text)
{
	char sql[160];
	OWN(json) json_t *operation = json_pack("{s:s,s:s,s:s}", "op", "deliver", "from", "+84987654322", "text", text);
	OWN(mem) char *line = json_text(operation);
	simmodem_tell(&g->modem, line);
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM inbound WHERE text = '%s' AND state = 'handled'", text);
	gateway_wait(g, text, sql, WAIT_MS);
}

/* ---- one message each ----------------------------------------------------------------------------------------- */

static const struct {
	const char *label, *pdu, *why;
} aside[] = {
	{ "originator of no digits", SMSC "04" "0091" "0000" TIME HELLO, "malformed" },
	{ "originator of 255 digits", SMSC "04" "FF914889674523F1" "0000" TIME HELLO, "malformed" },
	{ "header longer than the text", SMSC "44" OA "0008" TIME "08FF0003CD03010041", "malformed" },
	{ "text of 255 septets", SMSC "04" OA "0000" TIME "FFE8329BFD06", "malformed" },
	{ "month 99", SMSC "04" OA "0000" "62992270955082" HELLO, "malformed" },
	{ "report that promises everything", SMSC "0605" OA TIME TIME "00" "FF0700", "malformed" },
	{ "half an octet", SMSC "04" OA "0000" TIME HELLO "1", "malformed" },
	{ "no hexadecimal", "xin chao", "malformed" },
	{ "a message of ours", SMSC "01" OA "0000" TIME HELLO, "malformed" },
	{ "octets behind the end", SMSC "04" OA "0000" TIME HELLO "12", "malformed" },
	{ "type 0", SMSC "04" OA "4000" TIME HELLO, "type0" },
	{ "flash", SMSC "04" OA "0010" TIME HELLO, "flash" },
	{ "flash in the other group", SMSC "04" OA "00F0" TIME HELLO, "flash" },
	{ "for the SIM", SMSC "04" OA "0012" TIME HELLO, "sim_class" },
	{ "SIM download", SMSC "04" OA "7F04" TIME "020102", "sim_download" },
	{ "voice mail waits", SMSC "04" OA "00C8" TIME HELLO, "message_waiting" },
	{ "voice mail waits, by its header", SMSC "44" OA "0008" TIME "07" "040102" "8001" "0041", "message_waiting" },
	{ "WAP push", SMSC "44" OA "0004" TIME "08" "0605040B8423F0" "41", "ports" },
	{ "settings over the air", SMSC "44" OA "0004" TIME "08" "0605040B84C002" "41", "ports" },
	{ "a text to a port", SMSC "44" OA "0008" TIME "09" "06050415810000" "0041", "ports" },
	{ "octets", SMSC "04" OA "0004" TIME "020102", "binary" },
	{ "compressed", SMSC "04" OA "0020" TIME "020102", "compressed" },
};

/* Its octets; what is no hexadecimal keeps its characters. */
static void check_aside(struct gateway *g, size_t i)
{
	char sql[320];
	const char *pdu = aside[i].pdu;
	bool octets = strspn(pdu, "0123456789ABCDEF") == strlen(pdu) && strlen(pdu) % 2 == 0;
	OWN(mem) char *raw = octets ? strdup(pdu) : text_hex(pdu, strlen(pdu));
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM inbound WHERE state = 'quarantined' AND why = '%s' AND casefile IS NULL AND lower(hex(raw)) = lower('%s')",
		 aside[i].why, raw);
	if (gateway_scalar(g, sql) != 1)
		fail_msg("%s: not set aside as %s with its octets", aside[i].label, aside[i].why);
}

static void what_is_no_persons_words_is_set_aside_and_answered_by_nothing(void **state)
{
	struct gateway *g = *state;
	int64_t before = rows(g), sent = gateway_scalar(g, "SELECT count(*) FROM v_msg");
	for (size_t i = 0; i < COUNT_OF(aside); i++)
		deliver(g, aside[i].pdu);
	wait_rows(g, "what is set aside", before + (int64_t)COUNT_OF(aside));
	for (size_t i = 0; i < COUNT_OF(aside); i++)
		check_aside(g, i);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM v_msg"), sent);
	next_is_heard(g, "Xin chao sau tin hong");
}

static void every_beginning_of_a_message_is_kept_and_the_next_is_heard(void **state)
{
	struct gateway *g = *state;
	static const char whole[] = SMSC "44" OA "0008" TIME "08050003CD03010041";
	int64_t before = rows(g), n = 0, first = gateway_scalar(g, "SELECT coalesce(max(id), 0) + 1 FROM inbound");
	char sql[160], cut[sizeof(whole)];
	for (size_t octets = 1; octets < sizeof(whole) / 2; octets++, n++) {
		snprintf(cut, sizeof(cut), "%.*s", (int)(2 * octets), whole);
		deliver(g, cut);
	}
	wait_rows(g, "beginnings", before + n);
	snprintf(sql, sizeof(sql), "SELECT count(DISTINCT raw) FROM inbound WHERE id >= %lld AND why = 'malformed' AND state = 'quarantined'", (long long)first);
	assert_int_equal(gateway_scalar(g, sql), n);
	next_is_heard(g, "Xin chao sau tin cut");
}

static void any_coding_is_kept(void **state)
{
	struct gateway *g = *state;
	int64_t before = rows(g);
	char pdu[80];
	for (unsigned dcs = 0; dcs < 256; dcs++) {
		snprintf(pdu, sizeof(pdu), SMSC "04" OTHER "00%02X" TIME "0400540069", dcs);
		deliver(g, pdu);
	}
	wait_rows(g, "codings", before + 256);
	next_is_heard(g, "Xin chao sau moi bang chu");
}

static void a_megabyte_in_place_of_a_message_is_one_row(void **state)
{
	struct gateway *g = *state;
	int64_t before = rows(g);
	OWN(buffer) struct buffer line = { 0 };
	assert_int_equal(buffer_puts(&line, "{\"op\":\"urc\",\"raw\":true,\"text\":\"\\r\\n+CMT: ,24\\r\\n"), 0);
	for (int i = 0; i < MEGABYTE / 50; i++)
		assert_int_equal(buffer_puts(&line, "07914889200030F0040B914889674523F1000062112270955082"), 0);
	assert_int_equal(buffer_puts(&line, "\\r\\n\"}"), 0);
	simmodem_tell(&g->modem, buffer_text(&line));
	wait_rows(g, "the megabyte", before + 1);
	assert_in_range(gateway_scalar(g, "SELECT max(length(raw)) FROM inbound"), 1000, 4096);
	next_is_heard(g, "Xin chao sau mot trieu chu");
}

/* ---- parts ------------------------------------------------------------------------------------------------------ */

static void deliver_part(struct gateway *g, const char *from, int ref, int total, int part, char letter)
{
	char pdu[160];
	snprintf(pdu, sizeof(pdu), SMSC "44%s0008" TIME "08050003%02X%02X%02X%04X", from, (unsigned)ref, (unsigned)total, (unsigned)part, (unsigned)letter);
	deliver(g, pdu);
}

static void many_parts_of_a_telephone_make_one_message(void **state)
{
	struct gateway *g = *state;
	char sql[200], text[LONG_PARTS + 1] = "";
	for (int i = 0; i < LONG_PARTS; i++)
		text[i] = (char)('A' + i % 26);
	for (int i = LONG_PARTS; i > 0; i--)
		deliver_part(g, OA, 54, LONG_PARTS, i, text[i - 1]);
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM inbound WHERE text = '%s' AND state = 'handled'", text);
	gateway_wait(g, "the whole", sql, WAIT_MS);
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM inbound WHERE ref = 54 AND state = 'joined'"), LONG_PARTS - 1);
}

static const struct {
	const char *label, *from;
	int ref, total, part;
	char letter;
	const char *state;
} parts[] = {
	{ "part 0", OA, 60, 3, 0, 'a', "handled" },
	{ "part over total", OA, 61, 3, 4, 'b', "handled" },
	{ "total 0", OA, 62, 0, 1, 'c', "handled" },
	{ "first of three", OA, 63, 3, 1, 'd', "waiting" },
	{ "the same of four", OA, 63, 4, 2, 'e', "waiting" },
	{ "one part", OA, 64, 2, 1, 'f', "waiting" },
	{ "the same part with another text", OA, 64, 2, 1, 'g', "waiting" },
	{ "the same reference of another sender", OTHER, 64, 2, 2, 'h', "waiting" },
	{ "first of 255", OA, 65, 255, 1, 'i', "waiting" },
	{ "last of 255", OA, 65, 255, 255, 'j', "waiting" },
};
#define UNFINISHED 100

static void parts_that_contradict_each_other_are_all_kept(void **state)
{
	struct gateway *g = *state;
	int64_t before = rows(g);
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		deliver_part(g, parts[i].from, parts[i].ref, parts[i].total, parts[i].part, parts[i].letter);
	wait_rows(g, "the parts", before + (int64_t)COUNT_OF(parts));
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		char sql[120];
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM inbound WHERE text = '%c' AND state = '%s'", parts[i].letter, parts[i].state);
		if (!gateway_waited(g, sql, WAIT_MS))
			fail_msg("%s: not %s", parts[i].label, parts[i].state);
	}
	for (int i = 0; i < UNFINISHED; i++)
		deliver_part(g, OTHER, 100 + i, 2, 1, 'k');
	wait_rows(g, "messages without an end", before + (int64_t)COUNT_OF(parts) + UNFINISHED);
	next_is_heard(g, "Xin chao sau cac phan");
}

static void what_was_handed_on_is_off_the_sim(void **state)
{
	struct gateway *g = *state;
	for (int64_t until = gateway_mono_ms() + WAIT_MS;; gateway_pause_ms(50)) {
		OWN(json) json_t *storage = simmodem_ask(&g->modem, "{\"op\":\"storage\"}");
		if (!json_int(json_object_get(storage, "SM"), "used", -1) && !json_int(storage, "waiting", -1))
			break;
		if (gateway_mono_ms() > until)
			fail_msg("the SIM still holds messages");
	}
	assert_int_equal(gateway_scalar(g, "SELECT count(*) FROM inbound WHERE raw IS NULL AND text <> ''"), 0);
	gateway_stop(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_persons_words_is_set_aside_and_answered_by_nothing),
		cmocka_unit_test(every_beginning_of_a_message_is_kept_and_the_next_is_heard),
		cmocka_unit_test(any_coding_is_kept),
		cmocka_unit_test(a_megabyte_in_place_of_a_message_is_one_row),
		cmocka_unit_test(many_parts_of_a_telephone_make_one_message),
		cmocka_unit_test(parts_that_contradict_each_other_are_all_kept),
		cmocka_unit_test(what_was_handed_on_is_off_the_sim),
	};
	return cmocka_run_group_tests(tests, gateway_up, gateway_down);
}
