/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages that are open in this driver. Called by post.c. Memory only. */
#include "gateway/drivers/http/letter.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

int letters_init(struct letters *l, int credit)
{
	*l = (struct letters){ .all = calloc((size_t)credit, sizeof(*l->all)), .n = credit };
	if (!l->all)
		return E_NOMEM;
	for (int i = credit - 1; i >= 0; i--) {
		l->all[i].next = l->free;
		l->free = &l->all[i];
	}
	return 0;
}

static void clear(struct letter *t)
{
	free(t->attempt);
	free(t->to);
	free(t->text);
	free(t->sender);
	free(t->key);
	free(t->code);
	*t = (struct letter){ 0 };
}

void letters_done(struct letters *l)
{
	for (int i = 0; l->all && i < l->n; i++)
		clear(&l->all[i]);
	free(l->all);
	*l = (struct letters){ 0 };
}

static bool copy(struct letter *t, const struct submit *s, const char *sender)
{
	*t = (struct letter){
		.attempt = strdup(s->attempt),
		.to = strdup(s->to),
		.text = strdup(s->text),
		.sender = strdup(*s->sender ? s->sender : sender),
		.key = strdup(s->key),
		.unicode = !strcmp(s->encoding, "ucs2"),
		.parts = s->parts,
		.validity_s = s->validity_s,
	};
	return t->attempt && t->to && t->text && t->sender && t->key;
}

static void put_last(struct letters *l, struct letter *t)
{
	t->state = LETTER_WAITING;
	t->next = NULL;
	if (l->first)
		l->last->next = t;
	else
		l->first = t;
	l->last = t;
	l->n_waiting++;
}

struct letter *letters_add(struct letters *l, const struct submit *s, const char *sender, bool *ret_full)
{
	struct letter *t = l->free;
	*ret_full = !t;
	if (!t)
		return NULL;
	struct letter *next = t->next;
	if (!copy(t, s, sender)) {
		clear(t);
		t->next = next;
		return NULL;
	}
	l->free = next;
	l->n_open++;
	put_last(l, t);
	return t;
}

void letters_put_first(struct letters *l, struct letter *t)
{
	t->state = LETTER_WAITING;
	t->next = l->first;
	l->last = l->first ? l->last : t;
	l->first = t;
	l->n_waiting++;
}

void letters_leave(struct letters *l, struct letter *t)
{
	struct letter **at = &l->first, *before = NULL;
	for (; *at != t; at = &(*at)->next)
		before = *at;
	*at = t->next;
	l->last = l->last == t ? before : l->last;
	l->n_waiting--;
	t->next = NULL;
	t->state = LETTER_GOING;
}

struct letter *letters_take(struct letters *l)
{
	struct letter *t = l->first;
	if (t)
		letters_leave(l, t);
	return t;
}

static bool may_join(const struct letter *t, struct letter *const *others, size_t n)
{
	const struct letter *first = others[0];
	if (t->alone || first->alone || t->unicode != first->unicode || t->validity_s != first->validity_s || strcmp(t->text, first->text) != 0 ||
	    strcmp(t->sender, first->sender) != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(t->to, others[i]->to))
			return false; /* the answer could not tell them apart */
	return true;
}

struct letter *letters_take_like(struct letters *l, struct letter *const *others, size_t n)
{
	for (struct letter *t = l->first; t; t = t->next)
		if (may_join(t, others, n)) {
			letters_leave(l, t);
			return t;
		}
	return NULL;
}

struct letter *letters_find(const struct letters *l, const char *attempt)
{
	for (int i = 0; i < l->n; i++)
		if (l->all[i].attempt && !l->all[i].told && !strcmp(l->all[i].attempt, attempt))
			return &l->all[i];
	return NULL;
}

void letters_close(struct letters *l, struct letter *t)
{
	clear(t);
	t->next = l->free;
	l->free = t;
	l->n_open--;
}
