/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes accented Vietnamese the way broken machines do: keystrokes that nobody composed, other forms of Unicode, other encodings
 * read as Latin-1. Independent of the decoders under test: built on utf8proc's decompositions and on iconv. All results are the
 * caller's. */
#ifndef CAUNOI_TESTS_TYPIST_H
#define CAUNOI_TESTS_TYPIST_H

#include <stdbool.h>

/* How marks are typed: at once behind their letter, or all at the end of the word. */
enum typist { TYPIST_AT_ONCE, TYPIST_AT_END };

char *typist_telex(const char *accented, enum typist how);
char *typist_vni(const char *accented, enum typist how);
char *typist_nfd(const char *accented);
/* Letters that TCVN3's bytes are in Latin-1; NULL when the text has others. */
char *typist_tcvn3(const char *accented);
/* UTF-8's bytes as Windows-1252 (or Latin-1 where that has nothing) shows them. */
char *typist_mojibake(const char *accented);

#endif
