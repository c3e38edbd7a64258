/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Repeats by a person's order, once a message and audited. Called by the verb alone: nothing repeats an unclear message by itself. Consent,
 * hours and caps are decided at the claim as for any message. */
#include "gateway/repeat.h"

#include <stdio.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/core.h"
#include "gateway/outbox.h"
#include "gateway/store/store.h"

#define MARK "!repeat" /* behind the key: whoever may see the message may see what repeats it */

enum repeat_sql { REPEAT_OF, REPEAT_SQL_COUNT };
static const char *const repeat_sql[REPEAT_SQL_COUNT] = {
	[REPEAT_OF] = "SELECT state, key, address, person, class, topic, text, wording, pin, sender, subject FROM message WHERE id = $id",
};
const struct sql_module repeat_module = { "repeat", repeat_sql, REPEAT_SQL_COUNT };

/* Only a channel that was chosen binds the repetition: signs stand before every other pin. */
static const char *chosen(struct tick *t, const char *pin)
{
	return pin && tick_channel(t, pin) ? pin : NULL;
}

static int check(struct statement *st, struct refusal *why)
{
	const char *key = column_text(st, 1);
	if (strlen(key) >= strlen(MARK) && !strcmp(key + strlen(key) - strlen(MARK), MARK))
		return refuse(why, E_REFUSED, 409, "repeated", "id", "This message repeats another one; it is not repeated again.");
	if (strcmp(column_text(st, 0), "unclear"))
		return refuse(why, E_REFUSED, 409, "state", "id", "Only an unclear message can be repeated; this one is %s.", column_text(st, 0));
	return 0;
}

static int put(struct tick *t, struct statement *st, int64_t *ret_id)
{
	OWN(mem) char *key = NULL;
	enum message_class class;
	if (asprintf(&key, "%s" MARK, column_text(st, 1)) < 0)
		return E_NOMEM;
	if (message_class_parse(column_text(st, 4), &class))
		return E_CORRUPT;
	return outbox_put(t, &(struct outbox_put){ .key = key, .flow = message_class_is_bulk(class) ? FLOW_SINGLE : FLOW_ANSWERS,
						   .address = column_int(st, 2), .person = column_int(st, 3), .class = class,
						   .topic = column_text(st, 5), .text = column_text(st, 6), .wording = column_int(st, 7),
						   .pin = chosen(t, column_text(st, 8)), .sender = column_text(st, 9), .subject = column_text(st, 10) },
			  ret_id);
}

static int repeat(struct tick *t, int64_t id, int64_t *ret_id, struct refusal *why)
{
	struct statement *st = store_prepare(t->in.db, &repeat_module, REPEAT_OF);
	bind_int(st, "$id", id);
	int r = store_row(st);
	r = r > 0 ? check(st, why) : r == 0 ? E_NOT_FOUND : r;
	if (!r)
		r = put(t, st, ret_id);
	store_reset(st);
	return r == E_EXISTS ? refuse(why, E_REFUSED, 409, "repeated", "id", "This message was repeated already.") : r;
}

static int command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	int64_t id = json_int(c->args, "id", 0), made;
	char subject[40];
	OWN(json) json_t *seen = NULL;
	int r = outbox_json_for(&t->in, c, id, &seen);
	if (r == E_NOT_FOUND) {
		refuse(why, r, 404, "not_found", "id", "there is no such message");
		audit_attempt(&t->in, c, "message", id, why);
	}
	if (!r)
		r = repeat(t, id, &made, why);
	if (r)
		return r;
	snprintf(subject, sizeof(subject), "message:%lld", (long long)id);
	r = audit_put(t, c->actor, "message.repeat", subject, NULL);
	tick_changed(t, "message");
	return r ? r : outbox_json_for(&t->in, c, made, ret);
}

static const struct verb_arg args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_MAX, .help_en = "message", .help_vi = "tin nhắn" },
};
static const struct verb verbs[] = {
	{ .noun = "message", .name = "repeat", .kind = VERB_COMMAND, .roles = R_(OUTREACH), .creates = true, VERB_ARGS(args), .command = command,
	  .help_en = "send an unclear message once more; the person may get it twice", .help_vi = "gửi lại một lần tin không rõ kết quả" },
};
const struct verb_table repeat_verbs = VERB_TABLE(verbs);
