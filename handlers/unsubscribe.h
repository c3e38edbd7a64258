/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stop and go on: TC stops campaigns, TC and a topic one topic, TC HET everything — asked again while a case is open. One
 * confirmation each, then silence. A request about personal data stops campaigns until a person has decided. */
#ifndef CAUNOI_HANDLERS_UNSUBSCRIBE_H
#define CAUNOI_HANDLERS_UNSUBSCRIBE_H

#include "handlers/chain.h"

int unsubscribe_stop(struct turn *turn);
int unsubscribe_resume(struct turn *turn);
int unsubscribe_privacy(struct turn *turn);
/* scope "campaign", "topic:CODE" or "all", confirmed once. */
MUST_CHECK int unsubscribe_scope(struct turn *turn, const char *scope);

#endif
