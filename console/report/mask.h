/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Villagers' words as a report may quote them: numbers that are somebody's are taken out. */
#ifndef CAUNOI_REPORT_MASK_H
#define CAUNOI_REPORT_MASK_H

/* text with every run of seven or more digits (also with spaces, dots or dashes between them) as "•••"; the caller's, NULL on no
 * memory. Sums of money such as 60000000 go as well: better one figure less than one identity more. */
char *mask_numbers(const char *text);

#endif
