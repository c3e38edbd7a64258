/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls become inputs of a session. Called by the core for the web process and by the verb of the simulator. */
#include "handlers/ussdcall.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "gateway/address.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/random.h"
#include "handlers/ussd.h"

static const json_t *door_of(const struct config *cfg, const char *name)
{
	size_t i;
	const json_t *door;
	json_array_foreach(cfg->ussd, i, door)
		if (strcmp(json_str(door, "name", ""), name) == 0)
			return door;
	return NULL;
}

int ussdcall_hear(struct tick *t, const json_t *f, json_t **ret, struct refusal *why)
{
	struct ussd_answer a = { 0 };
	struct phone phone;
	const json_t *door = door_of(t->in.config, json_str(f, "door", ""));
	struct ussd_step s = { .door = json_str(f, "door", ""),
			       .menu = json_str(door, "menu", "main"),
			       .session = json_str(f, "session", ""),
			       .input = json_str(f, "input", ""),
			       .cumulative = json_flag(f, "cumulative", false),
			       .first = json_flag(f, "first", false),
			       .says_first = json_flag(f, "says_first", false),
			       .sequence = json_int(f, "sequence", -1) };
	if (!door)
		return refuse(why, E_NOT_FOUND, 404, "not_found", "", "There is no such USSD address.");
	if (!*s.session)
		return refuse(why, E_INVALID, 422, "missing", "session", "The callback names no session.");
	if (phone_parse(&t->in.config->plan, json_str(f, "from", ""), &phone, NULL) || !phone_can_receive(&phone))
		return refuse(why, E_INVALID, 422, "bad_number", "from", "The callback names no telephone.");
	/* of what no telephone sends nothing is kept, its number neither */
	int r = strlen(s.input) > USSD_INPUT_BYTES ? 0 : address_put(t, &phone, &s.address);
	r = r ? r : ussd_take(t, &s, &a);
	if (r)
		return r;
	*ret = json_pack("{s:s,s:b}", "text", a.text, "more", a.more);
	return *ret ? 0 : E_NOMEM;
}

/* ---- the simulator ---- */

static int command_try(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	char made[17];
	struct ussd_answer a = { 0 };
	struct phone phone;
	const char *number = json_str(c->args, "from", NULL), *session = json_str(c->args, "session", NULL);
	struct ussd_step s = { .door = "try", .menu = json_str(c->args, "menu", "main"), .session = session ? session : made, .input = json_str(c->args, "input", ""),
			       .says_first = true, .first = !session, .sequence = -1, .once = true };
	random_token(t->in.random, made, sizeof(made) - 1);
	int r = 0;
	if (number && (phone_parse(&t->in.config->plan, number, &phone, NULL) || !phone_can_receive(&phone)))
		return refuse(why, E_INVALID, 422, "bad_number", "from", "That is no telephone that could dial.");
	if (number)
		r = address_put(t, &phone, &s.address);
	if (!r && number && s.first) { /* in whose name is for the audit, the words stay theirs */
		char subject[40];
		snprintf(subject, sizeof(subject), "address:%lld", (long long)s.address);
		r = audit_put(t, c->actor, "ussd.try", subject, NULL);
	}
	r = r ? r : ussd_take(t, &s, &a);
	if (r == E_NOT_FOUND)
		return refuse(why, r, 404, "not_found", "menu", "There is no such menu, or its file is faulty: caunoi dialogue show %.32s", s.menu);
	if (r)
		return r;
	*ret = json_pack("{s:s,s:s,s:b,s:b}", "session", s.session, "text", a.text, "more", a.more, "rehearsal", number == NULL);
	return *ret ? 0 : E_NOMEM;
}

static const struct verb_arg try_args[] = {
	{ .name = "menu", .type = ARG_NAME, .otherwise = "main", .help_en = "menus/NAME.conf", .help_vi = "menus/TÊN.conf" },
	{ .name = "from", .type = ARG_PHONE, .help_en = "dial as this number: cases are opened and messages sent; left out, nothing is done",
	  .help_vi = "gọi bằng số này: mở vụ việc và gửi tin thật; để trống thì chỉ thử" },
	{ .name = "session", .type = ARG_TEXT, .min = 1, .max = 64, .help_en = "go on with this session, from the same number; left out, a new one begins", .help_vi = "tiếp tục phiên này, cùng số gọi; để trống là phiên mới" },
	{ .name = "input", .type = ARG_TEXT, .max = 300, .otherwise = "", .help_en = "what is typed into its screen", .help_vi = "nội dung nhập vào màn hình" },
};
static const struct verb verbs[] = {
	{ .noun = "ussd", .name = "try", .kind = VERB_COMMAND, .whole = true, .roles = R_(OPERATOR) | R_(OUTREACH) | R_(ADMINISTRATOR), VERB_ARGS(try_args), .command = command_try,
	  .help_en = "walk through a menu as a telephone does: {\"session\",\"text\",\"more\",\"rehearsal\"} for each input; at a terminal screen by screen",
	  .help_vi = "đi thử trình đơn như trên điện thoại, từng màn hình" },
};
const struct verb_table ussdcall_verbs = VERB_TABLE(verbs);
