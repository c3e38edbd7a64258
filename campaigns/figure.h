/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of a spreadsheet as the text a person would have typed: whole ones with every digit, dates as ISO 8601. Pure. */
#ifndef CAUNOI_CAMPAIGNS_FIGURE_H
#define CAUNOI_CAMPAIGNS_FIGURE_H

#include <stdbool.h>

#define FIGURE_BYTES 64

/* Does a cell of this number format show a date or a time? code: the file's own, NULL where it has none for the id. */
bool figure_is_date(int format, const char *code);
/* raw as the file holds it ("9.12345678E8", "45961.5"). What is no number is given back as it is, cut to the room. from_1904: days
 * count from 1904-01-01 as old Macintoshes did. */
void figure_number(const char *raw, char ret[FIGURE_BYTES]);
void figure_date(const char *raw, bool from_1904, char ret[FIGURE_BYTES]);

#endif
