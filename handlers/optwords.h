/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules for refusals and their lifting. Opt-out is never guessed from a complaint and never missed in plain words; what is
 * doubtful is asked once. Each is a rule of parse.c: true when it fired. */
#ifndef CAUNOI_HANDLERS_OPTWORDS_H
#define CAUNOI_HANDLERS_OPTWORDS_H

#include "handlers/reading.h"

/* The whole message, or a clause of its own, is a command: TC, TC BHYT, TC HET. */
bool optwords_whole(struct reading *r);
/* NHAN TIN, NHAN TIN BHYT; DK and the like when the sender has refused before. */
bool optwords_resume(struct reading *r);
/* "đừng gửi nữa", in any message but one that says itself that it is a case. */
bool optwords_phrases(struct reading *r);
/* Notes a refusal beside what was decided; true. */
bool optwords_beside(struct reading *r);
/* Words that were learnt to refuse, where no phrase does; asked once where they do not say enough. */
bool optwords_learnt(struct reading *r);
/* Too many messages, and nothing about any topic: perhaps a refusal. */
bool optwords_weary(struct reading *r);
/* Perhaps a refusal; only when nothing else was said. */
bool optwords_doubt(struct reading *r);

#endif
