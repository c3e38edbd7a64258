/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves and messages have no common order, so the look before is remembered. */
#include "tests/simulation/movers.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/own.h"
#include "tests/simulation/inside.h"

void movers_init(struct world *w)
{
	w->movers = (struct movers){ .moved = json_object() };
	SIM_CHECK(w->movers.moved);
}

void movers_done(struct movers *m)
{
	json_decref(m->moved);
}

static void look(struct world *w)
{
	OWN(json) json_t *rows = rows_all(w, "SELECT id, moved_seq FROM person WHERE moved_seq IS NOT NULL", 0);
	size_t i;
	json_t *row;
	json_object_clear(w->movers.moved);
	json_array_foreach (rows, i, row) {
		char person[24];
		snprintf(person, sizeof(person), "%lld", (long long)json_integer_value(json_array_get(row, 0)));
		json_object_set(w->movers.moved, person, json_array_get(row, 1));
	}
	w->movers.last = rows_number(w, "SELECT max(id) FROM message", 0);
}

void movers_hold(struct world *w)
{
	OWN(json)
	json_t *rows =
		rows_all(w,
			   "SELECT p.id, p.moved_seq, m.id FROM message m JOIN campaign c ON c.flow = m.flow JOIN person p ON p.id = "
			   "m.person WHERE m.id > ?1 AND c.class = 'emergency' AND p.moved_seq > c.start_seq AND "
			   "coalesce(p.unit_was, '') <> '02269'",
			   w->movers.last);
	size_t i;
	json_t *row;
	json_array_foreach (rows, i, row) {
		char person[24];
		snprintf(person, sizeof(person), "%lld", (long long)json_integer_value(json_array_get(row, 0)));
		if (json_int(w->movers.moved, person, 0) == json_integer_value(json_array_get(row, 1)))
			world_break(w, "an approval is of who was there", "message %lld goes to person %s, who moved in since",
				    (long long)json_integer_value(json_array_get(row, 2)), person);
	}
	look(w);
}

void movers_answered(struct world *w, const json_t *wish, const json_t *reply)
{
	const json_t *args = json_object_get(json_object_get(wish, "frame"), "args");
	const char *verb = json_str(wish, "verb", "");
	if (!json_flag(reply, "ok", false) || w->quiet)
		return;
	int64_t n = json_int(wish, "mover", 0);
	if (n) {
		movers_hold(w);
		author_start(w, n);
	}
	n = !strcmp(verb, "campaign.approve") ? author_number(w, json_int(args, "id", 0)) : 0;
	int64_t person = n && dice_mille(&w->dice, 700)
				 ? rows_number(w,
						"SELECT p.id FROM person p JOIN campaign c ON c.class = 'emergency' AND c.id = ?1 WHERE "
						"coalesce(p.unit, '') <> '02269' ORDER BY p.address * 7 % 24 LIMIT 1",
						json_int(args, "id", 0))
				 : 0;
	if (person)
		staff_wish(w, "contact.set", json_pack("{s:I,s:s}", "id", (json_int_t)person, "unit", "02269"), NULL, false, NULL,
			   json_pack("{s:I}", "mover", (json_int_t)n));
}
