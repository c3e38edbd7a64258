/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reveals and exports of people. A page of an export is a whole CSV file: its columns are those of its people, and import reads it back. */
#include "gateway/disclosure.h"

#include <stdio.h>
#include <string.h>

#include "gateway/allowance.h"
#include "gateway/audit.h"
#include "gateway/base/csvline.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/contact.h"
#include "gateway/group.h"
#include "gateway/store/store.h"
#include "gateway/ticket.h"
#include "gateway/tick.h"

#define PAGE_BYTES 200000 /* a page fits into a frame, escapes counted */

/* ---- reveal ---- */

static int unknown(struct refusal *why)
{
	return refuse(why, E_NOT_FOUND, 404, "not_found", "id", "There is no such contact.");
}

static int reveal_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	char subject[40];
	OWN(json) json_t *there = NULL;
	int64_t id = json_int(c->args, "id", 0);
	int r = contact_json(&t->in, c, id, false, &there);
	if (r)
		return r == E_NOT_FOUND ? unknown(why) : r;
	r = allowance_take(t, c, "contact.reveal", 1, DISCLOSURE_REVEALS_A_DAY, why);
	snprintf(subject, sizeof(subject), "contact:%lld", (long long)id);
	if (!r)
		r = audit_put(t, c->actor, "contact.reveal", subject, json_str(c->args, "reason", ""));
	return r ? r : ticket_new(t, c, ret);
}

static int reveal_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	*ret_next = 0;
	int r = contact_json(in, c, json_int(c->args, "id", 0), true, ret);
	return r == E_NOT_FOUND ? unknown(why) : r;
}

/* ---- export ---- */

static const char *const own_columns[] = { "number", "name", "unit", "hamlet", "language" };
static const char *const headers[] = { "phone", "name", "unit", "hamlet", "language" };

static int put_header(struct buffer *out, json_t *keys)
{
	const char *key;
	json_t *unused;
	int r = buffer_puts(out, CSVLINE_BOM);
	for (size_t i = 0; !r && i < COUNT_OF(headers); i++)
		r = csvline_cell(out, headers[i], i == 0, false);
	json_object_foreach(keys, key, unused) {
		if (!r)
			r = csvline_cell(out, key, false, false);
	}
	return r ? r : csvline_end(out);
}

/* A number in E.164 begins with a plus and is one: it stays as it is. */
static int put_person(struct buffer *out, const json_t *person, json_t *keys)
{
	const char *key;
	json_t *unused;
	const json_t *fields = json_object_get(person, "fields");
	int r = 0;
	for (size_t i = 0; !r && i < COUNT_OF(own_columns); i++)
		r = csvline_cell(out, json_str(person, own_columns[i], ""), i == 0, i == 0);
	json_object_foreach(keys, key, unused) {
		if (!r)
			r = csvline_cell(out, json_str(fields, key, ""), false, false);
	}
	return r ? r : csvline_end(out);
}

static int gather_keys(const json_t *people, json_t *keys)
{
	for (size_t i = 0; i < json_array_size(people); i++) {
		json_t *fields = json_object_get(json_array_get(people, i), "fields");
		if (json_is_object(fields) && json_object_update(keys, fields))
			return E_NOMEM;
	}
	return 0;
}

/* As many of the people as fit; *ret_n says how many. */
static int write_page(const json_t *people, struct buffer *out, size_t *ret_n)
{
	OWN(json) json_t *keys = json_object();
	int r = keys ? gather_keys(people, keys) : E_NOMEM;
	if (!r)
		r = put_header(out, keys);
	size_t i = 0;
	for (; !r && i < json_array_size(people) && buffer_left(out) < PAGE_BYTES; i++)
		r = put_person(out, json_array_get(people, i), keys);
	*ret_n = i;
	return r;
}

static int export_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	OWN(json) json_t *people = NULL;
	OWN(buffer) struct buffer csv = { 0 };
	int64_t next = 0;
	size_t n = 0;
	*ret_next = 0;
	int r = contact_page(in, c, json_int(c->args, "after", 0), DISCLOSURE_PAGE, &people, &next, why);
	if (!r)
		r = write_page(people, &csv, &n);
	if (r)
		return r;
	if (n < json_array_size(people))
		next = json_int(json_array_get(people, n - 1), "id", 0);
	*ret = json_pack("{s:s, s:I, s:o}", "csv", buffer_text(&csv), "rows", (json_int_t)n, "next", next ? json_integer(next) : json_null());
	return *ret ? 0 : E_NOMEM;
}

static int export_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct group g;
	const char *name = json_str(c->args, "group", "");
	OWN(mem) char *detail = NULL;
	int r = group_find_own(&t->in, name, c->unit, &g);
	if (r)
		return r == E_NOT_FOUND || r == E_DENIED ? refuse(why, E_NOT_FOUND, 404, "not_found", "group", "There is no such group.") : r;
	if (asprintf(&detail, "%s, after %lld: %s", name, (long long)json_int(c->args, "after", 0), json_str(c->args, "reason", "")) < 0)
		return E_NOMEM;
	r = audit_put(t, c->actor, "contact.export", "contact", detail);
	return r ? r : ticket_new(t, c, ret);
}

#define REASON { .name = "reason", .type = ARG_TEXT, .required = true, .min = 1, .max = 1000, .help_en = "what for", .help_vi = "lý do" }
static const struct verb_arg reveal_args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_C(1) << 53, .help_en = "contact", .help_vi = "người liên hệ" },
	REASON,
};
static const struct verb_arg export_args[] = {
	{ .name = "group", .type = ARG_TEXT, .required = true, .min = 1, .max = GROUP_NAME_BYTES_MAX, .help_en = "people of this list", .help_vi = "danh sách" },
	REASON,
	{ .name = "after", .type = ARG_INT, .min = 0, .max = INT64_C(1) << 53, .help_en = "go on behind this contact (what next said)",
	  .help_vi = "tiếp sau người này" },
};
static const struct verb verbs[] = {
	{ .noun = "contact", .name = "reveal", .kind = VERB_DISCLOSURE, .roles = ROLES_STAFF, VERB_ARGS(reveal_args),
	  .help_en = "show somebody's number; written down with the reason", .help_vi = "xem số điện thoại, có ghi lại lý do", .command = reveal_command,
	  .query = reveal_query },
	{ .noun = "contact", .name = "export", .kind = VERB_DISCLOSURE, .roles = R_(OUTREACH), VERB_ARGS(export_args),
	  .help_en = "a list as CSV, with numbers; written down", .help_vi = "xuất danh sách ra CSV, có ghi lại", .command = export_command,
	  .query = export_query },
};
const struct verb_table disclosure_verbs = VERB_TABLE(verbs);
