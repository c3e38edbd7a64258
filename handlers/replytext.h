/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to begin with, one at a time: the verbs of template add, change and withdraw entries of topics/phrasebook.conf and leave the rest
 * of the file's words as they are. How they are read and offered is phrasebook.c's. */
#ifndef CAUNOI_HANDLERS_REPLYTEXT_H
#define CAUNOI_HANDLERS_REPLYTEXT_H

#include "gateway/verb.h"

extern const struct verb_table replytext_verbs;

#endif
