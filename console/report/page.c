/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of reports. Called by report.c. Every word from outside goes through csvline_cell or escaped. */
#include "console/report/page.h"

#include <string.h>

#include "console/report/cell.h"
#include "gateway/base/csvline.h"
#include "gateway/base/json.h"

/* ---- CSV ---- */

static int csv_line(struct buffer *out, const char *text)
{
	int r = csvline_cell(out, text, true, false);
	return r ? r : csvline_end(out);
}

static int csv_row(struct buffer *out, const json_t *columns, const json_t *row)
{
	char room[CELL_BYTES];
	size_t i;
	const json_t *column;
	int r = 0;
	json_array_foreach(columns, i, column) {
		const json_t *cell = json_array_get(row, i);
		if (!r)
			r = csvline_cell(out, cell_text(cell, json_str(column, "type", ""), false, room), i == 0, json_is_number(cell));
	}
	return r ? r : csvline_end(out);
}

static int csv_heads(struct buffer *out, const json_t *columns)
{
	size_t i;
	const json_t *column;
	int r = 0;
	json_array_foreach(columns, i, column)
		if (!r)
			r = csvline_cell(out, json_str(column, "title", ""), i == 0, false);
	return r ? r : csvline_end(out);
}

static int csv_sheet(struct buffer *out, const json_t *sheet)
{
	const json_t *columns = json_object_get(sheet, "columns"), *total = json_object_get(sheet, "total"), *row, *note;
	size_t i;
	int r = csvline_end(out);
	r = r ? r : csv_line(out, json_str(sheet, "title", ""));
	r = r ? r : csv_heads(out, columns);
	json_array_foreach(json_object_get(sheet, "rows"), i, row)
		r = r ? r : csv_row(out, columns, row);
	if (!r && json_is_array(total))
		r = csv_row(out, columns, total);
	json_array_foreach(json_object_get(sheet, "notes"), i, note)
		r = r ? r : csv_line(out, json_string_value(note));
	return r;
}

int page_csv(const json_t *document, struct buffer *out)
{
	size_t i, k;
	const json_t *section, *sheet;
	int r = buffer_puts(out, CSVLINE_BOM);
	r = r ? r : csv_line(out, json_str(document, "title", ""));
	r = r ? r : csv_line(out, json_str(document, "subtitle", ""));
	json_array_foreach(json_object_get(document, "sections"), i, section)
		json_array_foreach(json_object_get(section, "sheets"), k, sheet)
			r = r ? r : csv_sheet(out, sheet);
	return r;
}

/* ---- HTML ---- */

static const char style[] =
	"@page{size:A4 landscape;margin:15mm}body{font:13pt 'Times New Roman',Tinos,serif;margin:1em auto;max-width:70em;padding:0 1em}"
	"header,footer{display:flex;justify-content:space-between;gap:2em;text-align:center}h1{font-size:15pt;text-align:center;text-transform:uppercase}"
	"h2{font-size:13pt}h3{font-size:12pt;break-after:avoid}table{border-collapse:collapse;width:100%;font-size:10pt}"
	"th,td{border:1px solid #444;padding:2pt 4pt;text-align:left;vertical-align:top;overflow-wrap:anywhere}.n{text-align:right;white-space:nowrap}"
	"thead{display:table-header-group}tr{break-inside:avoid}tfoot td{font-weight:bold}.note{font-size:10pt}.write{border-bottom:1px dotted #444;height:1.6em}"
	"div.wide{overflow-x:auto}@media print{div.wide{overflow:visible}}";

static int escaped(struct buffer *out, const char *text)
{
	int r = 0;
	for (const char *at = text; !r && *at;) {
		size_t n = strcspn(at, "&<>\"'");
		r = buffer_put(out, at, n);
		at += n;
		if (!r && *at) {
			r = *at == '&' ? buffer_puts(out, "&amp;") : *at == '<' ? buffer_puts(out, "&lt;") : *at == '>' ? buffer_puts(out, "&gt;")
			  : *at == '"' ? buffer_puts(out, "&quot;") : buffer_puts(out, "&#39;");
			at++;
		}
	}
	return r;
}

/* <tag>text</tag>, tag with its attributes. */
static int element(struct buffer *out, const char *tag, const char *text)
{
	int r = buffer_printf(out, "<%s>", tag);
	r = r ? r : escaped(out, text);
	return r ? r : buffer_printf(out, "</%.*s>", (int)strcspn(tag, " "), tag);
}

static int html_row(struct buffer *out, const json_t *columns, const json_t *row)
{
	char room[CELL_BYTES];
	size_t i;
	const json_t *column;
	int r = buffer_puts(out, "<tr>");
	json_array_foreach(columns, i, column) {
		const char *type = json_str(column, "type", "");
		r = r ? r : element(out, cell_is_number(type) ? "td class=\"n\"" : "td", cell_text(json_array_get(row, i), type, true, room));
	}
	return r ? r : buffer_puts(out, "</tr>\n");
}

static int html_heads(struct buffer *out, const json_t *columns)
{
	size_t i;
	const json_t *column;
	int r = buffer_puts(out, "<thead><tr>");
	json_array_foreach(columns, i, column)
		r = r ? r : element(out, "th scope=\"col\"", json_str(column, "title", ""));
	return r ? r : buffer_puts(out, "</tr></thead>\n<tbody>");
}

static int html_table(struct buffer *out, const json_t *sheet)
{
	const json_t *columns = json_object_get(sheet, "columns"), *total = json_object_get(sheet, "total"), *row;
	size_t i;
	int r = buffer_puts(out, "<div class=\"wide\"><table>");
	r = r ? r : html_heads(out, columns);
	json_array_foreach(json_object_get(sheet, "rows"), i, row)
		r = r ? r : html_row(out, columns, row);
	r = r ? r : buffer_puts(out, "</tbody>");
	if (!r && json_is_array(total)) {
		r = buffer_puts(out, "<tfoot>");
		r = r ? r : html_row(out, columns, total);
		r = r ? r : buffer_puts(out, "</tfoot>");
	}
	return r ? r : buffer_puts(out, "</table></div>\n");
}

static int html_sheet(struct buffer *out, const json_t *sheet)
{
	const json_t *note;
	size_t i;
	int r = element(out, "h3", json_str(sheet, "title", ""));
	if (!r)
		r = json_array_size(json_object_get(sheet, "rows")) ? html_table(out, sheet) : element(out, "p", "Không có.");
	json_array_foreach(json_object_get(sheet, "notes"), i, note)
		r = r ? r : element(out, "p class=\"note\"", json_string_value(note));
	return r;
}

static int html_section(struct buffer *out, const json_t *section)
{
	const json_t *sheets = json_object_get(section, "sheets"), *sheet;
	size_t i;
	int r = element(out, "h2", json_str(section, "heading", ""));
	if (!r && !json_array_size(sheets)) /* what people write themselves */
		r = buffer_puts(out, "<div class=\"write\"></div><div class=\"write\"></div><div class=\"write\"></div>\n");
	json_array_foreach(sheets, i, sheet)
		r = r ? r : html_sheet(out, sheet);
	return r;
}

static int html_lines(struct buffer *out, const json_t *lines)
{
	const json_t *line;
	size_t i;
	int r = buffer_puts(out, "<div>");
	json_array_foreach(lines, i, line)
		r = r ? r : element(out, "div", json_string_value(line));
	return r ? r : buffer_puts(out, "</div>");
}

static int html_frame(struct buffer *out, const char *tag, const json_t *left, const json_t *right)
{
	int r = buffer_printf(out, "<%s>", tag);
	r = r ? r : html_lines(out, left);
	r = r ? r : html_lines(out, right);
	return r ? r : buffer_printf(out, "</%s>\n", tag);
}

int page_html(const json_t *document, struct buffer *out)
{
	const json_t *header = json_object_get(document, "header"), *signature = json_object_get(document, "signature"), *section;
	size_t i;
	int r = buffer_puts(out, "<!DOCTYPE html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" "
				 "content=\"default-src 'none'; style-src 'unsafe-inline'\"><meta name=\"viewport\" content=\"width=device-width\">");
	r = r ? r : element(out, "title", json_str(document, "title", ""));
	r = r ? r : buffer_printf(out, "<style>%s</style></head><body>\n", style);
	r = r ? r : html_frame(out, "header", json_object_get(header, "left"), json_object_get(header, "right"));
	r = r ? r : element(out, "h1", json_str(document, "title", ""));
	r = r ? r : element(out, "p", json_str(document, "subtitle", ""));
	json_array_foreach(json_object_get(document, "sections"), i, section)
		r = r ? r : html_section(out, section);
	r = r ? r : html_frame(out, "footer", json_object_get(signature, "left"), json_object_get(signature, "right"));
	return r ? r : buffer_puts(out, "</body></html>\n");
}
