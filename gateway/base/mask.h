/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that name a person, taken out of what people wrote: telephone, identity, card and account numbers. */
#ifndef CAUNOI_BASE_MASK_H
#define CAUNOI_BASE_MASK_H

/* A copy of valid UTF-8 in which each run of eight digits or more is "#", and of six or more behind a word for an account. Separators
 * between digits (spaces, dots, dashes, brackets) belong to the run; full-width and Arabic digits are digits. A sum of money, groups of
 * three before a word for it, stays, and so do dates and codes of cases. The caller's; NULL on no memory. */
char *mask_personal(const char *text);

#endif
