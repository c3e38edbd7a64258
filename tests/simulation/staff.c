/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The staff's wishes as command frames. Called by world.c; what was answered goes to the oracle. */
#include "tests/simulation/staff.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/calendar.h"
#include "tests/simulation/inside.h"

void staff_init(struct world *w)
{
	w->staff = (struct staff){ .waiting = json_object() };
	SIM_CHECK(w->staff.waiting);
}

void staff_done(struct staff *s)
{
	json_decref(s->waiting);
}

static struct process *client(struct world *w)
{
	struct process *p = process_find(w, w->staff.client);
	if (!p || p->dead) {
		p = process_connect(w);
		w->staff.client = p->serial;
	}
	return p;
}

static void give(struct world *w, json_t *unused, int64_t n)
{
	(void)unused;
	char id[24];
	snprintf(id, sizeof(id), "%lld", (long long)n);
	json_t *wish = json_object_get(w->staff.waiting, id);
	if (!wish)
		return;
	if (w->node.core)
		process_say(w, client(w), json_deep_copy(json_object_get(wish, "frame")));
	world_later(w, dice_long(&w->dice, 10000, 120000), give, NULL, n); /* no answer: the same again */
}

void staff_wish(struct world *w, const char *verb, json_t *args, const char *subject, bool off, const char *scope, json_t *more)
{
	char key[24], id[24];
	int64_t n = ++w->staff.n_keys;
	snprintf(key, sizeof(key), "k%lld", (long long)n);
	snprintf(id, sizeof(id), "%lld", (long long)n);
	json_t *frame = json_pack("{s:s,s:I,s:s,s:o,s:s}", "op", "command", "id", (json_int_t)n, "verb", verb, "args", args, "key", key);
	json_t *entry = json_pack("{s:o,s:s,s:s}", "frame", frame, "verb", verb, "key", key);
	if (subject) {
		json_set_str(entry, "subject", subject);
		json_set_int(entry, "switch", oracle_switch(w, subject, off, scope));
		json_object_set_new(entry, "off", json_boolean(off));
	}
	if (more) {
		json_object_update(entry, more);
		json_decref(more);
	}
	json_set_str(frame, "key", json_str(entry, "key", ""));
	if (json_str(entry, "session", NULL))
		json_set_str(frame, "session", json_str(entry, "session", ""));
	json_object_set_new(w->staff.waiting, id, entry);
	give(w, NULL, n);
	if (dice_mille(&w->dice, 60)) /* pressed twice */
		process_say(w, client(w), json_deep_copy(frame));
}

struct staff_day staff_day(const struct world *w, int days)
{
	struct staff_day ret;
	struct calendar c = calendar_local(w->node.zone, w->clock.sim_now_ms + days * INT64_C(86400000));
	snprintf(ret.text, sizeof(ret.text), "%04d-%02d-%02d", c.year, c.month, c.day);
	return ret;
}

static const char *somebody(struct world *w)
{
	return w->village.numbers[dice_below(&w->dice, VILLAGERS)];
}

/* ---- single messages ---- */

static void send_one(struct world *w)
{
	static const char *const classes[] = { "social_policy", "social_policy", "social_policy", "service", "advert" };
	static const char *const words[] = {
		"Moi ong/ba den nha van hoa nhan the BHYT. Tu choi: TC",
		"M\xe1\xbb\x9di b\xc3\xa0 con \xc4\x91\xe1\xba\xbfn nh\xc3\xa0 v\xc4\x83n h\xc3\xb3"
		"a th\xc3\xb4n nh\xe1\xba\xadn th\xe1\xba\xbb BHYT m\xe1\xbb\x9bi.",
		"Thong bao lich kham suc khoe dinh ky cho ba con trong xa: sang thu bay tu 7 gio den 11 gio tai tram y te xa, mang theo "
		"the BHYT va "
		"giay to tuy than, uu tien nguoi cao tuoi, phu nu mang thai va tre em duoi sau tuoi. Moi thac mac xin hoi truong thon. Tu "
		"choi: TC",
	};
	char tag[24], text[1000];
	const char *class = classes[dice_below(&w->dice, 5)];
	bool advert = !strcmp(class, "advert");
	snprintf(tag, sizeof(tag), "S%lld", (long long)++w->staff.n_singles);
	bool very_long = dice_mille(&w->dice, 80);
	snprintf(text, sizeof(text), "%s#%s. %s%s", advert ? "[QC] " : "", tag, words[very_long ? 2 : dice_below(&w->dice, 3)], very_long ? words[2] : "");
	oracle_tag(w, tag, class, "");
	json_t *args = json_pack("{s:s,s:s,s:s}", "to", somebody(w), "text", text, "class", class);
	if (very_long || dice_mille(&w->dice, 150))
		json_set_str(args, "channel", w->drivers[very_long ? 0 : dice_below(&w->dice, CHANNELS)].name);
	if (dice_mille(&w->dice, 150))
		json_set_int(args, "validity-h", dice_between(&w->dice, 1, 48));
	staff_wish(w, "message.send", args, NULL, false, NULL, NULL);
}

/* ---- lists ---- */

static void import_list(struct world *w)
{
	OWN(buffer) struct buffer csv = { 0 };
	char group[24], base64[8192];
	int64_t n = w->staff.n_keys + 1;
	snprintf(group, sizeof(group), "Nhom %d", dice_below(&w->dice, AUTHOR_GROUPS));
	SIM_CHECK(!buffer_puts(&csv, "phone,name,unit,han\n"));
	int rows = (int)dice_between(&w->dice, 2, 30);
	for (int i = 0; i < rows; i++)
		SIM_CHECK(!buffer_printf(&csv, "%s,Nguyen Van %c%d,%s,%s\n", somebody(w) + (dice_mille(&w->dice, 300) ? 1 : 0),
					 'A' + dice_below(&w->dice, 4), i % 2, dice_mille(&w->dice, 250) ? "02266" : "02269",
					 staff_day(w, dice_below(&w->dice, 4)).text));
	if (dice_mille(&w->dice, 50))
		SIM_CHECK(!buffer_puts(&csv, "12,Khong so,02269,\n"));
	sodium_bin2base64(base64, sizeof(base64), (const unsigned char *)csv.data, csv.n_bytes, sodium_base64_VARIANT_ORIGINAL);
	char id[24];
	snprintf(id, sizeof(id), "%lld", (long long)n);
	w->staff.n_keys = n;
	json_object_set_new(w->staff.waiting, id,
			    json_pack("{s:{s:s,s:I,s:s},s:s,s:s}", "frame", "op", "put", "id", (json_int_t)n, "data", base64, "verb", "put",
				      "group", group));
	give(w, NULL, n);
}

/* ---- the rest ---- */

static void set_consent(struct world *w)
{
	static const char *const scopes[] = { "campaign", "campaign", "topic:BHYT" };
	char subject[40];
	const char *number = somebody(w), *scope = scopes[dice_below(&w->dice, 3)];
	bool off = dice_mille(&w->dice, 500);
	snprintf(subject, sizeof(subject), "person:%s", number);
	staff_wish(w, off ? "consent.opt-out" : "consent.opt-in",
	     json_pack("{s:s,s:s,s:s}", "number", number, "scope", scope, "proof", "giay co chu ky"), subject, off, scope, NULL);
}

static void set_channel(struct world *w)
{
	const char *name = w->drivers[dice_below(&w->dice, CHANNELS)].name;
	bool pause = dice_mille(&w->dice, 300);
	staff_wish(w, pause ? "channel.pause" : "channel.resume", json_pack("{s:s}", "name", name), NULL, false, NULL, NULL);
}

void staff_resume_channels(struct world *w)
{
	const char *id;
	json_t *wish;
	void *next;
	json_object_foreach_safe (w->staff.waiting, next, id, wish)
		if (!strcmp(json_str(wish, "verb", ""), "channel.pause"))
			json_object_del(w->staff.waiting, id); /* pressed again, it would come behind */
	for (int i = 0; i < CHANNELS; i++)
		staff_wish(w, "channel.resume", json_pack("{s:s}", "name", w->drivers[i].name), NULL, false, NULL, NULL);
}

void staff_before_jump(struct world *w)
{
	const char *id;
	json_t *wish;
	json_object_foreach (w->staff.waiting, id, wish)
		if (json_int(wish, "latest_ms", INT64_MIN) < w->clock.sim_now_ms)
			json_set_int(wish, "latest_ms", w->clock.sim_now_ms);
}

void staff_act(struct world *w)
{
	static const struct {
		void (*fn)(struct world *w);
		int weight;
	} wishes[] = { { send_one, 40 },    { import_list, 10 }, { author_new, 9 },  { author_step, 20 },
		       { author_hurry, 10 }, { set_consent, 8 }, { desk_act, 50 },   { set_channel, 5 },
		       { clerk_act, 16 } };
	int sum = 0;
	for (size_t i = 0; i < COUNT_OF(wishes); i++)
		sum += wishes[i].weight;
	int at = dice_below(&w->dice, sum);
	for (size_t i = 0; i < COUNT_OF(wishes); i++)
		if ((at -= wishes[i].weight) < 0) {
			wishes[i].fn(w);
			return;
		}
}

/* ---- answers ---- */

static json_t *wish_of(struct world *w, const json_t *reply)
{
	char id[24];
	snprintf(id, sizeof(id), "%lld", (long long)json_int(reply, "id", 0));
	return json_object_get(w->staff.waiting, id);
}

static bool final(const json_t *reply)
{
	return json_flag(reply, "ok", false) || json_int(json_object_get(reply, "error"), "status", 0) < 500;
}

void staff_answered(struct world *w, const json_t *reply)
{
	json_t *was = wish_of(w, reply);
	if (!was || !final(reply))
		return;
	bool ok = json_flag(reply, "ok", false), off = json_flag(was, "off", false);
	const char *verb = json_str(was, "verb", ""), *key = json_str(was, "key", "");
	const json_t *args = json_object_get(json_object_get(was, "frame"), "args");
	if (!strcmp(json_str(json_object_get(reply, "error"), "rule", ""), "key_reused"))
		world_break(w, "a key is its owner's", "%s %s is refused: it was used for another call", verb, key);
	desk_answered(w, was, reply);
	clerk_answered(w, was, reply);
	movers_answered(w, was, reply);
	if (ok && !strcmp(verb, "message.send")) {
		oracle_accepted(w, key, args, json_int(was, "latest_ms", INT64_MIN));
	} else if (ok && strcmp(verb, "put")) {
		oracle_kept(w, verb, key);
		if (strcmp(verb, "token.add")) /* said once */
			oracle_result(w, verb, key, json_str(was, "session", ""), json_object_get(reply, "result"));
	}
	if (json_str(was, "subject", NULL) && (ok || !off))
		oracle_switched(w, json_str(was, "subject", ""), json_int(was, "switch", 0));
	int64_t n = json_int(was, "campaign", 0), id = json_int(json_object_get(reply, "result"), "id", 0);
	if (ok && n && !strcmp(verb, "campaign.new")) {
		if (w->author.campaign_ids[n] && w->author.campaign_ids[n] != id)
			world_break(w, "one key, one result", "campaign C%lld was %lld and is %lld", (long long)n,
				    (long long)w->author.campaign_ids[n], (long long)id);
		w->author.campaign_ids[n] = id;
	}
}

static void on_reply(struct world *w, const json_t *reply)
{
	OWN(json) json_t *was = json_incref(wish_of(w, reply));
	char id[24];
	if (!was || !final(reply))
		return;
	snprintf(id, sizeof(id), "%lld", (long long)json_int(reply, "id", 0));
	json_object_del(w->staff.waiting, id);
	int64_t upload = json_int(json_object_get(reply, "result"), "upload", 0);
	if (upload)
		staff_wish(w, "contact.import",
		     json_pack("{s:I,s:s,s:s}", "file", (json_int_t)upload, "group", json_str(was, "group", ""), "basis", "don dang ky"),
		     NULL, false, NULL, NULL);
}

void staff_hear(struct world *w, struct process *p)
{
	for (json_t *f; (f = process_hear(p)); json_decref(f))
		if (!strcmp(json_str(f, "op", ""), "reply"))
			on_reply(w, f);
	if (!w->quiet && dice_mille(&w->dice, 2))
		process_end(w, p, "the terminal was closed");
}
