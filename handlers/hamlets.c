/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hamlets out of the table of units. Called by signup.c, and by ussd.c for a menu's step; writes nothing and keeps nothing. */
#include "handlers/hamlets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/store/store.h"
#include "gateway/unit.h"
#include "handlers/casefile.h"

#define COMMUNE_CHARS 5
#define HAMLETS_MAX 400 /* of one commune */
#define CHOICES_MAX 6

enum { HAMLETS_OF, HAMLETS_NAMED, HAMLETS_OF_NUMBER, HAMLETS_SQL_COUNT };
static const char *const hamlets_sql[HAMLETS_SQL_COUNT] = {
	[HAMLETS_OF] = "SELECT code, name, NULL FROM unit WHERE parent = $commune AND from_day <= $day AND (to_day = '' OR to_day >= $day)"
		       " ORDER BY id LIMIT $limit",
	[HAMLETS_NAMED] = "SELECT h.code, h.name, c.name FROM unit h JOIN unit c ON c.code = h.parent WHERE h.fold IN ($bare, $thon, $ban, $xom)"
			  " AND h.kind = 'hamlet' AND (CAST($province AS TEXT) = '' OR c.parent = $province) AND h.from_day <= $day"
			  " AND (h.to_day = '' OR h.to_day >= $day) ORDER BY h.fold, h.id LIMIT $limit",
	[HAMLETS_OF_NUMBER] = "SELECT '', hamlet, NULL FROM person WHERE address = $address AND hamlet <> '' AND $day <> '' ORDER BY fold LIMIT $limit",
};
const struct sql_module hamlets_module = { "hamlets", hamlets_sql, HAMLETS_SQL_COUNT };

/* The longer before what it begins with. */
static const char *const kinds[] = { "to dan pho ", "khu dan cu ", "khu pho ", "thon ban ", "thon ", "ban ",  "xom ", "to ",   "ap ",  "buon ",
				     "bon ",	    "lang ",	   "khu ",     "khom ",	    "phum ", "soc ",  "plei ", "play ", "doi ", "tieu khu " };

size_t hamlet_kind_bytes(const char *fold)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		size_t n = strlen(kinds[i]);
		if (strncmp(fold, kinds[i], n) == 0 && fold[n])
			return n;
	}
	return 0;
}

int hamlets_add(struct hamlets *h, const char *code, const char *name, const char *commune)
{
	OWN(mem) char *folded = fold(name);
	struct hamlet *at = folded ? realloc(h->at, (h->n + 1) * sizeof(*at)) : NULL;
	if (!at)
		return E_NOMEM;
	h->at = at;
	at = &at[h->n];
	*at = (struct hamlet){ 0 };
	size_t n = hamlet_kind_bytes(folded);
	snprintf(at->code, sizeof(at->code), "%s", code);
	snprintf(at->name, sizeof(at->name), "%s%s", n ? "" : "thôn ", name);
	snprintf(at->bare, sizeof(at->bare), "%s", folded + n);
	snprintf(at->kind, sizeof(at->kind), "%.*s", n ? (int)n - 1 : 4, n ? folded : "thon");
	snprintf(at->commune, sizeof(at->commune), "%s", commune ? commune : "");
	h->n++;
	return 0;
}

void hamlets_done(struct hamlets *h)
{
	free(h->at);
	*h = (struct hamlets){ 0 };
}

static int read_rows(const struct scope *in, struct statement *st, size_t most, struct hamlets *ret)
{
	struct hamlets h = { 0 };
	char day[16];
	struct calendar today = calendar_local(in->zone, in->now_ms);
	snprintf(day, sizeof(day), "%04u-%02u-%02u", (unsigned)today.year % 10000u, (unsigned)today.month % 100u, (unsigned)today.day % 100u);
	bind_text(st, "$day", day);
	bind_int(st, "$limit", (int64_t)most);
	int r;
	while ((r = store_row(st)) > 0) {
		r = hamlets_add(&h, column_text(st, 0), column_text(st, 1), column_text(st, 2));
		if (r)
			break;
	}
	store_reset(st);
	if (r)
		hamlets_done(&h);
	else
		*ret = h;
	return r;
}

int hamlets_of(const struct scope *in, const char *unit, struct hamlets *ret)
{
	char commune[COMMUNE_CHARS + 1];
	*ret = (struct hamlets){ 0 };
	if (strspn(unit, "0123456789") != COMMUNE_CHARS)
		return 0;
	snprintf(commune, sizeof(commune), "%s", unit);
	struct statement *st = store_prepare(in->db, &hamlets_module, HAMLETS_OF);
	bind_text(st, "$commune", commune);
	return read_rows(in, st, HAMLETS_MAX, ret);
}

int hamlets_of_number(const struct scope *in, int64_t address, struct hamlets *ret)
{
	struct statement *st = store_prepare(in->db, &hamlets_module, HAMLETS_OF_NUMBER);
	bind_int(st, "$address", address);
	return read_rows(in, st, HAMLETS_MAX, ret);
}

int hamlets_named(const struct scope *in, const char *province, const char *bare, size_t most, struct hamlets *ret)
{
	static const char *const before[] = { "", "thon ", "ban ", "xom " }, *const places[] = { "$bare", "$thon", "$ban", "$xom" };
	char names[COUNT_OF(before)][HAMLET_BYTES + 8]; /* bound, not copied */
	struct statement *st = store_prepare(in->db, &hamlets_module, HAMLETS_NAMED);
	for (size_t i = 0; i < COUNT_OF(before); i++) {
		snprintf(names[i], sizeof(names[i]), "%s%s", before[i], bare);
		bind_text(st, places[i], names[i]);
	}
	bind_text(st, "$province", province);
	return read_rows(in, st, most, ret);
}

static int add_choices(const struct hamlets *found, const char *bare, json_t *list)
{
	for (size_t i = 0; i < found->n && json_array_size(list) < CHOICES_MAX; i++)
		if (strcmp(found->at[i].bare, bare) == 0 &&
		    json_array_append_new(list, json_pack("{s:s,s:s}", "value", found->at[i].code, "label", *found->at[i].commune ? found->at[i].commune : found->at[i].name)))
			return E_NOMEM;
	return 0;
}

int hamlets_choices(const struct scope *in, int64_t address, const char *said, json_t *list)
{
	struct case_person person = { 0 };
	struct hamlets found = { 0 };
	OWN(mem) char *folded = fold(said);
	if (!folded)
		return E_NOMEM;
	const char *bare = folded + hamlet_kind_bytes(folded);
	int r = address ? casefile_person(in, address, &person) : 0;
	r = r ? r : hamlets_of(in, person.unit[0] ? person.unit : in->config->organisation.unit, &found);
	r = r ? r : add_choices(&found, bare, list);
	hamlets_done(&found);
	if (r || json_array_size(list))
		return r;
	r = hamlets_named(in, "", bare, CHOICES_MAX, &found);
	r = r ? r : add_choices(&found, bare, list);
	hamlets_done(&found);
	return r;
}
