/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a text that we send is about, by the phrases that sort what people send: a campaign whose author named no topic would pass
 * by everybody who refused that topic. */
#ifndef CAUNOI_HANDLERS_ABOUT_H
#define CAUNOI_HANDLERS_ABOUT_H

#include "handlers/keywords.h"

/* *ret borrowed from k: the strongest topic that people may refuse by name, NULL when the text speaks of none. text is valid UTF-8.
 * E_NOMEM. */
MUST_CHECK int about_topic(const struct keywords *k, const char *text, const char **ret);

#endif
