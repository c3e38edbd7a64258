/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wishes about what is there already. Called by staff.c; what was forgotten is asked of the database by laws.c. */
#include "tests/simulation/clerk.h"

#include <string.h>

#include "gateway/base/own.h"
#include "tests/simulation/inside.h"

static void write_down(struct world *w)
{
	static const char *const words[] = { "Cau treo thon 3 dut cap, tre em khong di hoc duoc",
					     "Ho ong Sung chua nhan duoc tien ho tro nha o", "can bo xa an chan tien ho tro cua dan" };
	json_t *args = json_pack("{s:s,s:s}", "text", words[dice_below(&w->dice, 3)], "who", "ba Mo, thon 3");
	if (dice_mille(&w->dice, 600))
		json_set_str(args, "number", w->village.numbers[dice_below(&w->dice, VILLAGERS)]);
	if (dice_mille(&w->dice, 100))
		json_object_set_new(args, "urgent", json_true());
	staff_wish(w, "case.new", args, NULL, false, NULL, NULL);
}

/* One of the rows. */
static const json_t *draw(struct world *w, const json_t *rows)
{
	size_t n = json_array_size(rows);
	return n ? json_array_get(rows, (size_t)dice_below(&w->dice, (int)n)) : NULL;
}

static void send_again(struct world *w)
{
	OWN(json)
	json_t *rows = rows_all(w,
				  "SELECT m.id, coalesce(m.text, o.text) FROM message m LEFT JOIN wording o ON o.id = m.wording "
				  "WHERE m.state = 'unclear' ORDER BY m.id",
				  0);
	const json_t *row = draw(w, rows);
	if (!row)
		return;
	oracle_repeats(w, json_string_value(json_array_get(row, 1)));
	staff_wish(w, "message.repeat", json_pack("{s:O}", "id", json_array_get(row, 0)), NULL, false, NULL, NULL);
}

static void forget(struct world *w)
{
	OWN(json)
	json_t *rows = rows_all(w,
				  "SELECT p.id FROM person p WHERE NOT EXISTS (SELECT 1 FROM casefile c WHERE c.address = p.address AND "
				  "c.state <> 'closed') ORDER BY p.id",
				  0);
	json_int_t id = json_integer_value(json_array_get(draw(w, rows), 0));
	if (id)
		staff_wish(w, "contact.forget", json_pack("{s:I,s:s}", "id", id, "reason", "don de ngay 22/11"), NULL, false, NULL,
			   json_pack("{s:I}", "forgotten", id));
}

void clerk_act(struct world *w)
{
	switch (dice_below(&w->dice, 4)) {
	case 0: write_down(w); break;
	case 1: send_again(w); break;
	default: forget(w); break;
	}
}

void clerk_answered(struct world *w, const json_t *wish, const json_t *reply)
{
	if (json_flag(reply, "ok", false) && json_int(wish, "forgotten", 0))
		json_array_append(w->oracle.forgotten, json_object_get(wish, "forgotten"));
}

void clerk_hold(struct world *w)
{
	size_t i;
	json_t *id;
	json_array_foreach (w->oracle.forgotten, i, id)
		if (!rows_number(w, "SELECT count(*) FROM erasure WHERE person = ?1", json_integer_value(id)))
			world_break(w, "who was forgotten stays so", "of person %lld nothing says so", (long long)json_integer_value(id));
}
