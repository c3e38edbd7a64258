/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts that may accuse somebody in office. Topics' phrases know what accusations say, accusation.h what they are made of: somebody in
 * office, a hand and other people's money. In doubt a person of a higher level reads it first, and nobody is harmed. */
#ifndef CAUNOI_HANDLERS_SUSPICION_H
#define CAUNOI_HANDLERS_SUSPICION_H

#include "handlers/reading.h"

/* Marks a text that may accuse and puts the restricted topic first. Behind score_topics, before any rule. */
void suspicion_weigh(struct reading *r);
/* Was a charge heard? Behind suspicion_weigh. */
bool suspicion_accuses(const struct reading *r);

#endif
