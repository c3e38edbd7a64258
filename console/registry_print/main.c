/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry-print: what the tables of the program say, as C for programs that link no store, or as a page of docs/. Run by
 * the Makefile, never installed. */
#include <stdio.h>
#include <string.h>

#include "console/registry_print/printed.h"
#include "console/terminal/builtin.h"
#include "gateway/base/own.h"

#define TABLES_MAX 64

static int print(const char *what, const struct registry *r, FILE *out)
{
	if (strcmp(what, "--c") == 0)
		printed_c(r, out);
	else if (strcmp(what, "--verbs") == 0)
		printed_verbs(r, out);
	else if (strcmp(what, "--roles") == 0)
		printed_roles(r, out);
	else if (strcmp(what, "--states") == 0)
		printed_states(out);
	else if (strcmp(what, "--settings") == 0)
		printed_settings(out);
	else
		return 2;
	return fflush(out) || ferror(out) ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct verb_table *tables[TABLES_MAX] = { &builtin_verbs };
	struct registry r = { .tables = tables, .n_tables = 1 };
	for (size_t i = 0; i < caunoi_registry.n_tables && r.n_tables < TABLES_MAX; i++)
		tables[r.n_tables++] = caunoi_registry.tables[i];
	int code = argc == 2 ? print(argv[1], &r, stdout) : 2;
	if (code == 2)
		fputs("registry-print --c|--verbs|--roles|--states|--settings\n", stderr);
	return code;
}
