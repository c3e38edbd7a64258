/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody says at the desk or at home, written down by a person: case new. Who has a telephone gets the receipt by SMS. */
#ifndef CAUNOI_HANDLERS_CASENEW_H
#define CAUNOI_HANDLERS_CASENEW_H

#include "gateway/verb.h"

extern const struct verb_table casenew_verbs;

#endif
