/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses how a result is printed. Called by errand and main; the layout of tables is table.c's. */
#include "console/terminal/printer.h"

#include <string.h>

#include "console/terminal/label.h"
#include "gateway/base/json.h"

#define INDENT "  "
#define LINE_CELLS 72
#define BLOCK_ROWS 50 /* of a list inside one thing */

/* What a list shows of each noun; a noun that is not here shows all it has. */
static const struct {
	const char *noun;
	const char *keys[12]; /* NULL-terminated */
} columns[] = {
	{ "message", { "id", "state", "to", "person", "class", "segments", "channel", "campaign", "reason", "queued_at" } },
	{ "campaign", { "id", "name", "state", "class", "audience", "total", "replies", "opt_outs", "eta_at" } },
	{ "case", { "code", "state", "topic", "kind", "urgency", "unit", "due_at", "overdue", "text" } },
	{ "inbox", { "id", "received_at", "from_person", "kind", "topic", "handled_by", "text" } },
	{ "contact", { "id", "name", "person", "unit", "groups", "basis", "opted_out" } },
	{ "channel", { "name", "driver", "state", "in_flight", "sent_today", "unclear", "signal_percent", "network", "last_error" } },
	{ "job", { "id", "verb", "state", "done", "total" } },
};

static const char *const *columns_of(const struct verb *v)
{
	for (size_t i = 0; i < COUNT_OF(columns); i++)
		if (strcmp(columns[i].noun, v->noun) == 0 && v->list)
			return columns[i].keys;
	return NULL;
}

static int written(const struct desk *d)
{
	return ferror(d->out) ? 1 : 0;
}

static int put_json(const struct desk *d, const json_t *value)
{
	json_dumpf(value, d->out, JSON_ENCODE_ANY | JSON_COMPACT);
	return written(d);
}

static int put_buffer(const struct desk *d, struct buffer *b, int err)
{
	if (err)
		return desk_failed(d, err, NULL);
	fwrite(buffer_text(b), 1, buffer_left(b), d->out);
	return written(d);
}

/* ---- lists ---- */

struct printer printer_begin(const struct desk *d, const struct verb *v)
{
	return (struct printer){ .desk = d, .verb = v, .table = { .label = label_of, .arg = d, .columns = (size_t)d->columns } };
}

static int json_rows(struct printer *p, const json_t *rows)
{
	const json_t *row;
	size_t i;
	json_array_foreach(rows, i, row) {
		if (!p->desk->jsonl)
			fputs(p->n_rows ? ",\n" : "[", p->desk->out);
		put_json(p->desk, row);
		if (p->desk->jsonl)
			fputc('\n', p->desk->out);
		p->n_rows++;
	}
	return written(p->desk);
}

int printer_rows(struct printer *p, const json_t *rows)
{
	OWN(buffer) struct buffer out = { 0 };
	const json_t *row;
	size_t i;
	int r = 0;
	if (p->desk->json || p->desk->jsonl)
		return json_rows(p, rows);
	if (!p->n_rows && json_array_size(rows)) {
		table_measure(&p->table, columns_of(p->verb), rows);
		r = table_head(&p->table, &out);
	}
	json_array_foreach(rows, i, row) {
		if (!r)
			r = table_row(&p->table, row, &out);
		p->n_rows++;
	}
	return put_buffer(p->desk, &out, r);
}

int printer_end(struct printer *p)
{
	const struct desk *d = p->desk;
	if (d->json && !d->jsonl)
		fputs(p->n_rows ? "]\n" : "[]\n", d->out);
	else if (!p->n_rows && !d->jsonl)
		fputs(desk_say(d, "Nothing.\n", "Không có gì.\n"), d->err);
	fflush(d->out);
	return written(d);
}

/* ---- one thing ---- */

static int put_pairs(const json_t *object, struct buffer *out)
{
	json_t *o = (json_t *)(uintptr_t)object; /* jansson walks through non-const objects only */
	const char *between = "";
	int r = 0;
	for (void *i = json_object_iter(o); !r && i; i = json_object_iter_next(o, i)) {
		OWN(mem) char *text = table_value(json_object_iter_value(i));
		OWN(mem) char *clean = text ? table_clean(text, 0) : NULL;
		r = clean ? buffer_printf(out, "%s%s: %s", between, json_object_iter_key(i), clean) : E_NOMEM;
		between = " · ";
	}
	return r ? r : buffer_put(out, "\n", 1);
}

static int put_table(const struct desk *d, const json_t *rows, struct buffer *out)
{
	struct table t = { .label = label_of, .arg = d };
	int r;
	table_measure(&t, NULL, rows);
	r = buffer_puts(out, INDENT);
	if (!r)
		r = table_head(&t, out);
	for (size_t i = 0; !r && i < json_array_size(rows) && i < BLOCK_ROWS; i++) {
		r = buffer_puts(out, INDENT);
		if (!r)
			r = table_row(&t, json_array_get(rows, i), out);
	}
	if (!r && json_array_size(rows) > BLOCK_ROWS)
		r = buffer_printf(out, INDENT "… %zu\n", json_array_size(rows) - BLOCK_ROWS);
	return r;
}

/* Short texts stand on one line, longer ones each on its own. */
static int put_texts(const json_t *texts, struct buffer *out)
{
	const json_t *one;
	size_t i, cells = 0;
	int r = 0;
	json_array_foreach(texts, i, one)
		cells += json_is_string(one) ? table_cells(json_string_value(one)) + 2 : 8;
	bool lines = cells > LINE_CELLS;
	json_array_foreach(texts, i, one) {
		OWN(mem) char *text = table_value(one);
		OWN(mem) char *clean = text ? table_clean(text, 0) : NULL;
		if (!r)
			r = clean ? buffer_printf(out, "%s%s", lines ? "\n" INDENT : i ? ", " : "", clean) : E_NOMEM;
	}
	return r ? r : buffer_put(out, "\n", 1);
}

static int put_field(const struct desk *d, const char *key, const json_t *value, struct buffer *out)
{
	int r = buffer_printf(out, "%s: ", label_of(d, key));
	if (r)
		return r;
	if (json_is_object(value))
		return put_pairs(value, out);
	if (json_is_array(value) && json_is_object(json_array_get(value, 0))) {
		r = buffer_put(out, "\n", 1);
		return r ? r : put_table(d, value, out);
	}
	if (json_is_array(value))
		return put_texts(value, out);
	OWN(mem) char *text = table_value(value);
	OWN(mem) char *clean = text ? table_clean(text, 0) : NULL;
	return clean ? buffer_printf(out, "%s\n", clean) : E_NOMEM;
}

static bool is_empty(const json_t *value)
{
	return json_is_null(value) || (json_is_array(value) && !json_array_size(value)) || (json_is_object(value) && !json_object_size(value));
}

static int put_block(const struct desk *d, const json_t *object, struct buffer *out)
{
	json_t *o = (json_t *)(uintptr_t)object;
	int r = 0;
	for (void *i = json_object_iter(o); !r && i; i = json_object_iter_next(o, i))
		if (!is_empty(json_object_iter_value(i)))
			r = put_field(d, json_object_iter_key(i), json_object_iter_value(i), out);
	return r;
}

/* A page of an export is a file as it stands; how to go on is said beside it. */
static void put_csv(const struct desk *d, const json_t *value)
{
	int64_t next = json_int(value, "next", 0);
	fputs(json_str(value, "csv", ""), d->out);
	if (next)
		fprintf(d->err, d->vi ? "Còn nữa: --after %lld\n" : "There is more: --after %lld\n", (long long)next);
}

int printer_print(const struct desk *d, const struct verb *v, const json_t *value)
{
	OWN(buffer) struct buffer out = { 0 };
	if (json_is_array(value)) {
		struct printer p = printer_begin(d, v);
		int code = printer_rows(&p, value);
		return code ? code : printer_end(&p);
	}
	if (d->json || d->jsonl) {
		put_json(d, value);
		fputc('\n', d->out);
	} else if (json_str(value, "csv", NULL)) {
		put_csv(d, value);
	} else if (json_is_object(value)) {
		int code = put_buffer(d, &out, put_block(d, value, &out));
		if (code)
			return code;
	} else if (value && !json_is_null(value)) {
		OWN(mem) char *text = table_value(value);
		fprintf(d->out, "%s\n", text ? text : "");
	}
	fflush(d->out);
	return written(d);
}
