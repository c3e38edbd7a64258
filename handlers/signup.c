/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words to rows. Called by signuptalk.c, signupdesk.c and menus; says nothing to anybody. */
#include "handlers/signup.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "handlers/keywords.h"
#include "handlers/nameline.h"

#define COMMUNE_CHARS 5
#define NAME_WORDS_MAX 5 /* of a hamlet, with what it is */

void signup_taken_done(struct signup_taken *taken)
{
	json_decref(taken->choices);
	taken->choices = NULL;
}

const json_t *signup_programme(const struct scope *in, const char *name)
{
	return in->keywords ? json_object_get(in->keywords->programmes, name) : NULL;
}

const json_t *signup_programme_of_topic(const struct scope *in, const char *topic)
{
	const json_t *found = NULL;
	const char *name;
	json_t *programme;
	if (!in->keywords || !*topic)
		return NULL;
	json_object_foreach(in->keywords->programmes, name, programme) {
		if (strcmp(json_str(programme, "topic", ""), topic) != 0)
			continue;
		if (found)
			return NULL;
		found = programme;
	}
	return found;
}

/* ---- the hamlet ---- */

static const char *home_of(const struct scope *in, const char *unit)
{
	const char *own = in->config->organisation.unit;
	return unit && strlen(unit) >= COMMUNE_CHARS ? unit : own ? own : "";
}

static int add_named(const struct scope *in, const char *province, const char *name, struct hamlets *h)
{
	struct hamlets found = { 0 };
	int r = hamlets_named(in, province, name + hamlet_kind_bytes(name), HOUSEHOLD_FITS, &found);
	for (size_t i = 0; !r && i < found.n; i++) {
		bool known = false;
		for (size_t k = 0; k < h->n && !known; k++)
			known = strcmp(h->at[k].code, found.at[i].code) == 0;
		r = known ? 0 : hamlets_add(h, found.at[i].code, found.at[i].name, found.at[i].commune);
	}
	hamlets_done(&found);
	return r;
}

/* Whose commune nobody knows: hamlets of the whole province whose names stand at an end of the line, spelt as they are. */
static int guess(const struct scope *in, const char *province, const char *words, const json_t *phrases, struct hamlets *h)
{
	struct nameline l;
	int r = nameline_read(words, &l);
	r = r ? r : nameline_strip(&l, phrases);
	for (size_t n = 1; !r && n <= NAME_WORDS_MAX && n <= l.n - l.from; n++) {
		char name[HAMLET_BYTES];
		if (nameline_join(&l, l.n - n, l.n, " ", name, sizeof(name)))
			r = add_named(in, province, name, h);
		if (!r && n < l.n - l.from && nameline_join(&l, l.from, l.from + n, " ", name, sizeof(name)))
			r = add_named(in, province, name, h);
	}
	return r;
}

static int gather(const struct scope *in, const char *home, const char *words, const json_t *phrases, struct hamlets *ret)
{
	int r = hamlets_of(in, home, ret);
	return r || ret->n || strlen(home) >= COMMUNE_CHARS ? r : guess(in, home, words, phrases, ret);
}

static void put_hamlet(struct enrolment *e, const struct hamlet *h)
{
	snprintf(e->hamlet, sizeof(e->hamlet), "%s", h->name);
	snprintf(e->place, sizeof(e->place), "%s", h->code);
	snprintf(e->unit, sizeof(e->unit), "%s", h->code);
}

static int put_written(struct enrolment *e, const char *written)
{
	OWN(mem) char *folded = fold(written);
	if (!folded)
		return E_NOMEM;
	snprintf(e->hamlet, sizeof(e->hamlet), "%s", written);
	snprintf(e->place, sizeof(e->place), "%s", folded);
	return 0;
}

/* Told apart by nothing that an SMS can say. */
static bool alike(const struct hamlet *a, const struct hamlet *b)
{
	return strcmp(a->bare, b->bare) == 0 && strcmp(a->kind, b->kind) == 0 && strcmp(a->commune, b->commune) == 0;
}

/* What tells hamlets of one name apart: their commune, else what they are, else their code. */
static int choices_json(const struct hamlets *h, const struct household *who, json_t **ret)
{
	OWN(json) json_t *list = json_array();
	for (size_t i = 0; i < who->n_fits; i++) {
		const struct hamlet *at = &h->at[who->fits[i]];
		char value[8], label[HAMLET_BYTES * 2 + 24];
		bool same = false;
		for (size_t k = 0; k < who->n_fits; k++)
			same = same || (k != i && alike(at, &h->at[who->fits[k]]));
		snprintf(value, sizeof(value), "%zu", i + 1);
		snprintf(label, sizeof(label), "%s%s%s%s%s", at->name, *at->commune ? ", " : "", at->commune, same ? " so " : "", same ? at->code + COMMUNE_CHARS + 1 : "");
		if (!list || json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "value", value, "label", label, "code", at->code)))
			return E_NOMEM;
	}
	*ret = MOVE(list);
	return 0;
}

/* The hamlet that a reading found becomes e's; what is missing is said. */
static int take_place(struct enrolment *e, const struct hamlets *h, const struct household *who, const char *own, bool keep, struct signup_taken *out)
{
	bool listed = h->n > 0 || strlen(e->unit) < COMMUNE_CHARS;
	for (size_t i = 0; i < who->n_fits; i++)
		if (who->n_fits == 1 || strcmp(h->at[who->fits[i]].code, own) == 0) {
			put_hamlet(e, &h->at[who->fits[i]]);
			return 0;
		}
	out->lack = who->n_fits ? SIGNUP_WHICH_HAMLET : *who->written ? SIGNUP_NO_SUCH_HAMLET : SIGNUP_NO_HAMLET;
	if (who->n_fits)
		return choices_json(h, who, &out->choices);
	if (!*who->written || (listed && !keep))
		return 0;
	out->lack = SIGNUP_WHOLE;
	return put_written(e, who->written);
}

/* ---- one row a household ---- */

static bool differs(const struct enrolment *a, const struct enrolment *b)
{
	return strcmp(a->fold, b->fold) != 0 || strcmp(a->place, b->place) != 0;
}

static bool is_marked(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return true;
	return false;
}

static int days_of(const struct scope *in, const struct enrolment *e)
{
	return (int)json_int(signup_programme(in, e->programme), "visit_days", 7);
}

/* What was changed has to be confirmed anew; who withdrew is back. What somebody has looked at already stays as it was seen. */
static int change(struct tick *t, struct enrolment *e, const struct enrolment *to)
{
	bool changed = differs(e, to), adopt = !e->address && to->address;
	if (e->state == ENROLMENT_VISITED)
		return changed ? enrolment_want_person(t, e->id, "changed behind the visit") : 0;
	if (changed || adopt) {
		struct enrolment now = *e;
		if (strcmp(e->fold, to->fold) != 0 || is_marked(to->head))
			snprintf(now.head, sizeof(now.head), "%s", to->head);
		snprintf(now.fold, sizeof(now.fold), "%s", to->fold);
		snprintf(now.hamlet, sizeof(now.hamlet), "%s", to->hamlet);
		snprintf(now.place, sizeof(now.place), "%s", to->place);
		snprintf(now.unit, sizeof(now.unit), "%s", to->unit);
		now.address = adopt ? to->address : e->address;
		now.person = adopt ? to->person : e->person;
		int r = enrolment_write(t, &now);
		if (r)
			return r;
		*e = now;
	}
	if (e->state == ENROLMENT_WITHDRAWN)
		e->visit_due_at = t->in.now_ms + days_of(&t->in, e) * ENROLMENT_DAY_MS;
	else if (!changed || e->state != ENROLMENT_CONFIRMED)
		return 0;
	return enrolment_move(t, e, ENROLMENT_RECEIVED);
}

/* A row that turns out to be another's household goes into that one. */
static int join(struct tick *t, struct enrolment *e, struct enrolment *other)
{
	int r = enrolment_event(t, e->id, "joined", "system", other->code, 0, 0);
	r = r ? r : enrolment_event(t, other->id, "joined", "system", e->code, 0, 0);
	r = r || e->state == ENROLMENT_WITHDRAWN ? r : enrolment_move(t, e, ENROLMENT_WITHDRAWN);
	if (!other->address)
		other->address = e->address;
	return r;
}

static enum signup_lack lack_of(const struct enrolment *e)
{
	return !*e->head ? SIGNUP_NO_HEAD : !*e->place ? SIGNUP_NO_HAMLET : SIGNUP_WHOLE;
}

/* e with a part that is new: written, or joined to the row that its household had. */
static int settle(struct tick *t, struct enrolment *e, const struct enrolment *now, struct signup_taken *out)
{
	struct enrolment other = { 0 };
	int r = *now->head && *now->place ? enrolment_household(&t->in, now->programme, now->address, now->fold, now->place, &other) : E_NOT_FOUND;
	if (r && r != E_NOT_FOUND)
		return r;
	bool joined = !r && other.id != e->id;
	r = joined ? join(t, e, &other) : 0;
	struct enrolment *at = joined ? &other : e;
	if (!r && !enrolment_is_open(at->state))
		out->lack = SIGNUP_DECIDED;
	else if (!r)
		r = change(t, at, now);
	if (r)
		return r;
	out->again = out->again || joined;
	if (out->lack == SIGNUP_WHOLE)
		out->lack = lack_of(at);
	out->e = *e = *at;
	return 0;
}

int signup_set_head(struct tick *t, struct enrolment *e, const char *words, struct signup_taken *ret)
{
	struct household who;
	struct enrolment now = *e;
	struct signup_taken out = { .lack = SIGNUP_WHOLE };
	int r = household_read_head(words, &who);
	if (r)
		return r;
	snprintf(now.head, sizeof(now.head), "%s", who.head);
	snprintf(now.fold, sizeof(now.fold), "%s", who.fold);
	r = *who.head ? settle(t, e, &now, &out) : 0;
	if (!*who.head)
		out = (struct signup_taken){ .e = *e, .lack = SIGNUP_NO_HEAD };
	if (!r)
		*ret = out;
	return r;
}

int signup_set_hamlet(struct tick *t, struct enrolment *e, const char *words, const char *unit, bool keep, struct signup_taken *ret)
{
	struct hamlets h = { 0 };
	struct household who;
	struct enrolment now = *e;
	struct signup_taken out = { .e = *e, .lack = SIGNUP_WHOLE };
	int r = gather(&t->in, home_of(&t->in, unit), words, NULL, &h);
	r = r ? r : household_read_hamlet(words, &h, &who);
	r = r ? r : take_place(&now, &h, &who, unit ? unit : "", keep, &out);
	if (!r && out.lack == SIGNUP_WHOLE)
		r = settle(t, e, &now, &out);
	hamlets_done(&h);
	if (r)
		signup_taken_done(&out);
	else
		*ret = out;
	return r;
}

int signup_choose_hamlet(struct tick *t, struct enrolment *e, const char *code, struct signup_taken *ret)
{
	struct hamlets h = { 0 };
	struct enrolment now = *e;
	struct signup_taken out = { .lack = SIGNUP_WHOLE };
	bool found = false;
	int r = hamlets_of(&t->in, code, &h);
	for (size_t i = 0; i < h.n && !found; i++) {
		found = strcmp(h.at[i].code, code) == 0;
		if (found)
			put_hamlet(&now, &h.at[i]);
	}
	hamlets_done(&h);
	r = r ? r : found ? settle(t, e, &now, &out) : E_NOT_FOUND;
	if (!r)
		*ret = out;
	return r;
}

/* ---- a wish ---- */

/* The household's row as it is, with what the words say of it. */
static int again(struct tick *t, const struct signup_wish *w, struct enrolment *was, struct enrolment *e, struct signup_taken *out)
{
	out->again = true;
	int r = enrolment_event(t, was->id, "again", w->actor ? w->actor : "person", w->words, 0, w->inbound);
	if (r || !enrolment_is_open(was->state)) {
		out->lack = SIGNUP_DECIDED;
		out->e = *was;
		return r;
	}
	if (!*e->place && out->lack == SIGNUP_NO_HAMLET && *was->place) { /* known from before */
		snprintf(e->place, sizeof(e->place), "%s", was->place);
		snprintf(e->hamlet, sizeof(e->hamlet), "%s", was->hamlet);
		snprintf(e->unit, sizeof(e->unit), "%s", was->unit);
		out->lack = SIGNUP_WHOLE;
	}
	if (!*e->place) { /* what is asked for now must not take away what is known */
		out->e = *was;
		return 0;
	}
	return settle(t, was, e, out);
}

static int keep(struct tick *t, const struct signup_wish *w, struct enrolment *e, struct signup_taken *out)
{
	struct enrolment was;
	int r = enrolment_household(&t->in, e->programme, e->address, e->fold, e->place, &was);
	if (!r)
		return again(t, w, &was, e, out);
	if (r != E_NOT_FOUND)
		return r;
	r = enrolment_new(t, e, json_str(w->programme, "prefix", "NT"), days_of(&t->in, e), w->actor ? w->actor : "person", w->words, w->inbound);
	out->e = *e;
	return r;
}

/* By the commune's hamlets; where nobody gave them, by those that our lists name beside the sender, which close out no other. */
static int read_household(struct tick *t, const struct signup_wish *w, struct hamlets *h, struct household *ret)
{
	const json_t *phrases = json_object_get(w->programme, "words");
	struct hamlets listed = { 0 };
	int r = gather(&t->in, home_of(&t->in, w->unit), w->words, phrases, h);
	if (!r && !h->n && w->address)
		r = hamlets_of_number(&t->in, w->address, &listed);
	r = r ? r : household_read(w->words, phrases, listed.n ? &listed : h, ret);
	if (!r && listed.n && ret->n_fits) {
		snprintf(ret->written, sizeof(ret->written), "%s", listed.at[ret->fits[0]].name);
		ret->n_fits = 0;
	}
	hamlets_done(&listed);
	return r;
}

int signup_take(struct tick *t, const struct signup_wish *w, struct signup_taken *ret)
{
	struct hamlets h = { 0 };
	struct household who;
	struct enrolment e = { .address = w->address, .person = w->person };
	struct signup_taken out = { .lack = SIGNUP_WHOLE };
	const char *home = home_of(&t->in, w->unit);
	snprintf(e.programme, sizeof(e.programme), "%s", json_str(w->programme, "name", ""));
	snprintf(e.channel, sizeof(e.channel), "%s", w->channel ? w->channel : "");
	snprintf(e.unit, sizeof(e.unit), "%.5s", home);
	int r = read_household(t, w, &h, &who);
	r = r ? r : take_place(&e, &h, &who, w->unit ? w->unit : "", false, &out);
	hamlets_done(&h);
	if (!r) {
		snprintf(e.head, sizeof(e.head), "%s", who.head);
		snprintf(e.fold, sizeof(e.fold), "%s", who.fold);
		if (!*e.head)
			out.lack = out.lack == SIGNUP_NO_HAMLET ? SIGNUP_NOTHING : out.lack == SIGNUP_WHOLE ? SIGNUP_NO_HEAD : out.lack;
	}
	if (!r)
		r = out.lack == SIGNUP_NOTHING ? 0 : keep(t, w, &e, &out);
	if (out.lack == SIGNUP_NOTHING)
		out.e = e;
	if (r)
		signup_taken_done(&out);
	else
		*ret = out;
	return r;
}
