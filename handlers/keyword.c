/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a command. A wish to be called, or to sign up for what no programme is about, opens a case: a person takes it from there. */
#include "handlers/keyword.h"

#include <string.h>

#include "handlers/feedback.h"
#include "handlers/inquiry.h"
#include "handlers/signuptalk.h"
#include "handlers/status.h"

static int tell_topic(struct turn *turn)
{
	const char *topic = turn->c.n_topics ? turn->c.topics[0] : NULL;
	if (turn->c.near) /* "bhty": one letter is wrong */
		return inquiry_ask(turn, "topic");
	turn_result(turn, "topic %s", topic ? topic : "none");
	return topic ? turn_say(turn, REPLY_TOPIC, &(struct reply_values){ .topic = topic }) : turn_say(turn, REPLY_HELP, NULL);
}

static int take_wish(struct turn *turn)
{
	struct casefile c;
	int r = signuptalk_take(turn);
	if (r != E_NOT_FOUND)
		return r;
	turn->c.nature = NATURE_QUESTION;
	return feedback_open(turn, REPLY_RECEIPT, &c);
}

static int ask_for_words(struct turn *turn)
{
	turn_result(turn, "asked for the words");
	return turn_say(turn, REPLY_CASE_EMPTY, NULL);
}

static const turn_fn commands[] = {
	[COMMAND_NONE] = tell_topic,	[COMMAND_TOPIC] = tell_topic,	[COMMAND_SIGNUP] = take_wish, [COMMAND_STATUS] = status_tell,
	[COMMAND_NUDGE] = status_nudge, [COMMAND_CASE] = ask_for_words, [COMMAND_MENU] = tell_topic,
};

int keyword_handle(struct turn *turn)
{
	return commands[turn->c.command](turn);
}
