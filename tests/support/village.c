/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Villagers and their gateway. Called by tests of handlers over time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/inbox.h"
#include "gateway/store/store.h"
#include "handlers/casecare.h"
#include "handlers/chain.h"
#include "handlers/kept.h"
#include "handlers/ussd.h"
#include "tests/support/village.h"

struct village *village_new(const struct duty *const *duties, size_t n_duties)
{
	struct village *v = calloc(1, sizeof(*v));
	struct complaint c = { 0 };
	assert_non_null(v);
	v->f = fixture_new(NULL);
	if (keywords_load(v->f->file, &v->keywords, &c))
		fail_msg("%s:%d %s", c.file, c.line, c.text);
	v->f->wiring.intake = chain_intake;
	assert_true(n_duties <= VILLAGE_DUTIES_MAX);
	for (size_t i = 0; i < n_duties; i++)
		v->duties[i] = *duties[i];
	v->f->wiring.duties = v->duties;
	v->f->wiring.n_duties = n_duties;
	v->f->core->keywords = v->keywords;
	return v;
}

void village_free(struct village *v)
{
	fixture_free(v->f);
	keywords_free(v->keywords);
	free(v);
}

static const struct duty *const every_duty[] = { &kept_duty, &casecare_duty, &ussd_duty };

int village_settle(void **state)
{
	struct village *v = village_new(every_duty, COUNT_OF(every_duty));
	clock_advance(&v->f->clock, 2 * HOUR_MS);
	*state = v;
	return 0;
}

int village_leave(void **state)
{
	village_free(*state);
	return 0;
}

void village_put(struct village *v, const char *from, const char *text)
{
	char id[16];
	snprintf(id, sizeof(id), "m%d", ++v->said);
	OWN(json) json_t *frame = json_pack("{s:s, s:s, s:s}", "id", id, "from", from, "text", text);
	assert_non_null(frame);
	assert_int_equal(inbox_put(fixture_begin(v->f), "may-ao", frame), 0);
	fixture_commit(v->f);
}

void village_wait(struct village *v, int64_t after_ms)
{
	clock_advance(&v->f->clock, after_ms);
	for (int i = 0; i < 2; i++)
		assert_int_equal(core_tick(v->f->core), 0);
}

void village_told(struct village *v, const char *from, const char *text, const char *result)
{
	char args[64];
	OWN(json) json_t *row = NULL;
	village_put(v, from, text);
	village_wait(v, 20 * 1000);
	snprintf(args, sizeof(args), "{\"id\":%lld}", (long long)store_scalar(v->f->db, "SELECT max(id) FROM inbound", 0));
	assert_int_equal(fixture_query(v->f, "inbox.show", args, &row, NULL), 0);
	if (strncmp(json_str(row, "result", ""), result, strlen(result)) != 0)
		fail_msg("'%s': %s, %s (%s)", text, json_str(row, "kind", ""), json_str(row, "result", ""), json_str(row, "why", ""));
}

void village_heard(struct village *v, const char *part)
{
	struct statement *st = store_prepare_text(v->f->db, "SELECT text FROM message ORDER BY id DESC LIMIT 1");
	if (store_row(st) <= 0 || !strstr(column_text(st, 0), part))
		fail_msg("'%s' was not the last thing said", part);
	store_drop(st);
}

int64_t village_count(struct village *v, const char *sql)
{
	return store_scalar(v->f->db, sql, -1);
}

json_t *village_do(struct village *v, const char *verb, const char *args)
{
	json_t *out = NULL;
	struct refusal why = { 0 };
	int r = fixture_command(v->f, verb, args, &out, &why);
	if (r)
		fail_msg("%s %s: %d %s %s", verb, args, r, why.rule, why.text);
	refusal_done(&why);
	return out;
}
