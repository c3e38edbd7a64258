/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Campaigns from their writing to their end, as wishes. Called by staff.c. */
#include "tests/simulation/author.h"

#include <stdio.h>
#include <string.h>

#include "tests/simulation/inside.h"

/* Turns that are over within a quiet period. */
static void add_schedule(struct world *w, json_t *args)
{
	static const char *const hours[] = { "08:00", "14:30", "19:45" };
	json_set_str(args, "at", hours[dice_below(&w->dice, 3)]);
	if (dice_mille(&w->dice, 250)) {
		json_set_str(args, "on", "han");
		json_set_str(args, "days", "-1,0");
		json_set_str(args, "until", staff_day(w, 2).text);
		return;
	}
	json_set_str(args, "repeat", dice_mille(&w->dice, 500) ? "FREQ=DAILY;COUNT=2" : "FREQ=DAILY;COUNT=1");
	if (dice_mille(&w->dice, 700))
		json_set_int(args, "remind-after", 1);
}

static const char survey[] =
	"name = \"khao sat\"; steps = ( { id = \"y\"; kind = \"yes_no\"; text = { vi = \"Ong/ba da nhan the? 1=co 2=chua\"; }; next = \"s\"; }, "
	"{ id = \"s\"; kind = \"yes_no\"; text = { vi = \"Ong/ba co hai long khong? 1=co 2=khong\"; }; } );";

/* To an area, whoever refused there, by day and by night; somebody else must approve it. */
static void cry_out(struct world *w)
{
	char tag[24], text[120];
	if (w->author.n_campaigns + 1 >= AUTHOR_CAMPAIGNS)
		return;
	int64_t n = ++w->author.n_campaigns;
	snprintf(tag, sizeof(tag), "C%lld", (long long)n);
	snprintf(text, sizeof(text), "#%s KHAN: lu quet, ba con roi khoi bo suoi ngay.", tag);
	oracle_tag(w, tag, "emergency", "");
	staff_wish(w, "campaign.new",
		   json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", tag, "text", text, "audience", "unit:02269", "class", "emergency", "reason", "lu quet"),
		   NULL, false, NULL, json_pack("{s:I}", "campaign", (json_int_t)n));
	w->figures.campaigns++;
}

void author_new(struct world *w)
{
	static const char *const topics[] = { "BHYT", "NHAO", "" };
	static const char *const texts[] = {
		"#%s The BHYT cua ho ong/ba het han 30/11. Tra loi: 1=da gia han 2=can giup. Tu choi: TC",
		"#%s Chao {{name}}, moi den nhan ho tro nha o tai xa. Tu choi: TC",
		"#%s Chao {{name}}, day la thong bao dai cua Mat tran xa ve viec dang ky xoa nha tam: ho nao co nha dot nat xin "
		"bao truong thon truoc ngay 15, can bo se den tan noi xac minh trong bay ngay. Tu choi: TC"
	};
	char tag[24], text[400], group[24];
	if (dice_mille(&w->dice, 150)) {
		cry_out(w);
		return;
	}
	if (w->author.n_campaigns + 1 >= AUTHOR_CAMPAIGNS)
		return;
	int64_t n = ++w->author.n_campaigns;
	const char *topic = topics[dice_below(&w->dice, 3)];
	snprintf(tag, sizeof(tag), "C%lld", (long long)n);
	bool asks = dice_mille(&w->dice, 300);
	switch (asks ? 0 : dice_below(&w->dice, 3)) {
	case 0: snprintf(text, sizeof(text), texts[0], tag); break;
	case 1: snprintf(text, sizeof(text), texts[1], tag); break;
	default: snprintf(text, sizeof(text), texts[2], tag); break;
	}
	snprintf(group, sizeof(group), "Nhom %d", dice_below(&w->dice, AUTHOR_GROUPS));
	oracle_tag(w, tag, "social_policy", topic);
	json_t *args = json_pack("{s:s,s:s,s:s}", "name", tag, "text", text, "group", group);
	if (*topic)
		json_set_str(args, "topic", topic);
	if (asks) {
		json_set_str(args, "survey", survey);
	} else if (dice_mille(&w->dice, 400)) {
		add_schedule(w, args);
		oracle_comes_again(w, tag);
	}
	staff_wish(w, "campaign.new", args, NULL, false, NULL, json_pack("{s:I}", "campaign", (json_int_t)n));
	w->figures.campaigns++;
}

/* One step of campaign n. Half of the approvals are the other person's; how many people it goes to is said where it is known. */
static void give(struct world *w, int64_t n, const char *verb)
{
	char subject[40];
	int64_t id = w->author.campaign_ids[n], total = rows_number(w, "SELECT total FROM campaign WHERE id = ?1", id);
	bool off = !strcmp(verb, "campaign.pause") || !strcmp(verb, "campaign.cancel");
	bool on = !strcmp(verb, "campaign.resume") || !strcmp(verb, "campaign.start");
	json_t *args = json_pack("{s:I}", "id", (json_int_t)id), *more = NULL;
	const char *other = !strcmp(verb, "campaign.approve") && dice_mille(&w->dice, 500) ? desk_approver(w) : NULL;
	if (other)
		more = json_pack("{s:s}", "session", other);
	if (!strcmp(verb, "campaign.start") && total && dice_mille(&w->dice, 700))
		json_set_int(args, "confirm", total);
	snprintf(subject, sizeof(subject), "campaign:C%lld", (long long)n);
	staff_wish(w, verb, args, off || on ? subject : NULL, off, "campaign", more);
}

void author_start(struct world *w, int64_t n)
{
	give(w, n, "campaign.start");
}

int64_t author_number(const struct world *w, int64_t id)
{
	for (int64_t n = w->author.n_campaigns; n > 0; n--)
		if (id && w->author.campaign_ids[n] == id)
			return n;
	return 0;
}

void author_step(struct world *w)
{
	static const char *const verbs[] = { "campaign.submit", "campaign.submit", "campaign.approve", "campaign.approve",
					     "campaign.start",	"campaign.start",  "campaign.start",   "campaign.pause",
					     "campaign.resume", "campaign.resume", "campaign.cancel",  "campaign.preview" };
	if (!w->author.n_campaigns)
		return;
	/* mostly one of the newest: the others are through */
	int64_t n = w->author.n_campaigns - dice_long(&w->dice, 0, 12);
	if (n <= 0 || !w->author.campaign_ids[n])
		return;
	give(w, n, verbs[dice_below(&w->dice, (int)COUNT_OF(verbs) - (dice_mille(&w->dice, 700) ? 2 : 0))]);
}

static void regret(struct world *w, json_t *unused, int64_t n)
{
	(void)unused;
	char subject[40];
	snprintf(subject, sizeof(subject), "campaign:C%lld", (long long)n);
	if (!w->quiet)
		staff_wish(w, "campaign.cancel", json_pack("{s:I}", "id", (json_int_t)w->author.campaign_ids[n]), subject, true, "campaign", NULL);
}

/* From draft to started in one go, as an impatient author does; and sometimes back at once. */
void author_hurry(struct world *w)
{
	static const char *const verbs[] = { "campaign.submit", "campaign.approve", "campaign.start" };
	int64_t n = w->author.n_campaigns;
	if (!n || !w->author.campaign_ids[n])
		return;
	for (int i = 0; i < 3; i++)
		give(w, n, verbs[i]);
	if (dice_mille(&w->dice, 250))
		world_later(w, dice_long(&w->dice, 500, 120000), regret, NULL, n);
}
