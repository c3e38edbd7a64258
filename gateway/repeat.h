/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message repeat: what became of a message is not known, and a person decides that it goes out once more. A new message with the same words
 * and a key made of its own; the old one stays unclear until something proves it, so that both sides of the doubt are seen. */
#ifndef CAUNOI_GATEWAY_REPEAT_H
#define CAUNOI_GATEWAY_REPEAT_H

#include "gateway/verb.h"

extern const struct verb_table repeat_verbs;
extern const struct sql_module repeat_module;

#endif
