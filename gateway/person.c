/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People added and changed one by one. Every change of somebody in a list counts as a change of the list: who approved it approved other
 * words. Consent is never touched. */
#include "gateway/person.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "gateway/address.h"
#include "gateway/audit.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/contact.h"
#include "gateway/group.h"
#include "gateway/store/store.h"
#include "gateway/tick.h"
#include "gateway/unit.h"

enum person_sql { PERSON_ENTRY, PERSON_NEW, PERSON_FIELDS, PERSON_SET, PERSON_JOIN, PERSON_LEAVE, PERSON_TOUCH, PERSON_SQL_COUNT };
static const char *const person_sql[PERSON_SQL_COUNT] = {
	[PERSON_ENTRY] = "INSERT INTO import (state, basis, unit, created_by, created_at, seq) VALUES ('done', $basis, $unit, $actor, $now, $seq)",
	[PERSON_NEW] = "INSERT INTO person (address, name, fold, unit, hamlet, language, fields, basis, import, imported_at) VALUES "
		       "($address, $name, $fold, $unit, $hamlet, $language, $fields, $basis, $import, $now) ON CONFLICT DO NOTHING",
	[PERSON_FIELDS] = "SELECT fields FROM person WHERE id = $id",
	[PERSON_SET] = "UPDATE person SET name = coalesce($name, name), fold = coalesce($fold, fold), unit = coalesce($unit, unit), hamlet = coalesce($hamlet, hamlet), "
		       "language = coalesce($language, language), fields = coalesce($fields, fields), basis = coalesce($basis, basis), "
		       CONTACT_MOVES("coalesce($unit, unit)") " WHERE id = $id",
	[PERSON_JOIN] = "INSERT INTO member (grp, person, import) VALUES ($grp, $person, $import) ON CONFLICT DO NOTHING",
	[PERSON_LEAVE] = "DELETE FROM member WHERE grp = $grp AND person = $person",
	[PERSON_TOUCH] = "UPDATE grp SET version = version + 1 WHERE id IN (SELECT grp FROM member WHERE person = $id)",
};
const struct sql_module person_module = { "person", person_sql, PERSON_SQL_COUNT };

/* What a call says about somebody; NULL = nothing. */
struct said {
	char *name, *fold, *fields;
	const char *unit, *hamlet, *language, *basis;
};

static void said_done(struct said *s)
{
	free(s->name);
	free(s->fold);
	free(s->fields);
}

/* "Số thẻ=DN1" into fields by the folded name, as a column of a list would be. */
static int read_field(const struct call *c, json_t *fields, bool *ret_any, struct refusal *why)
{
	const char *said = json_str(c->args, "field", NULL), *eq = said ? strchr(said, '=') : NULL;
	if (!said)
		return 0;
	if (!eq)
		return refuse(why, E_INVALID, 422, "bad_field", "field", "A field is written name=value.");
	OWN(mem) char *name = strndup(said, (size_t)(eq - said)), *key = name ? fold(name) : NULL, *value = text_nfc(eq + 1);
	if (!key || !value)
		return E_NOMEM;
	for (char *p = key; *p; p++)
		*p = *p == '_' ? ' ' : *p;
	if (!*key)
		return refuse(why, E_INVALID, 422, "bad_field", "field", "A field is written name=value.");
	*ret_any = true;
	return json_set_str(fields, key, value);
}

static int read_fields(const struct scope *in, const struct call *c, int64_t id, char **ret, struct refusal *why)
{
	OWN(json) json_t *fields = NULL;
	bool any = false;
	struct statement *st = store_prepare(in->db, &person_module, PERSON_FIELDS);
	bind_int(st, "$id", id);
	int r = store_row(st);
	const char *was = r > 0 ? column_text(st, 0) : NULL;
	if (was && json_parse(was, strlen(was), &fields))
		r = E_CORRUPT;
	store_reset(st);
	if (!fields)
		fields = json_object();
	if (r >= 0)
		r = fields ? read_field(c, fields, &any, why) : E_NOMEM;
	if (!r && any && !(*ret = json_text(fields)))
		r = E_NOMEM;
	return r;
}

static int check_territory(const struct scope *in, const struct call *c, const char *unit, struct refusal *why)
{
	int held = unit && c->unit ? unit_is_held(in, c->unit, unit) : 1;
	if (held)
		return held < 0 ? held : 0;
	return refuse(why, E_DENIED, 403, "territory", "unit", "This unit is not yours.");
}

static int read_said(const struct scope *in, const struct call *c, int64_t id, struct said *ret, struct refusal *why)
{
	const char *name = json_str(c->args, "name", NULL);
	*ret = (struct said){ .unit = json_str(c->args, "unit", NULL), .hamlet = json_str(c->args, "hamlet", NULL),
			      .language = json_str(c->args, "language", NULL), .basis = json_str(c->args, "basis", NULL) };
	int r = unit_check_said(in, ret->unit, "unit", why);
	r = r ? r : check_territory(in, c, ret->unit, why);
	if (!r && name && (!(ret->name = text_nfc(name)) || !(ret->fold = fold(name))))
		r = E_NOMEM;
	return r ? r : read_fields(in, c, id, &ret->fields, why);
}

static void bind_said(struct statement *st, const struct said *s)
{
	bind_text(st, "$name", s->name);
	bind_text(st, "$fold", s->fold);
	bind_text(st, "$unit", s->unit);
	bind_text(st, "$hamlet", s->hamlet);
	bind_text(st, "$language", s->language);
	bind_text(st, "$fields", s->fields);
	bind_text(st, "$basis", s->basis);
}

static int note(struct tick *t, const struct call *c, int64_t id)
{
	char subject[40];
	snprintf(subject, sizeof(subject), "contact:%lld", (long long)id);
	tick_changed(t, "contact");
	return audit_put(t, c->actor, c->verb->name[0] == 'a' ? "contact.add" : "contact.set", subject, NULL);
}

/* ---- lists ---- */

/* A list of one: what was approved before it became visible does not hold it. */
static int enter(struct tick *t, const struct call *c, const char *basis, int64_t *ret_import)
{
	struct statement *st = store_prepare(t->in.db, &person_module, PERSON_ENTRY);
	bind_text(st, "$basis", basis ? basis : "");
	bind_text(st, "$unit", c->unit && *c->unit ? c->unit : NULL);
	bind_text(st, "$actor", c->actor);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$seq", tick_seq(t));
	int r = store_run(st);
	if (!r)
		*ret_import = store_last_id(t->in.db);
	return r;
}

/* import: of whoever joins; 0 of whoever leaves. */
static int count_members(struct tick *t, size_t sql, int64_t grp, int64_t person, int64_t import, int by)
{
	struct statement *st = store_prepare(t->in.db, &person_module, sql);
	bind_int(st, "$grp", grp);
	bind_int(st, "$person", person);
	if (import)
		bind_int(st, "$import", import);
	int r = store_run(st);
	return r || !store_changes(t->in.db) ? r : group_grown(t, grp, by);
}

/* import 0: it is drawn here. */
static int join(struct tick *t, const struct call *c, int64_t person, int64_t import, struct refusal *why)
{
	struct group g;
	bool is_new;
	const char *name = json_str(c->args, "group", NULL);
	int r = name && !import ? enter(t, c, NULL, &import) : 0;
	r = r || !name ? r : group_put(t, name, c->unit, &g, &is_new);
	if (r == E_INVALID)
		return refuse(why, r, 422, "out_of_range", "group", "A group needs a name.");
	if (r == E_DENIED)
		return group_refuse_stranger(why, "group");
	return r || !name ? r : count_members(t, PERSON_JOIN, g.id, person, import, 1);
}

static int leave(struct tick *t, const struct call *c, int64_t person, struct refusal *why)
{
	struct group g;
	const char *name = json_str(c->args, "leave", NULL);
	int r = name ? group_find_own(&t->in, name, c->unit, &g) : 0;
	if (r == E_NOT_FOUND)
		return refuse(why, r, 404, "not_found", "leave", "There is no such group.");
	if (r == E_DENIED)
		return group_refuse_stranger(why, "leave");
	return r || !name ? r : count_members(t, PERSON_LEAVE, g.id, person, 0, -1);
}

/* ---- verbs ---- */

static int insert(struct tick *t, const struct call *c, const struct said *s, int64_t import, int64_t *ret_id, struct refusal *why)
{
	struct phone phone;
	int64_t address;
	if (phone_parse(&t->in.config->plan, json_str(c->args, "number", ""), &phone, NULL) || !phone_can_receive(&phone))
		return refuse(why, E_INVALID, 422, "invalid_number", "number", "This is not the number of a phone.");
	int r = address_put(t, &phone, &address);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &person_module, PERSON_NEW);
	bind_said(st, s);
	if (!s->name) { /* a list may have no column of names either */
		bind_text(st, "$name", "");
		bind_text(st, "$fold", "");
	}
	if (!s->unit && c->unit && *c->unit)
		bind_text(st, "$unit", c->unit);
	bind_int(st, "$address", address);
	bind_int(st, "$import", import);
	bind_int(st, "$now", t->in.now_ms);
	r = store_run(st);
	if (!r && !store_changes(t->in.db))
		return refuse(why, E_EXISTS, 409, "exists", "number", "This person is there already under this number.");
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

static int add_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct said s = { 0 };
	int64_t id = 0, import = 0;
	int r = read_said(&t->in, c, 0, &s, why);
	if (!r)
		r = enter(t, c, s.basis, &import);
	if (!r)
		r = insert(t, c, &s, import, &id, why);
	if (!r)
		r = join(t, c, id, import, why);
	if (!r)
		r = note(t, c, id);
	said_done(&s);
	return r ? r : contact_json(&t->in, c, id, false, ret);
}

static int update(struct tick *t, int64_t id, const struct said *s, struct refusal *why)
{
	struct statement *st = store_prepare(t->in.db, &person_module, PERSON_SET);
	bind_said(st, s);
	bind_int(st, "$id", id);
	bind_int(st, "$seq", tick_seq(t));
	int r = store_run(st);
	if (r == E_EXISTS)
		return refuse(why, r, 409, "exists", "name", "Somebody of this name is there already under this number.");
	if (r)
		return r;
	st = store_prepare(t->in.db, &person_module, PERSON_TOUCH);
	bind_int(st, "$id", id);
	return store_run(st);
}

static int set_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct said s = { 0 };
	OWN(json) json_t *there = NULL;
	int64_t id = json_int(c->args, "id", 0);
	int r = contact_json(&t->in, c, id, false, &there);
	if (r)
		return r == E_NOT_FOUND ? refuse(why, r, 404, "not_found", "id", "There is no such contact.") : r;
	r = read_said(&t->in, c, id, &s, why);
	if (!r)
		r = update(t, id, &s, why);
	if (!r)
		r = join(t, c, id, 0, why);
	if (!r)
		r = leave(t, c, id, why);
	if (!r)
		r = note(t, c, id);
	said_done(&s);
	return r ? r : contact_json(&t->in, c, id, false, ret);
}

#define ABOUT                                                                                                                              \
	{ .name = "name", .type = ARG_TEXT, .max = 300, .help_en = "name", .help_vi = "họ tên" },                                         \
	{ .name = "unit", .type = ARG_TEXT, .max = 16, .help_en = "commune, by its code", .help_vi = "mã xã" },                            \
	{ .name = "hamlet", .type = ARG_TEXT, .max = 300, .help_en = "hamlet", .help_vi = "thôn, bản, tổ" },                               \
	{ .name = "language", .type = ARG_TEXT, .max = 32, .help_en = "language", .help_vi = "tiếng" },                                    \
	{ .name = "field", .type = ARG_TEXT, .max = 1000, .help_en = "name=value of a field of its own", .help_vi = "trường=giá trị" },     \
	{ .name = "group", .type = ARG_TEXT, .min = 1, .max = GROUP_NAME_BYTES_MAX, .help_en = "list to join, made when new", .help_vi = "thêm vào danh sách" }
static const struct verb_arg add_args[] = {
	{ .name = "number", .type = ARG_PHONE, .required = true, .rank = 1, .help_en = "telephone number", .help_vi = "số điện thoại" },
	{ .name = "basis", .type = ARG_TEXT, .required = true, .min = 1, .max = 1000, .help_en = "legal basis and proof", .help_vi = "căn cứ pháp lý" },
	ABOUT,
};
static const struct verb_arg set_args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_C(1) << 53, .help_en = "contact", .help_vi = "người liên hệ" },
	ABOUT,
	{ .name = "leave", .type = ARG_TEXT, .min = 1, .max = GROUP_NAME_BYTES_MAX, .help_en = "list to leave", .help_vi = "rời danh sách" },
	{ .name = "basis", .type = ARG_TEXT, .min = 1, .max = 1000, .help_en = "legal basis and proof", .help_vi = "căn cứ pháp lý" },
};
static const struct verb verbs[] = {
	{ .noun = "contact", .name = "add", .kind = VERB_COMMAND, .roles = R_(OUTREACH), .creates = true, VERB_ARGS(add_args),
	  .help_en = "add one person", .help_vi = "thêm một người", .command = add_command },
	{ .noun = "contact", .name = "set", .kind = VERB_COMMAND, .roles = R_(OUTREACH), VERB_ARGS(set_args),
	  .help_en = "change what is known of a person, join or leave a list", .help_vi = "sửa thông tin, thêm vào hay rút khỏi danh sách",
	  .command = set_command },
};
const struct verb_table person_verbs = VERB_TABLE(verbs);
