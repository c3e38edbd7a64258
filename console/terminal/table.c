/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Column widths and cells. Called by printer; keeps nothing. */
#include "console/terminal/table.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "gateway/base/json.h"
#include "gateway/base/text.h"

#define GAP 2
#define NARROWEST 8

/* A terminal obeys control characters, and some others turn the direction of what follows. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}

static size_t cells_of(uint32_t c)
{
	if (is_control(c))
		return 1;
	int n = utf8proc_charwidth((utf8proc_int32_t)c);
	return n > 0 ? (size_t)n : 0;
}

size_t table_cells(const char *text)
{
	size_t n = 0;
	uint32_t c;
	while ((c = text_next(&text)))
		n += cells_of(c);
	return n;
}

static int put_char(struct buffer *out, uint32_t c)
{
	char utf8[4];
	if (c == '\n' || c == '\r' || c == '\t')
		return buffer_put(out, " ", 1);
	if (is_control(c))
		return buffer_puts(out, "\xc2\xb7");
	return buffer_put(out, utf8, text_put(utf8, c));
}

char *table_clean(const char *text, size_t cells)
{
	struct buffer out = { 0 };
	bool cut = cells > 0 && table_cells(text) > cells;
	size_t used = 0;
	uint32_t c;
	int r = buffer_puts(&out, "");
	while (!r && (c = text_next(&text))) {
		used += cells_of(c);
		if (cut && used > cells - 1) {
			r = buffer_puts(&out, "…");
			break;
		}
		r = put_char(&out, c);
	}
	if (r) {
		buffer_done(&out);
		return NULL;
	}
	return out.data;
}

static char *joined(const json_t *list)
{
	struct buffer out = { 0 };
	const json_t *one;
	size_t i;
	int r = buffer_puts(&out, "");
	json_array_foreach(list, i, one) {
		OWN(mem) char *text = table_value(one);
		if (!r)
			r = text ? buffer_printf(&out, "%s%s", i ? ", " : "", text) : E_NOMEM;
	}
	if (r) {
		buffer_done(&out);
		return NULL;
	}
	return out.data;
}

/* "2025-11-20T08:30:00+07:00" is read more easily without its T and, on one machine, without the offset. */
static char *moment(const char *text)
{
	char out[20];
	if (strlen(text) < 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
		return strdup(text);
	memcpy(out, text, 19);
	out[10] = ' ';
	out[19] = '\0';
	return strdup(out);
}

char *table_value(const json_t *value)
{
	char *out = NULL;
	if (!value || json_is_null(value))
		return strdup("");
	if (json_is_string(value))
		return moment(json_string_value(value));
	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "yes" : "no");
	if (json_is_integer(value))
		return asprintf(&out, "%" PRId64, (int64_t)json_integer_value(value)) < 0 ? NULL : out;
	if (json_is_real(value))
		return asprintf(&out, "%g", json_real_value(value)) < 0 ? NULL : out;
	return json_is_array(value) ? joined(value) : json_text(value);
}

/* ---- columns ---- */

static bool has_value(const json_t *rows, const char *key)
{
	const json_t *row;
	size_t i;
	json_array_foreach(rows, i, row) {
		const json_t *value = json_object_get(row, key);
		if (value && !json_is_null(value) && !json_is_object(value))
			return true;
	}
	return false;
}

static void add_column(struct table *t, const char *key, const json_t *rows)
{
	if (t->n < TABLE_COLUMNS_MAX && has_value(rows, key))
		t->keys[t->n++] = key;
}

static void add_all(struct table *t, const json_t *rows)
{
	json_t *first = json_array_get(rows, 0);
	for (void *i = json_object_iter(first); i; i = json_object_iter_next(first, i))
		add_column(t, json_object_iter_key(i), rows);
}

static size_t widest(const struct table *t)
{
	size_t at = 0;
	for (size_t i = 1; i < t->n; i++)
		if (t->cells[i] >= t->cells[at])
			at = i;
	return at;
}

/* Takes from the widest column until the line fits. */
static void fit(struct table *t)
{
	size_t total = t->n ? GAP * (t->n - 1) : 0;
	for (size_t i = 0; i < t->n; i++)
		total += t->cells[i];
	while (t->columns && t->n && total > t->columns) {
		size_t at = widest(t);
		if (t->cells[at] <= NARROWEST)
			return;
		t->cells[at]--;
		total--;
	}
}

void table_measure(struct table *t, const char *const *wanted, const json_t *rows)
{
	t->n = 0;
	const json_t *row;
	size_t i;
	for (; wanted && *wanted; wanted++)
		add_column(t, *wanted, rows);
	if (!t->n)
		add_all(t, rows);
	for (size_t k = 0; k < t->n; k++)
		t->cells[k] = table_cells(t->label(t->arg, t->keys[k]));
	json_array_foreach(rows, i, row)
		for (size_t k = 0; k < t->n; k++) {
			OWN(mem) char *text = table_value(json_object_get(row, t->keys[k]));
			size_t n = text ? table_cells(text) : 0;
			if (n > t->cells[k])
				t->cells[k] = n;
			if (t->cells[k] > TABLE_CELL_MAX && t->columns)
				t->cells[k] = TABLE_CELL_MAX;
		}
	fit(t);
}

static int put_cell(const struct table *t, size_t k, const char *text, struct buffer *out)
{
	OWN(mem) char *clean = table_clean(text, t->columns ? t->cells[k] : 0);
	if (!clean)
		return E_NOMEM;
	int r = buffer_puts(out, clean);
	size_t n = table_cells(clean);
	/* nothing is padded behind the last column */
	for (size_t i = n; !r && k + 1 < t->n && i < t->cells[k] + GAP; i++)
		r = buffer_put(out, " ", 1);
	if (!r && k + 1 < t->n && n >= t->cells[k] + GAP)
		r = buffer_put(out, " ", 1);
	return r;
}

int table_head(const struct table *t, struct buffer *out)
{
	int r = 0;
	for (size_t k = 0; !r && k < t->n; k++)
		r = put_cell(t, k, t->label(t->arg, t->keys[k]), out);
	return r ? r : buffer_put(out, "\n", 1);
}

int table_row(const struct table *t, const json_t *row, struct buffer *out)
{
	int r = 0;
	for (size_t k = 0; !r && k < t->n; k++) {
		OWN(mem) char *text = table_value(json_object_get(row, t->keys[k]));
		r = text ? put_cell(t, k, text, out) : E_NOMEM;
	}
	return r ? r : buffer_put(out, "\n", 1);
}
