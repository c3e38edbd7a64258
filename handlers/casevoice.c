/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The people of a case and what goes out to them. Called by the verbs that answer and by casecare.c. */
#include "handlers/casevoice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/question.h"
#include "handlers/caseclock.h"

enum { CASEVOICE_LIST, CASEVOICE_SQL_COUNT };
static const char *const casevoice_sql[CASEVOICE_SQL_COUNT] = {
	[CASEVOICE_LIST] = "SELECT id, address, code, channel FROM casefile WHERE id = $id AND address IS NOT NULL UNION ALL "
			   "SELECT id, address, code, channel FROM casefile WHERE merged_into = $id AND address IS NOT NULL",
};
const struct sql_module casevoice_module = { "casevoice", casevoice_sql, CASEVOICE_SQL_COUNT };

/* One address is written to once, however many cases it opened. */
static bool known(const struct casevoice *list, size_t n, int64_t address)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].address == address)
			return true;
	return false;
}

static int gather(struct statement *st, int64_t speaker, struct casevoice **list, size_t *n)
{
	int r;
	while ((r = store_row(st)) > 0) {
		if (known(*list, *n, column_int(st, 1)))
			continue;
		struct casevoice *grown = realloc(*list, (*n + 1) * sizeof(*grown));
		if (!grown)
			return E_NOMEM;
		*list = grown;
		struct casevoice *v = &grown[(*n)++];
		*v = (struct casevoice){ .id = column_int(st, 0), .address = column_int(st, 1), .speaker = speaker };
		snprintf(v->code, sizeof(v->code), "%s", column_text(st, 2));
		snprintf(v->channel, sizeof(v->channel), "%s", column_text(st, 3) ? column_text(st, 3) : "");
	}
	return r;
}

static int by_id(const void *a, const void *b)
{
	const struct casevoice *x = a, *y = b;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* The opener stands first already; the others by age. */
static int know_people(const struct scope *in, struct casevoice *list, size_t n)
{
	if (n > 2)
		qsort(list + 1, n - 1, sizeof(*list), by_id);
	for (size_t i = 0; i < n; i++) {
		struct case_person p;
		int r = casefile_person(in, list[i].address, &p);
		if (r)
			return r;
		list[i].person = p.id;
		list[i].language = reply_language(p.language);
	}
	return 0;
}

int casevoice_list(const struct scope *in, int64_t id, struct casevoice **ret, size_t *ret_n)
{
	struct casevoice *list = NULL;
	size_t n = 0;
	struct statement *st = store_prepare(in->db, &casevoice_module, CASEVOICE_LIST);
	bind_int(st, "$id", id);
	int r = gather(st, id, &list, &n);
	store_reset(st);
	r = r ? r : know_people(in, list, n);
	if (r) {
		free(list);
		return r;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

int casevoice_say(struct tick *t, const struct casevoice *v, const char *name, const char *text, int64_t *ret_message)
{
	char key[88], subject[32];
	/* names are counted by the case that speaks: a joined one may have been told as much under the same name before */
	if (v->speaker != v->id)
		snprintf(key, sizeof(key), "case:%lld:%lld:%s", (long long)v->id, (long long)v->speaker, name);
	else
		snprintf(key, sizeof(key), "case:%lld:%s", (long long)v->id, name);
	snprintf(subject, sizeof(subject), "case:%lld", (long long)v->id);
	struct reply_to to = { .address = v->address, .person = v->person, .channel = v->channel[0] ? v->channel : NULL, .subject = subject };
	return reply_put(t, &to, CLASS_SERVICE, key, text, ret_message);
}

static int tell_each(struct tick *t, const struct casevoice *list, size_t n, const char *name, enum reply text_name,
		     const struct reply_values *values, int64_t *ret_message)
{
	int r = 0;
	for (size_t i = 0; i < n && !r; i++) {
		struct reply_values mine = values ? *values : (struct reply_values){ 0 };
		mine.code = list[i].code;
		mine.digits = list[i].code + 2;
		OWN(mem) char *text = reply_text(text_name, list[i].language, &mine);
		int64_t message = 0;
		r = text ? casevoice_say(t, &list[i], name, text, &message) : E_NOMEM;
		if (!i)
			*ret_message = message;
	}
	return r;
}

int casevoice_tell(struct tick *t, const struct casefile *f, enum reply name, const struct reply_values *values, bool *ret_told)
{
	OWN(mem) struct casevoice *list = NULL;
	size_t n = 0;
	char key[32];
	int64_t today = 0, before = 0, message = 0;
	int r = casefile_events_since(&t->in, f->id, "told", t->in.now_ms - CASE_DAY_MS, &today);
	r = r ? r : casefile_events_since(&t->in, f->id, "told", 0, &before);
	if (!r && !today && !f->restricted)
		r = casevoice_list(&t->in, f->id, &list, &n);
	snprintf(key, sizeof(key), "told:%lld", (long long)before + 1);
	r = r ? r : tell_each(t, list, n, key, name, values, &message);
	if (!r && n)
		r = casefile_event(t, f->id, "told", "system", reply_name(name), message, 0);
	if (!r && ret_told)
		*ret_told = n > 0;
	return r;
}

int casevoice_ask(struct tick *t, const struct casevoice *v, size_t n, const char *subject, int64_t until_at)
{
	int r = 0;
	for (size_t i = 0; i < n && !r; i++) {
		int64_t id = 0;
		r = question_ask(t, v[i].address, "yes_no", NULL, subject, NULL, until_at, &id);
	}
	return r;
}
