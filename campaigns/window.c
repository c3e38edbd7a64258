/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells of a list, checked and packed. Called by import.c; reads uploads and nothing else, writes nothing. */
#include "campaigns/window.h"

#include <stdlib.h>
#include <string.h>

#include "campaigns/heading.h"
#include "config/config.h"
#include "gateway/base/csvline.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/unit.h"

#define NAME_BYTES_MAX 300
#define VALUE_BYTES_MAX 1000
#define SHOWN_BYTES 80
#define SORT_ABOVE 5000 /* short lists keep their order: people like to find it again */

/* The texts of a row as they stand packed, one behind the other, each with its NUL. */
enum text { TEXT_KIND, TEXT_PHONE, TEXT_NETWORK, TEXT_NAME, TEXT_UNIT, TEXT_HAMLET, TEXT_LANGUAGE, TEXT_FIELDS, TEXT_COUNT };

/* One piece of reading. */
struct piece {
	const struct scope *in;
	struct window *window;
	const char *map;
	struct heading heading;
	json_t *fields, *copies; /* of the row in hand: its own fields; texts that had to be made NFC */
	char unit[UNIT_CODE_MAX], meant[UNIT_CODE_MAX]; /* the last code that was found good; what the one in hand probably means */
	struct complaint *complaint;
};

int window_new(int64_t import, const struct reader_place *start, bool check_only, struct window **ret)
{
	struct window *w = calloc(1, sizeof(*w));
	if (!w)
		return E_NOMEM;
	*w = (struct window){ .import = import, .check_only = check_only, .start = *start, .at = *start, .refused = json_array(),
			      .reasons = json_object() };
	if (!w->refused || !w->reasons) {
		window_free(w);
		return E_NOMEM;
	}
	*ret = w;
	return 0;
}

void window_free(void *window)
{
	struct window *w = window;
	if (!w)
		return;
	json_decref(w->refused);
	json_decref(w->reasons);
	buffer_done(&w->texts);
	free(w->entries);
	free(w);
}

/* ---- checking ---- */

/* detail: what exactly, NULL = the reason says it. */
static int refuse_row(struct piece *p, const struct csv_row *row, size_t column, const char *reason, const char *detail)
{
	struct window *w = p->window;
	const char *value = row->fields[column];
	w->n_refused++;
	if (json_set_int(w->reasons, reason, json_int(w->reasons, reason, 0) + 1))
		return E_NOMEM;
	if (json_array_size(w->refused) >= WINDOW_REFUSED_LISTED)
		return 0;
	json_t *one = json_pack("{s:i, s:s, s:o, s:s, s:s?}", "row", row->row, "column", p->heading.names[column], "value",
				json_stringn(value, text_cut(value, SHOWN_BYTES)), "reason", reason, "detail", detail);
	return one && !json_array_append_new(w->refused, one) ? 0 : E_NOMEM;
}

/* Which reason forbids this number, or NULL. */
static int check_phone(struct piece *p, const char *text, struct phone *ret, const char **ret_reason)
{
	*ret_reason = NULL;
	int r = phone_parse(&p->in->config->plan, text, ret, ret_reason);
	if (r == E_INVALID)
		return 0;
	if (!r && !phone_can_receive(ret))
		*ret_reason = phone_kind_name(ret->kind);
	return r;
}

/* What a spreadsheet shows where a formula has failed. */
static bool is_error_value(const char *value)
{
	static const char *const shown[] = { "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!" };
	for (size_t i = 0; *value == '#' && i < COUNT_OF(shown); i++)
		if (!strcmp(value, shown[i]))
			return true;
	return false;
}

static const char *check_cell(enum column column, const char *value)
{
	size_t n = strlen(value);
	if (is_error_value(value))
		return "error_value";
	if (column == COLUMN_NAME && n > NAME_BYTES_MAX)
		return "name_too_long";
	return n > VALUE_BYTES_MAX ? "value_too_long" : NULL;
}

/* *ret_reason NULL: it is good. Lists go by units, so most rows ask for the one before. */
static int check_unit(struct piece *p, const char *code, const char **ret_reason)
{
	struct complaint c = { 0 };
	*ret_reason = NULL;
	if (!strcmp(code, p->unit))
		return 0;
	int r = unit_check(p->in, code, "unit", p->meant, &c);
	if (!r)
		snprintf(p->unit, sizeof(p->unit), "%s", code);
	*ret_reason = r && c.rule[0] ? "unknown_unit" : NULL;
	return *ret_reason ? 0 : r;
}

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

/* Texts are kept as NFC, and without what an export put in front to keep a spreadsheet from running them. */
static int normal(struct piece *p, const char *value, const char **ret)
{
	value = csvline_plain(value);
	if (is_ascii(value)) {
		*ret = value;
		return 0;
	}
	OWN(mem) char *nfc = text_nfc(value);
	json_t *copy = nfc ? json_string(nfc) : NULL;
	if (!copy || json_array_append_new(p->copies, copy))
		return E_NOMEM;
	*ret = json_string_value(copy);
	return 0;
}

static int take_cell(struct piece *p, size_t i, const char *value, const char *texts[TEXT_COUNT])
{
	const char *text = NULL;
	int r = normal(p, value, &text);
	if (r)
		return r;
	switch (p->heading.columns[i]) {
	case COLUMN_NAME: texts[TEXT_NAME] = text; break;
	case COLUMN_UNIT: texts[TEXT_UNIT] = text; break;
	case COLUMN_HAMLET: texts[TEXT_HAMLET] = text; break;
	case COLUMN_LANGUAGE: texts[TEXT_LANGUAGE] = text; break;
	case COLUMN_FIELD:
		if (*p->heading.keys[i])
			return json_set_str(p->fields, p->heading.keys[i], text);
		break;
	case COLUMN_PHONE:
	case COLUMN_COUNT: break;
	}
	return 0;
}

/* Reads the cells. *ret_refused: a cell was refused, once a row. */
static int read_cells(struct piece *p, const struct csv_row *row, const char *texts[TEXT_COUNT], bool *ret_refused)
{
	*ret_refused = true;
	for (size_t i = 0; i < row->n; i++) {
		if (!*row->fields[i] || p->heading.columns[i] == COLUMN_PHONE)
			continue;
		const char *reason = check_cell(p->heading.columns[i], row->fields[i]), *detail = NULL;
		int r = 0;
		if (!reason && p->heading.columns[i] == COLUMN_UNIT) {
			r = check_unit(p, csvline_plain(row->fields[i]), &reason);
			detail = *p->meant ? p->meant : NULL;
		}
		if (!r)
			r = reason ? refuse_row(p, row, i, reason, detail) : take_cell(p, i, row->fields[i], texts);
		if (r || reason)
			return r;
	}
	*ret_refused = false;
	return 0;
}

/* ---- keeping ---- */

static int grow(struct window *w)
{
	if (w->n_entries < w->room)
		return 0;
	size_t room = w->room ? w->room * 2 : 1024;
	struct window_entry *more = realloc(w->entries, room * sizeof(*more));
	if (!more)
		return E_NOMEM;
	w->entries = more;
	w->room = room;
	return 0;
}

static int keep(struct piece *p, const struct csv_row *row, const struct phone *phone, const char *texts[TEXT_COUNT])
{
	struct window *w = p->window;
	OWN(mem) char *fields = json_object_size(p->fields) ? json_text(p->fields) : NULL;
	if (json_object_size(p->fields) && !fields)
		return E_NOMEM;
	texts[TEXT_KIND] = phone_kind_name(phone->kind);
	texts[TEXT_PHONE] = phone->e164;
	texts[TEXT_NETWORK] = phone->network;
	texts[TEXT_FIELDS] = fields;
	int r = grow(w);
	struct window_entry e = { .row = (uint32_t)row->row, .at = (uint32_t)buffer_left(&w->texts) };
	for (int i = 0; !r && i < TEXT_COUNT; i++)
		r = buffer_put(&w->texts, texts[i] ? texts[i] : "", texts[i] ? strlen(texts[i]) + 1 : 1);
	if (r)
		return r;
	seal_hash(p->in->seal, phone->e164, e.hash);
	w->entries[w->n_entries++] = e;
	return 0;
}

static int read_row(struct piece *p, const struct csv_row *row)
{
	const char *texts[TEXT_COUNT] = { NULL }, *reason;
	size_t column = (size_t)p->heading.phone;
	struct phone phone;
	bool refused;
	int r = check_phone(p, row->fields[column], &phone, &reason);
	if (r || reason)
		return r ? r : refuse_row(p, row, column, "invalid_number", reason);
	r = read_cells(p, row, texts, &refused);
	/* once a row is refused nothing is imported */
	if (r || refused || p->window->check_only || p->window->n_refused)
		return r;
	return keep(p, row, &phone, texts);
}

static int on_row(void *self, const struct csv_row *row)
{
	struct piece *p = self;
	if (row->row == 1)
		return heading_read(row, p->map, &p->heading, p->complaint);
	p->window->n_rows++;
	json_object_clear(p->fields);
	json_array_clear(p->copies);
	return read_row(p, row);
}

static int by_hash(const void *a, const void *b)
{
	const struct window_entry *x = a, *y = b;
	int d = memcmp(x->hash, y->hash, sizeof(x->hash));
	return d ? d : (x->row > y->row) - (x->row < y->row);
}

int window_fill(const struct scope *in, struct window *w, int64_t upload, const char *map, int n, struct complaint *c)
{
	OWN(json) json_t *fields = json_object(), *copies = json_array();
	OWN(mem) struct piece *p = calloc(1, sizeof(*p));
	if (!fields || !copies || !p)
		return E_NOMEM;
	*p = (struct piece){ .in = in, .window = w, .map = map, .fields = fields, .copies = copies, .complaint = c };
	int64_t left = WINDOW_ROWS_MAX - w->n_rows;
	int r = reader_run(in, upload, n < left ? n : (int)left, on_row, p, &w->at, c);
	heading_done(&p->heading);
	if (r)
		return r;
	w->full = w->at.ended || w->n_rows >= WINDOW_ROWS_MAX || buffer_left(&w->texts) >= WINDOW_BYTES_MAX;
	if (w->full && w->n_entries > SORT_ABOVE)
		qsort(w->entries, w->n_entries, sizeof(*w->entries), by_hash);
	return 0;
}

int window_row(const struct window *w, size_t i, struct staged *ret)
{
	const char *texts[TEXT_COUNT], *p = buffer_text(&w->texts) + w->entries[i].at;
	for (int k = 0; k < TEXT_COUNT; k++, p += strlen(p) + 1)
		texts[k] = *p ? p : NULL;
	struct staged s = { .hash = w->entries[i].hash, .name = texts[TEXT_NAME], .unit = texts[TEXT_UNIT], .hamlet = texts[TEXT_HAMLET],
			    .language = texts[TEXT_LANGUAGE], .fields = texts[TEXT_FIELDS] };
	snprintf(s.phone.e164, sizeof(s.phone.e164), "%s", texts[TEXT_PHONE]);
	snprintf(s.phone.network, sizeof(s.phone.network), "%s", texts[TEXT_NETWORK] ? texts[TEXT_NETWORK] : "");
	int r = phone_kind_parse(texts[TEXT_KIND], &s.phone.kind);
	if (!r)
		*ret = s;
	return r;
}
