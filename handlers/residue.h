/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vietnamese that lost its encoding on the way: UTF-8 read as Latin-1 or Windows-1252 ("NhÃ bá»‹ dá»™t"), the legacy fonts TCVN3
 * ("Nhµ bÞ dét") and VNI-Windows ("Nhaø bò doät") pasted as they lay in memory. Pure; called by words.c. */
#ifndef CAUNOI_HANDLERS_RESIDUE_H
#define CAUNOI_HANDLERS_RESIDUE_H

#include "gateway/base/err.h"

/* A copy of NFC text in which each token is decoded that becomes a syllable and was none; where all marked tokens of a message
 * read so, those too that were one by chance. *ret is the caller's, NULL when nothing is to be decoded. Linear. E_NOMEM. */
MUST_CHECK int residue_decode(const char *nfc, char **ret);

#endif
