/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The channels of a configuration: names, speed, what each kind of driver needs, secrets, and what
 * its hello will carry. Called by config_load; starts nothing and reaches nothing. */
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/slot.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define CHANNELS_MAX 64
#define GAMMU_BURST 6

static bool has(const struct slot *p, const char *key)
{
	return json_object_get(p->object, key) != NULL;
}

/* ---- any kind ---- */

static void check_name(struct slot *p, size_t index)
{
	const char *name = p->ch->name;
	if (!json_is_string(json_object_get(p->object, "name")))
		return;
	if (!config_name_is_plain(name, 32)) {
		draft_mistake(p->d, AT("name"), "invalid_name",
			      "name must be 1 to 32 of a-z, 0-9 and -");
		return;
	}
	for (size_t i = 0; i < index; i++)
		if (!strcmp(p->d->cfg->channels[i].name, name))
			draft_mistake(p->d, AT("name"), "duplicate_name",
				      "there is a channel \"%s\" already; choose another name",
				      name);
}

static int default_burst(const struct slot *p, double rate)
{
	double burst = p->kind == KIND_GAMMU ? fmin(GAMMU_BURST, ceil(rate * 30)) : ceil(rate / 10);
	return burst < 1 ? 1 : (int)burst;
}

static void read_rate(struct slot *p)
{
	struct draft *d = p->d;
	bool second = has(p, "rate_per_second"), minute = has(p, "rate_per_minute");
	if (second && minute)
		draft_mistake(
			d, AT("rate_per_second"), "both_rates",
			"rate_per_second and rate_per_minute say the same thing; keep one of them");
	double rate = second ? draft_number(d, AT("rate_per_second"), p->kind)
			     : draft_number(d, AT("rate_per_minute"), p->kind) / 60;
	p->ch->rate_per_second = rate;
	p->ch->burst = has(p, "burst") ? (int)draft_whole(d, AT("burst"), p->kind)
				       : default_burst(p, rate);
	p->ch->in_flight = (int)draft_whole(d, AT("in_flight"), p->kind);
	p->ch->daily_segments = draft_whole(d, AT("daily_segments"), p->kind);
	p->ch->monthly_persons = draft_whole(d, AT("monthly_persons"), p->kind);
	p->ch->segment_price_vnd = draft_whole(d, AT("segment_price_vnd"), p->kind);
	p->ch->monthly_vnd = draft_whole(d, AT("monthly_vnd"), p->kind);
	p->ch->refusals_in_a_row = (int)draft_whole(d, AT("refusals_in_a_row"), p->kind);
	p->ch->pace_jitter_percent = (int)draft_whole(d, AT("pace_jitter_percent"), p->kind);
	if (p->kind == KIND_GAMMU && p->ch->in_flight != 1)
		draft_mistake(d, AT("in_flight"), "out_of_range",
			      "a modem sends one message at a time: in_flight = 1");
}

static void read_retry(struct slot *p)
{
	struct retry_config *retry = &p->ch->retry;
	retry->first_s = draft_number(p->d, AT("retry.first_s"), p->kind);
	retry->factor = draft_number(p->d, AT("retry.factor"), p->kind);
	retry->cap_s = draft_number(p->d, AT("retry.cap_s"), p->kind);
	retry->jitter_percent = (int)draft_whole(p->d, AT("retry.jitter_percent"), p->kind);
	retry->attempts = (int)draft_whole(p->d, AT("retry.attempts"), p->kind);
	if (retry->cap_s < retry->first_s && draft_find(p->d, AT("retry.cap_s")))
		draft_mistake(p->d, AT("retry.cap_s"), "out_of_range",
			      "cap_s must not be smaller than first_s (%g)", retry->first_s);
	else if (retry->cap_s < retry->first_s)
		retry->cap_s = retry->first_s;
	p->ch->submit_deadline_s = draft_number(p->d, AT("submit_deadline_s"), p->kind);
}

static void check_networks(struct slot *p)
{
	const struct phone_plan *plan = &p->d->cfg->plan;
	for (size_t i = 0; p->ch->networks && p->ch->networks[i]; i++) {
		bool known = false;
		for (size_t k = 0; k < plan->n_ranges; k++)
			known |= !strcmp(plan->ranges[k].network, p->ch->networks[i]);
		char path[DRAFT_PATH_BYTES];
		if (!known && plan->n_ranges && draft_join(path, p->path, ".networks.[%zu]", i))
			draft_warn(p->d, path, "unknown_network",
				   "the numbering plan knows no operator \"%.24s\"; this channel "
				   "gets no numbers by it",
				   p->ch->networks[i]);
	}
}

/* GSM 03.40: at most 11 characters as a name, 15 digits as a number. */
static void check_sender(struct slot *p)
{
	const char *sender = p->ch->sender;
	if (!sender || !sender[0])
		return;
	size_t n = strlen(sender);
	const char *digits = sender + (sender[0] == '+');
	if (digits[strspn(digits, "0123456789")] == '\0' ? n > 16 : n > 11)
		draft_mistake(p->d, AT("sender"), "too_long",
			      "a sender is at most 11 letters or digits, or a number of 15 digits");
	for (const char *c = sender; *c; c++)
		if ((unsigned char)*c < ' ' || (unsigned char)*c > '~') {
			draft_mistake(p->d, AT("sender"), "unknown_value",
				      "a sender has plain letters and digits only");
			return;
		}
}

static void read_common(struct slot *p, size_t index)
{
	struct channel_config *ch = p->ch;
	ch->name = draft_text(p->d, AT("name"), p->kind);
	ch->driver = draft_text(p->d, AT("driver"), p->kind);
	ch->sender = draft_text(p->d, AT("sender"), p->kind);
	ch->networks = draft_texts(p->d, AT("networks"), p->kind);
	ch->receipts = draft_flag(p->d, AT("receipts"), p->kind);
	if (p->d->no_memory)
		return;
	check_name(p, index);
	check_sender(p);
	check_networks(p);
	read_rate(p);
	read_retry(p);
}

/* ---- kinds ---- */

static void read_loopback(struct slot *p)
{
	p->ch->delivery_ms = draft_number(p->d, AT("delivery_ms"), p->kind);
	p->ch->failure_rate = draft_number(p->d, AT("failure_rate"), p->kind);
}

static void check_gammu(struct slot *p)
{
	OWN(mem) char *connection = draft_text(p->d, AT("connection"), p->kind);
	OWN(mem) char *smsc = draft_text(p->d, AT("smsc"), p->kind);
	if (connection && (strncmp(connection, "at", 2) != 0 ||
			   connection[2 + strspn(connection + 2, "0123456789")]))
		draft_mistake(p->d, AT("connection"), "unknown_value",
			      "connection must be \"at\" and the speed, such as \"at115200\"");
	const char *digits = smsc ? smsc + (smsc[0] == '+') : "";
	if (smsc && smsc[0] &&
	    (!digits[0] || strlen(digits) > 15 || digits[strspn(digits, "0123456789")]))
		draft_mistake(p->d, AT("smsc"), "invalid_number",
			      "smsc must be a number such as \"+84980200030\"");
}

/* One group and no mistake: what cannot be compiled here would never read a balance. */
static void check_pattern(struct slot *p)
{
	regex_t re;
	const char *pattern = p->ch->balance.pattern;
	if (!pattern[0])
		return;
	if (regcomp(&re, pattern, REG_EXTENDED)) {
		draft_mistake(p->d, AT("balance.pattern"), "unknown_value",
			      "balance.pattern is no extended regular expression");
		return;
	}
	if (re.re_nsub != 1)
		draft_mistake(p->d, AT("balance.pattern"), "unknown_value",
			      "balance.pattern must have one group, the sum");
	regfree(&re);
}

static bool is_program(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* Whoever can write the file named here can do what the core can: it has to be meant. */
static void read_power(struct slot *p)
{
	p->ch->power = draft_texts(p->d, AT("power"), p->kind);
	const char *command = p->ch->power ? p->ch->power[0] : NULL;
	if (command && (command[0] != '/' || !is_program(command)))
		draft_mistake(p->d, AT("power"), "missing_file",
			      "power must begin with the whole path of a program that can be started; %s is none", command);
}

static void read_balance(struct slot *p)
{
	struct balance_config *b = &p->ch->balance;
	if (!has(p, "balance"))
		return;
	b->ussd = draft_text(p->d, AT("balance.ussd"), p->kind);
	b->pattern = draft_text(p->d, AT("balance.pattern"), p->kind);
	b->every_h = draft_number(p->d, AT("balance.every_h"), p->kind);
	b->low_vnd = draft_whole(p->d, AT("balance.low_vnd"), p->kind);
	if (!b->ussd || !b->pattern)
		return;
	if (b->ussd[0] && (strlen(b->ussd) > 32 || b->ussd[strspn(b->ussd, "*#0123456789")]))
		draft_mistake(p->d, AT("balance.ussd"), "unknown_value",
			      "balance.ussd must be a code such as \"*101#\"");
	check_pattern(p);
}

static void check_program(struct slot *p)
{
	const char *program = p->ch->program;
	if (program[0] && !is_program(program))
		draft_mistake(p->d, AT("program"), "missing_file",
			      "%s is no program that can be started; check path and mode", program);
}

static void read_exec(struct slot *p)
{
	p->ch->program = draft_path(p->d, AT("program"), p->kind);
	p->ch->arguments = draft_texts(p->d, AT("arguments"), p->kind);
	if (p->ch->program)
		check_program(p);
}

static void check_ca_file(struct slot *p)
{
	struct stat st;
	const char *file = p->ch->ca_file;
	if (file[0] && (stat(file, &st) || !S_ISREG(st.st_mode) || access(file, R_OK)))
		draft_mistake(p->d, AT("ca_file"), "missing_file",
			      "the certificates %s cannot be read; check path and mode", file);
}

static void read_http(struct slot *p)
{
	struct channel_config *ch = p->ch;
	ch->provider = draft_text(p->d, AT("provider"), p->kind);
	ch->base_url = draft_text(p->d, AT("base_url"), p->kind);
	ch->ca_file = draft_path(p->d, AT("ca_file"), p->kind);
	ch->callback_from = draft_texts(p->d, AT("callback_from"), p->kind);
	if (p->d->no_memory)
		return;
	draft_check_blocks(p->d, AT("callback_from"), ch->callback_from);
	if (has(p, "base_url"))
		draft_check_url(p->d, AT("base_url"), ch->base_url);
	check_ca_file(p);
}

static void read_channel(struct draft *d, size_t index, const json_t *object)
{
	struct slot slot = { .d = d, .ch = &d->cfg->channels[index], .object = object }, *p = &slot;
	snprintf(slot.path, sizeof(slot.path), "channels.[%zu]", index);
	slot.kind = config_kind(json_str(object, "driver", ""));
	read_common(p, index);
	if (!d->no_memory && p->kind == KIND_HTTP)
		read_http(p);
	if (!d->no_memory && p->kind == KIND_GAMMU)
		check_gammu(p);
	if (!d->no_memory && (p->kind & (KIND_GAMMU | KIND_EXEC | KIND_HTTP)))
		read_balance(p);
	if (!d->no_memory && (p->kind & (KIND_GAMMU | KIND_EXEC)))
		read_power(p);
	if (!d->no_memory && p->kind == KIND_LOOPBACK)
		read_loopback(p);
	if (!d->no_memory && p->kind == KIND_EXEC)
		read_exec(p);
	if (!d->no_memory && p->kind) {
		slot_read_secrets(p);
		slot_make_settings(p);
	}
}

/* Texts of kinds that are not this channel's are "", never NULL. */
static void fill_absent(struct draft *d, struct channel_config *ch)
{
	char **texts[] = { &ch->provider, &ch->base_url, &ch->ca_file, &ch->program };
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (!*texts[i])
			d->no_memory |= !(*texts[i] = strdup(""));
	char ***lists[] = { &ch->arguments, &ch->power, &ch->callback_from };
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		if (!*lists[i])
			d->no_memory |= !(*lists[i] = calloc(1, sizeof(**lists[i])));
}

void channels_read(struct draft *d)
{
	const json_t *list = draft_find(d, "channels"), *object;
	size_t i, n = json_array_size(list);
	if (n > CHANNELS_MAX) {
		draft_mistake(d, "channels", "too_many", "there are %zu channels; %d is the most",
			      n, CHANNELS_MAX);
		return;
	}
	d->cfg->channels = calloc(n + 1, sizeof(*d->cfg->channels));
	d->no_memory |= !d->cfg->channels;
	json_array_foreach (list, i, object) {
		if (d->no_memory)
			return;
		d->cfg->n_channels = i + 1;
		read_channel(d, i, object);
		fill_absent(d, &d->cfg->channels[i]);
	}
}
