/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases that came by no message. Understood and opened as a message is, so that an accusation is restricted here as well. */
#include "handlers/casenew.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "gateway/address.h"
#include "gateway/base/json.h"
#include "gateway/unit.h"
#include "handlers/casedesk.h"
#include "handlers/feedback.h"

/* The unit that is said, the caller's own commune, or the organisation's. */
static int choose_unit(struct tick *t, const struct call *c, char ret[16], struct refusal *why)
{
	const char *said = json_str(c->args, "unit", ""), *own = c->unit && strlen(c->unit) >= 5 ? c->unit : t->in.config->organisation.unit;
	int r = unit_check_said(&t->in, said, "unit", why);
	if (r)
		return r;
	int within = *said && c->unit && *c->unit ? unit_is_within(&t->in, said, c->unit) : 1;
	if (within < 0)
		return within;
	if (!within)
		return refuse(why, E_DENIED, 403, "territory", "unit", "That unit is not in your territory.");
	snprintf(ret, 16, "%s", *said ? said : own ? own : "");
	return 0;
}

static int understand(struct tick *t, const struct call *c, struct classified *ret, struct refusal *why)
{
	struct context none = { .most = -1 };
	const char *topic = json_str(c->args, "topic", "");
	if (!t->in.keywords)
		return E_UNAVAILABLE;
	const char *code = *topic ? keywords_topic_said(t->in.keywords, topic) : NULL;
	if (*topic && !code)
		return refuse(why, E_INVALID, 422, "not_a_choice", "topic", "There is no topic of this code.");
	int r = classify(t->in.keywords, json_str(c->args, "text", ""), &none, ret);
	if (r)
		return r;
	ret->kind = json_flag(c->args, "urgent", false) ? KIND_URGENT : KIND_FEEDBACK;
	if (code)
		ret->restricted = ret->restricted || keywords_topic(t->in.keywords, code)->restricted;
	if (code || !ret->n_topics) {
		ret->n_topics = 1;
		snprintf(ret->topics[0], TOPIC_BYTES, "%s", code ? code : "KHAC");
	}
	return 0;
}

/* The number's address; 0 where there is none. */
static int find_address(struct tick *t, const struct call *c, int64_t *ret, struct refusal *why)
{
	const char *number = json_str(c->args, "number", "");
	struct phone phone;
	if (!*number)
		return 0;
	if (phone_parse(&t->in.config->plan, number, &phone, NULL))
		return refuse(why, E_INVALID, 422, "bad_number", "number", "That is no telephone number.");
	return address_put(t, &phone, ret);
}

static int open_case(struct turn *turn, const struct call *c, const char *unit, struct casefile *ret)
{
	const char *who = json_str(c->args, "who", "");
	int r = turn->in->address ? casefile_person(&turn->t->in, turn->in->address, &turn->person) : 0;
	if (r)
		return r;
	snprintf(turn->person.unit, sizeof(turn->person.unit), "%s", unit);
	turn->to = (struct reply_to){ .address = turn->in->address, .person = turn->person.id, .language = reply_language(turn->person.language) };
	r = feedback_open_words(turn, turn->in->text, turn->in->address ? REPLY_RECEIPT : REPLY_COUNT, ret);
	return r || !*who ? r : casefile_event(turn->t, ret->id, "spoke_for", c->actor, who, 0, 0);
}

static int command_new(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct handled handled = { 0 };
	struct inbound in = { .text = json_str(c->args, "text", ""), .received_at = t->in.now_ms };
	struct turn turn = { .t = t, .in = &in, .ret = &handled, .actor = c->actor, .territory = c->unit };
	struct casefile f;
	char unit[16];
	int r = choose_unit(t, c, unit, why);
	r = r ? r : understand(t, c, &turn.c, why);
	r = r ? r : find_address(t, c, &in.address, why);
	r = r ? r : open_case(&turn, c, unit, &f);
	classified_done(&turn.c);
	return r ? r : casedesk_done(t, c, &f, "written_down", json_str(c->args, "note", ""), ret);
}

static const struct verb_arg new_args[] = {
	{ .name = "text", .type = ARG_TEXT, .required = true, .min = 1, .max = 4000, .help_en = "what the person says", .help_vi = "nội dung người dân trình bày" },
	{ .name = "who", .type = ARG_TEXT, .max = 200, .otherwise = "", .help_en = "name and where to find them", .help_vi = "họ tên và nơi ở" },
	{ .name = "number", .type = ARG_PHONE, .help_en = "their telephone, if they have one: they get a receipt",
	  .help_vi = "số điện thoại nếu có: sẽ nhận tin xác nhận" },
	{ .name = "unit", .type = ARG_TEXT, .max = 15, .otherwise = "", .help_en = "code of the unit; the own one when left out",
	  .help_vi = "mã đơn vị; để trống là đơn vị mình" },
	{ .name = "topic", .type = ARG_TEXT, .max = 15, .otherwise = "", .help_en = "its topic; read out of the words when left out",
	  .help_vi = "chủ đề; để trống thì hệ thống tự đoán" },
	{ .name = "urgent", .type = ARG_FLAG, .help_en = "a life is in danger", .help_vi = "nguy hiểm tính mạng" },
	CASE_NOTE_ARG,
};
static const struct verb verbs[] = {
	{ .noun = "case", .name = "new", .kind = VERB_COMMAND, .roles = CASE_WORKERS, .creates = true, VERB_ARGS(new_args),
	  .help_en = "write down what somebody says who sent no message", .help_vi = "ghi nhận thay cho người không nhắn tin được", .command = command_new },
};
const struct verb_table casenew_verbs = VERB_TABLE(verbs);
