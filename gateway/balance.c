/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balances. The operators' sentences are rows of a table, over folded text; a configured pattern goes before them. Called by the
 * core's duties and by dial.c with what the network said. */
#include "gateway/balance.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/core.h"
#include "gateway/store/store.h"

#define LOOK_MS 5000
#define AGAIN_MS (INT64_C(30) * 60000) /* after a question that was not answered with a sum */
#define HOUR_MS 3600000.0
#define VND_MAX INT64_C(1000000000000)

enum balance_sql { BALANCE_ASKED, BALANCE_TAKEN, BALANCE_SQL_COUNT };
static const char *const balance_sql[BALANCE_SQL_COUNT] = {
	[BALANCE_ASKED] = "UPDATE channel SET balance_asked_at = $now WHERE name = $name",
	[BALANCE_TAKEN] = "UPDATE channel SET balance_vnd = $vnd, balance_at = $now WHERE name = $name",
};
const struct sql_module balance_module = { "balance", balance_sql, BALANCE_SQL_COUNT };

/* ---- reading ---- */

#define SUM "(-?[0-9][0-9.,]*)"
#define DONG " ?(d|dong|vnd)([^a-z]|$)"
#define THOUSAND " ?(k|nghin|ngan)([^a-z]|$)"

/* The first that fits decides: the main account before any other sum of the sentence, a sum with its unit before one without. */
static const struct {
	const char *network; /* NULL = any */
	const char *pattern; /* group 1 is the sum */
	int64_t unit;
} patterns[] = {
	{ "viettel", "(tk goc|tkg|tai khoan goc|tk chinh|tkc|tai khoan chinh)[^0-9-]{0,24}" SUM DONG, 1 },
	{ "vinaphone", "(tk chinh|tkc|tai khoan chinh|so du tkc?)[^0-9-]{0,24}" SUM DONG, 1 },
	{ "mobifone", "(tkc|tk chinh|tai khoan chinh)[^0-9-]{0,24}" SUM DONG, 1 },
	{ "vietnamobile", "(so du|tkc|tai khoan chinh)[^0-9-]{0,24}" SUM DONG, 1 },
	{ NULL, "(tk goc|tkg|tkc|tk chinh|tai khoan chinh|tai khoan goc|so du|balance)[^0-9-]{0,24}" SUM DONG, 1 },
	{ NULL, "(tk goc|tkg|tkc|tk chinh|tai khoan chinh|tai khoan goc|so du|balance)[^0-9-]{0,24}" SUM THOUSAND, 1000 },
	{ NULL, "(tk goc|tkg|tkc|tk chinh|tai khoan chinh|tai khoan goc|so du|balance)[^0-9-]{0,24}" SUM "([^0-9]|$)", 1 },
	{ NULL, "(^|[^0-9.,-])" SUM DONG, 1 },
};

static bool serves(const struct channel_config *cfg, const char *network)
{
	for (char **n = cfg->networks; network && n && *n; n++)
		if (!strcmp(*n, network))
			return true;
	return network == NULL;
}

/* "1.234.567", "1,234,567" and "12345" are whole; what stands behind a last separator with fewer than three digits is a fraction. */
static int sum_of(const char *text, size_t n, int64_t unit, int64_t *ret)
{
	int64_t whole = 0, sign = n && text[0] == '-' ? -1 : 1;
	while (n && (text[n - 1] == '.' || text[n - 1] == ','))
		n--;
	size_t end = n;
	for (size_t i = n; i > 0 && n - i < 3; i--)
		if (text[i - 1] == '.' || text[i - 1] == ',') {
			end = i - 1;
			break;
		}
	for (size_t i = sign < 0; i < end; i++) {
		if (text[i] == '.' || text[i] == ',')
			continue;
		whole = whole * 10 + (text[i] - '0');
		if (whole > VND_MAX)
			return E_NOT_FOUND;
	}
	int64_t tenth = end + 1 < n && unit > 1 ? text[end + 1] - '0' : 0; /* "12,5k" */
	*ret = sign * (whole * unit + tenth * unit / 10);
	return 0;
}

static int match(const char *pattern, const char *text, size_t group, int64_t unit, int64_t *ret)
{
	regex_t re;
	regmatch_t m[4];
	if (regcomp(&re, pattern, REG_EXTENDED))
		return E_NOT_FOUND;
	int r = regexec(&re, text, COUNT_OF(m), m, 0) || m[group].rm_so < 0
			? E_NOT_FOUND : sum_of(text + m[group].rm_so, (size_t)(m[group].rm_eo - m[group].rm_so), unit, ret);
	regfree(&re);
	return r;
}

/* Only a sum counts, whatever a pattern of one's own takes along. */
static int match_own(const char *pattern, const char *text, int64_t *ret)
{
	regex_t re;
	regmatch_t m[2];
	if (regcomp(&re, pattern, REG_EXTENDED))
		return E_NOT_FOUND;
	int r = E_NOT_FOUND;
	if (!regexec(&re, text, COUNT_OF(m), m, 0) && m[1].rm_so >= 0) {
		const char *from = text + m[1].rm_so;
		size_t n = (size_t)(m[1].rm_eo - m[1].rm_so), digits = strspn(from, "-0123456789.,");
		r = n && digits >= n && strpbrk(from, "0123456789") < from + n ? sum_of(from, n, 1, ret) : E_NOT_FOUND;
	}
	regfree(&re);
	return r;
}

int balance_read(const struct channel_config *cfg, const char *text, int64_t *ret_vnd)
{
	OWN(mem) char *folded = fold(text);
	if (!folded)
		return E_NOMEM;
	if (cfg->balance.pattern && cfg->balance.pattern[0])
		return match_own(cfg->balance.pattern, folded, ret_vnd);
	int r = E_NOT_FOUND;
	for (size_t i = 0; r && i < COUNT_OF(patterns); i++)
		if (serves(cfg, patterns[i].network))
			r = match(patterns[i].pattern, folded, 2, patterns[i].unit, ret_vnd);
	return r;
}

/* ---- keeping ---- */

bool balance_is_low(const struct channel *ch)
{
	return ch->config->balance.ussd && ch->balance_vnd >= 0 && ch->balance_vnd < ch->config->balance.low_vnd;
}

static void keep(struct core *core, int64_t channel, int64_t vnd)
{
	struct channel *ch = &core->channels[channel];
	bool was = balance_is_low(ch);
	ch->balance_vnd = vnd;
	ch->dirty = true;
	if (!was && balance_is_low(ch))
		trouble_note(ch, "the balance of %lld VND is below %lld VND: campaigns wait, answers go on", (long long)vnd,
			     (long long)ch->config->balance.low_vnd);
	else if (was && !balance_is_low(ch) && strstr(ch->last_error, "is below"))
		trouble_over(ch);
	core->claim_due_at = clock_now_ms(core->clock);
}

int balance_take(struct tick *t, struct channel *ch, const char *text, bool asked)
{
	int64_t vnd = 0;
	int r = balance_read(ch->config, text, &vnd);
	if (r == E_NOT_FOUND) {
		if (asked)
			trouble_note(ch, "no balance can be read in what the network answered");
		return 0;
	}
	if (r)
		return r;
	return balance_told(t, ch, vnd < 0 ? 0 : vnd);
}

int balance_told(struct tick *t, struct channel *ch, int64_t vnd)
{
	struct statement *st = store_prepare(t->in.db, &balance_module, BALANCE_TAKEN);
	bind_int(st, "$vnd", vnd);
	bind_int(st, "$now", t->in.now_ms);
	bind_text(st, "$name", ch->config->name);
	int r = store_run(st);
	tick_changed(t, "channel");
	return r ? r : tick_after(t, keep, ch - t->core->channels, vnd);
}

/* ---- asking ---- */

static bool is_due(const struct channel *ch, int64_t now_ms)
{
	const struct balance_config *b = &ch->config->balance;
	if (!b->ussd || !b->ussd[0] || ch->suspended)
		return false;
	double every_ms = b->every_h * HOUR_MS;
	if (ch->balance_vnd < 0 && every_ms > AGAIN_MS)
		every_ms = AGAIN_MS;
	/* a moment in the future is one of a clock that was set back since */
	return !ch->balance_asked_at || ch->balance_asked_at > now_ms || (double)(now_ms - ch->balance_asked_at) >= every_ms;
}

static void asked(struct core *core, int64_t channel, int64_t at_ms)
{
	core->channels[channel].balance_asked_at = at_ms;
}

static int ask(struct tick *t, struct channel *ch)
{
	int r = dial_own(t, ch, ch->config->balance.ussd);
	if (r)
		return r == E_AGAIN ? 0 : r;
	struct statement *st = store_prepare(t->in.db, &balance_module, BALANCE_ASKED);
	bind_int(st, "$now", t->in.now_ms);
	bind_text(st, "$name", ch->config->name);
	r = store_run(st);
	return r ? r : tick_after(t, asked, ch - t->core->channels, t->in.now_ms);
}

int balance_duty(struct tick *t, int64_t *ret_due_at)
{
	int r = 0;
	*ret_due_at = t->in.now_ms + LOOK_MS;
	for (int i = 0; !r && i < t->core->n_channels; i++)
		if (is_due(&t->core->channels[i], t->in.now_ms))
			r = ask(t, &t->core->channels[i]);
	return r;
}
