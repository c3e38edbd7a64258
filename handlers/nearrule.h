/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules for what is nearly a command or a topic's name: asked back, never done. Rows of the table of parse.c. */
#ifndef CAUNOI_HANDLERS_NEARRULE_H
#define CAUNOI_HANDLERS_NEARRULE_H

#include "handlers/reading.h"

/* The whole message is nearly a command. */
bool nearrule_command(struct reading *r);
/* "bhty sap het han": a word that is none, and nearly a topic's name. */
bool nearrule_topic(struct reading *r);

#endif
