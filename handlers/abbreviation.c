/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binary search over the short forms, behind masks of their letters. Keeps nothing, does no I/O. */
#include "handlers/abbreviation.h"

#include <stdlib.h>
#include <string.h>

#include "handlers/spelling.h"

static uint32_t letter_bit(char c)
{
	return c >= 'a' && c <= 'z' ? UINT32_C(1) << (c - 'a') : UINT32_C(1) << 26;
}

static size_t row_of(size_t n_bytes)
{
	return n_bytes < ABBREVIATION_LENGTHS ? n_bytes : ABBREVIATION_LENGTHS - 1;
}

static void note(struct abbreviations *a, const char *brief)
{
	size_t n = strlen(brief);
	if (!n)
		return;
	a->first[row_of(n)] |= letter_bit(brief[0]);
	a->last[row_of(n)] |= letter_bit(brief[n - 1]);
}

void abbreviations_ready(struct abbreviations *a)
{
	for (size_t i = 0; i < a->n; i++)
		note(a, a->at[i].brief);
	for (size_t i = 0; a->spelling && i < a->spelling->n_forms; i++)
		note(a, a->spelling->forms[i].brief);
	a->ready = true;
}

bool abbreviations_may(const struct abbreviations *a, const char *fold, size_t n_bytes)
{
	if (!a->ready || !n_bytes)
		return n_bytes > 0;
	size_t row = row_of(n_bytes);
	return (a->first[row] & letter_bit(fold[0])) && (a->last[row] & letter_bit(fold[n_bytes - 1]));
}

const char *abbreviations_full(const struct abbreviations *a, const char *brief)
{
	size_t low = 0, high = a->n;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const char *here = a->at[middle].brief;
		/* a call of strcmp costs more than all the rest of it */
		int order = brief[0] != here[0] ? (unsigned char)brief[0] - (unsigned char)here[0] : strcmp(brief, here);
		if (!order)
			return a->at[middle].full;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void abbreviations_done(struct abbreviations *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->at[i].brief);
		free(a->at[i].full);
	}
	for (char **p = a->not_zero_before; p && *p; p++)
		free(*p);
	free(a->not_zero_before);
	free(a->at);
	*a = (struct abbreviations){ 0 };
}
