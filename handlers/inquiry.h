/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Do you ask about this topic?": what was nearly a topic's name is asked about, with the topic's choices where its file has any
 * (topicchoice.h), else by yes or no. The words are kept meanwhile, as kept.h says. */
#ifndef CAUNOI_HANDLERS_INQUIRY_H
#define CAUNOI_HANDLERS_INQUIRY_H

#include "handlers/chain.h"

/* Asks about the first topic of the message. yes_no: the kind of the question where it has no choices, "topic" or "feedback". */
MUST_CHECK int inquiry_ask(struct turn *turn, const char *yes_no);
/* The answer to one with choices: the kept words become a case that notes what was chosen; what has a reply is answered at once. */
MUST_CHECK int inquiry_answer(struct turn *turn);
/* Does what is said besides the answer stand in that case, as the same matter? */
bool inquiry_holds_all(const struct turn *turn);
/* Nobody will answer any more: the words that such an open question keeps become a case now. receipt as in feedback_open_words. *ret_done
 * false: there is none, *ret is untouched. */
MUST_CHECK int inquiry_give_up(struct turn *turn, enum reply receipt, struct casefile *ret, bool *ret_done);

#endif
