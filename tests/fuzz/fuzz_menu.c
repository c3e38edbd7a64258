// SPDX-License-Identifier: GPL-3.0-or-later
/* Any bytes as a call of a USSD aggregator, and its lines as what somebody types into the menu. What is read names a session and a telephone in
 * sound text, and its answer can be read back; every screen is one that a telephone can show, and the place is never one that the menu has not. */
#include <string.h>

#include "config/menu.h"
#include "config/ussd_style.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/dialogue.h"
#include "tests/fuzz/fuzz.h"

#define SAID "Chon <1> & \"2\" 100%"

static const char *const entries[] = {
	"{\"style\":\"africastalking\"}",
	"{\"style\":\"infobip\"}",
	"{\"style\":\"hubtel\"}",
	"{\"style\":\"nalo\"}",
	"{\"style\":\"arkesel\"}",
	"{\"style\":\"generic\",\"settings\":{\"format\":\"xml\",\"session\":\"s\",\"from\":\"f\",\"input\":\"i\",\"first\":\"n\",\"sequence\":\"q\",\"echo\":[\"s\"],\"answer\":\"xml\",\"text\":\"t\",\"more\":\"m\"}}",
	"{\"style\":\"generic\",\"settings\":{\"format\":\"query\",\"cumulative\":true,\"session\":\"s\",\"from\":\"f\",\"input\":\"i\",\"answer\":\"form\",\"text\":\"t\",\"more\":\"m\",\"extra\":[\"a=b\"]}}",
};

static void check_answer(const struct ussd_style *s, const struct ussd_heard *h)
{
	OWN(buffer) struct buffer out = { 0 };
	OWN(json) json_t *doc = NULL;
	const char *type = NULL;
	LAW(!ussd_style_say(s, h, SAID, true, &out, &type) && type);
	const char *text = buffer_text(&out);
	if (s->saying == SAYING_PREFIX)
		LAW(!strcmp(text, "CON " SAID));
	else if (s->answer == FORMAT_JSON)
		LAW(!json_parse(text, buffer_left(&out), &doc) && !strcmp(json_str(doc, s->text, ""), SAID));
	else
		LAW(!strpbrk(text, "\"\n") || s->answer == FORMAT_XML);
}

static void hear(const uint8_t *data, size_t size)
{
	OWN(json) json_t *entry = NULL;
	const char *text = entries[data[0] % COUNT_OF(entries)], *setting, *why;
	struct ussd_style s;
	struct ussd_heard h;
	OWN(mem) char *body = strndup((const char *)data + 1, size - 1);
	LAW(!json_parse(text, strlen(text), &entry) && !ussd_style_read(entry, &s, &setting, &why));
	struct received in = { .method = "POST", .query = body, .content_type = "", .body = body, .body_bytes = strlen(body) };
	if (ussd_style_hear(&s, &in, s.by_path ? "s-1/response" : "", &h))
		return;
	LAW(*h.session && h.input && (h.over || *h.from) && h.sequence >= -1);
	LAW(text_is_valid(h.session, strlen(h.session)) && text_is_valid(h.input, strlen(h.input)));
	check_answer(&s, &h);
	ussd_heard_done(&h);
}

static void walk(const json_t *menu, char *lines)
{
	struct dialogue_world world = { 0 };
	OWN(json) json_t *place = NULL;
	enum dialogue_outcome outcome = DIALOGUE_ASKS;
	LAW(!dialogue_begin(menu, "vi", &place));
	for (char *line = strtok_r(lines, "\n", &lines); line && outcome == DIALOGUE_ASKS; line = strtok_r(NULL, "\n", &lines)) {
		char screen[MENU_SCREEN_BYTES];
		struct measure m;
		LAW(!dialogue_take(menu, &world, line, place, &outcome) && dialogue_step(menu, place));
		dialogue_screen(menu, place, screen);
		gsm7_measure(screen, 8, &m);
		LAW(m.encoding == ENCODING_GSM7 && m.n_units <= MENU_SCREEN_CHARS);
		LAW(outcome != DIALOGUE_ENDS || menu_kind_of(dialogue_step(menu, place)) == MENU_END);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static json_t *menu;
	struct complaint c = { 0 };
	if (!menu)
		LAW(!menu_read("config/menus/main.conf", &menu, &c));
	if (size < 2)
		return 0;
	hear(data, size);
	OWN(mem) char *lines = text_valid(data + 1, size - 1);
	walk(menu, lines);
	return 0;
}
