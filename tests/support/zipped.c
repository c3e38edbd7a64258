// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "tests/support/zipped.h"

char *zipped_make(const struct zipped *members, size_t *ret_bytes)
{
	zip_error_t why;
	zip_source_t *to = zip_source_buffer_create(NULL, 0, 0, &why);
	zip_t *zip = zip_open_from_source(to, ZIP_TRUNCATE, &why);
	assert_non_null(zip);
	zip_source_keep(to);
	for (const struct zipped *m = members; m->name; m++) {
		zip_source_t *from = zip_source_buffer(zip, m->text, m->n_bytes ? m->n_bytes : strlen(m->text), 0);
		assert_true(zip_file_add(zip, m->name, from, ZIP_FL_ENC_UTF_8) >= 0);
	}
	assert_int_equal(zip_close(zip), 0);
	zip_stat_t st;
	assert_int_equal(zip_source_stat(to, &st), 0);
	char *bytes = malloc(st.size);
	assert_non_null(bytes);
	assert_int_equal(zip_source_open(to), 0);
	assert_int_equal(zip_source_read(to, bytes, st.size), st.size);
	assert_int_equal(zip_source_close(to), 0);
	zip_source_free(to);
	*ret_bytes = st.size;
	return bytes;
}

char *zipped_workbook(const char *rows, const char *strings, const char *styles, size_t *ret_bytes)
{
	OWN(buffer) struct buffer sheet = { 0 }, shared = { 0 }, style = { 0 };
	assert_int_equal(buffer_printf(&sheet, "<?xml version=\"1.0\"?><worksheet><sheetData>%s</sheetData></worksheet>", rows), 0);
	assert_int_equal(buffer_printf(&shared, "<sst>%s</sst>", strings ? strings : ""), 0);
	assert_int_equal(buffer_printf(&style, "<styleSheet>%s</styleSheet>", styles ? styles : ""), 0);
	const struct zipped members[] = {
		{ "[Content_Types].xml", "<Types/>", 0 },
		{ "xl/workbook.xml", "<workbook><sheets><sheet name=\"an\" state=\"hidden\" r:id=\"rId9\" xmlns:r=\"urn:r\"/>"
				     "<sheet name=\"Danh sách\" r:id=\"rId3\" xmlns:r=\"urn:r\"/></sheets></workbook>", 0 },
		{ "xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id=\"rId9\" Target=\"worksheets/hidden.xml\"/>"
						"<Relationship Id=\"rId3\" Target=\"worksheets/sheet7.xml\"/></Relationships>", 0 },
		{ "xl/worksheets/sheet7.xml", buffer_text(&sheet), 0 },
		{ "xl/styles.xml", buffer_text(&style), 0 },
		{ "xl/sharedStrings.xml", buffer_text(&shared), 0 },
		{ NULL, NULL, 0 },
	};
	return zipped_make(members, ret_bytes);
}
