/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people say and by which way it comes. Called by provider.c for what they hear and by world.c for what they say unasked. */
#include "tests/simulation/villager.h"

#include <stdio.h>
#include <string.h>

#include "tests/simulation/inside.h"

/* What the specification says these words mean. on or off: the scope; empty: neither. */
static const struct phrase {
	const char *text, *off, *on;
	int weight;
} phrases[] = {
	{ "TC", "campaign", "", 14 },
	{ "STOP", "campaign", "", 4 },
	{ "T\xe1\xbb\xab ch\xe1\xbb\x91i", "campaign", "", 3 },
	{ "tu choi", "campaign", "", 3 },
	{ "dung gui nua", "campaign", "", 3 },
	{ "tc, phien qua", "campaign", "", 4 },
	{ "TC, phien qua", "campaign", "", 4 },
	{ "TC BHYT", "topic:BHYT", "", 6 },
	{ "TC HET", "campaign", "", 5 },
	{ "NHAN TIN", "", "campaign", 18 },
	{ "nhan tin bhyt", "", "topic:BHYT", 3 },
	{ "1", "", "", 10 },
	{ "2 chua co tien", "", "", 4 },
	{ "2", "", "", 5 },
	{ "4", "", "", 4 },
	{ "roi", "", "", 3 },
	{ "PA duong thon 5 hong ca thang nay xe khong di duoc", "", "", 6 },
	{ "duong thon 3 hong qua, mong xa xem xet", "", "", 3 },
	{ "benh vien tu choi the BHYT cua toi", "", "", 3 },
	{ "XEM 482918", "", "", 2 },
	{ "bhty sap het han lam sao", "", "", 2 },
	{ "toi muon gap xa", "", "", 2 },
	{ "cuu voi, lu cuon nha toi roi", "", "", 1 },
	{ "cam on", "", "", 2 },
	{ "co", "", "", 3 },
	{ "PA can bo xa an chan tien ho tro nha cua dan", "", "", 3 },
	{ "xin hoi muc dong bhyt", "", "", 2 },
};

static const char long_text[] =
	"PA toi la nguoi thon 5 xa Ban Lau, con duong vao thon da hong tu thang truoc, nhieu cho sut lun, xe khong di duoc, "
	"tre em di hoc rat kho khan, mong uy ban va mat tran xem xet sua chua som truoc mua mua de ba con di lai duoc an toan, ";

void village_init(struct world *w)
{
	static const char *const prefixes[] = { "+8491200", "+8496300", "+8490500" };
	for (int i = 0; i < VILLAGERS; i++)
		snprintf(w->village.numbers[i], sizeof(w->village.numbers[i]), "%s%04d", prefixes[i % 3], 1000 + i);
}

static void arrive(struct world *w, json_t *frame, int64_t channel)
{
	if (w->drivers[channel].modem)
		driver_keep(w, &w->drivers[channel], json_incref(frame));
	else
		hook_call(w, (int)channel, json_pack("{s:s,s:O}", "kind", "inbound", "inbound", frame));
}

static json_t *frame_of(struct world *w, int channel, const char *number, const char *text)
{
	char id[40];
	snprintf(id, sizeof(id), "mo-%lld", (long long)++w->village.n_said);
	json_t *f = json_pack("{s:s,s:s,s:s,s:I}", "id", id, "from", number, "text", text, "sent_at_ms", (json_int_t)w->clock.sim_now_ms);
	if (w->drivers[channel].modem)
		json_set_str(f, "op", "inbound");
	return f;
}

/* Parts in any order, some twice, now and then one missing. */
static void say_in_parts(struct world *w, int channel, const char *number)
{
	int ref = dice_below(&w->dice, 256), total = 2 + dice_below(&w->dice, 2);
	size_t half = 80;
	for (int part = 1; part <= total; part++) {
		char text[160];
		snprintf(text, sizeof(text), "%.*s", (int)half, long_text + (size_t)(part - 1) * half);
		json_t *f = frame_of(w, channel, number, text);
		json_object_set_new(f, "udh", json_pack("{s:i,s:i,s:i,s:i}", "ref", ref, "total", total, "part", part, "bits", 8));
		if (dice_mille(&w->dice, 100)) {
			json_decref(f);
			continue;
		}
		if (dice_mille(&w->dice, 100))
			world_later(w, dice_long(&w->dice, 1, 900000), arrive, json_deep_copy(f), channel);
		world_later(w, dice_long(&w->dice, 1, 60000), arrive, f, channel);
	}
}

static const struct phrase *draw_phrase(struct world *w)
{
	int sum = 0;
	for (size_t i = 0; i < COUNT_OF(phrases); i++)
		sum += phrases[i].weight;
	int at = dice_below(&w->dice, sum);
	for (size_t i = 0; i < COUNT_OF(phrases); i++)
		if ((at -= phrases[i].weight) < 0)
			return &phrases[i];
	return &phrases[0];
}

static void say(struct world *w, const char *number, int channel)
{
	w->figures.inbound++;
	if (dice_mille(&w->dice, 60)) {
		say_in_parts(w, 0, number);
		return;
	}
	const struct phrase *p = draw_phrase(w);
	json_t *f = frame_of(w, channel, number, p->text);
	if (*p->off || *p->on) {
		char subject[40], at[64];
		snprintf(subject, sizeof(subject), "person:%s", number);
		snprintf(at, sizeof(at), "%s|%s", w->drivers[channel].name, json_str(f, "id", ""));
		int64_t n = oracle_switch(w, subject, *p->off != '\0', *p->off ? p->off : p->on);
		oracle_awaits(w, at, subject, n);
		w->figures.opt_outs += *p->off != '\0';
	}
	if (dice_mille(&w->dice, 30)) /* the network brings it twice */
		world_later(w, dice_long(&w->dice, 1, 3600000), arrive, json_deep_copy(f), channel);
	world_later(w, dice_long(&w->dice, 1, 10000), arrive, f, channel);
}

static void answer(struct world *w, json_t *number, int64_t n)
{
	(void)n;
	if (!w->quiet)
		say(w, json_string_value(number), dice_below(&w->dice, CHANNELS));
}

/* To what was asked, n times, each time as they think then. */
static void choose(struct world *w, json_t *number, int64_t n)
{
	int channel = dice_below(&w->dice, CHANNELS);
	if (w->quiet)
		return;
	w->figures.inbound++;
	OWN(json) json_t *f = frame_of(w, channel, json_string_value(number), dice_below(&w->dice, 2) ? "1" : "2");
	arrive(w, f, channel);
	if (n > 1)
		world_later(w, dice_long(&w->dice, 60000, 14400000), choose, json_incref(number), n - 1);
}

void villager_speak(struct world *w)
{
	say(w, w->village.numbers[dice_below(&w->dice, VILLAGERS)], dice_below(&w->dice, CHANNELS));
}

static void cut_in(struct world *w, json_t *unused, int64_t channel)
{
	(void)unused;
	if (!w->quiet)
		say(w, w->village.numbers[dice_below(&w->dice, VILLAGERS)], (int)channel);
}

void villager_cuts_in(struct world *w, int channel, int64_t within_ms)
{
	world_later(w, dice_long(&w->dice, 1, within_ms), cut_in, NULL, channel);
}

void villager_hears(struct world *w, const char *number, const char *text)
{
	if (!w->quiet && strstr(text, "1=") && dice_mille(&w->dice, 700))
		world_later(w, dice_long(&w->dice, 2000, 3600000), choose, json_string(number), dice_between(&w->dice, 1, 4));
	if (!w->quiet && dice_mille(&w->dice, w->odds.villager))
		world_later(w, dice_long(&w->dice, 2000, 7200000), answer, json_string(number), 0);
}
