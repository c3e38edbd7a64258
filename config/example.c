/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the example configuration from the table of keys, so that it can lack none and say nothing
 * else. Called by a test that holds config/caunoi.conf against it, and by whoever writes that file
 * anew. */
#include "config/example.h"

#include <string.h>

#include "config/key.h"
#include "gateway/base/own.h"

static const struct {
	unsigned kind;
	const char *title, *name;
} samples[] = {
	{ KIND_GAMMU, "a modem with a SIM card", "sim1" },
	{ KIND_HTTP, "a provider's HTTP interface", "esms" },
	{ KIND_EXEC, "a driver of your own", "own" },
	{ KIND_LOOPBACK, "a simulated network: nothing leaves this machine", "may-ao" },
};

static const char *const file_head =
	"# Cầu Nối: configuration (libconfig). A line behind # is a comment; a key left out has "
	"the default shown.\n"
	"# Check it with: caunoi check-config. An unknown key, a wrong type and a value out of "
	"range are refused with their line.\n"
	"# Secrets never stand here: a key ending in secret names a file of secrets/ beside this "
	"one, mode 0600.\n"
	"# Relative paths start from this file's folder. Whole numbers may stand where fractions "
	"are asked.\n";

static const char *last_part(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot ? dot + 1 : path;
}

static int depth_of(const char *path)
{
	int n = 0;
	for (; *path; path++)
		n += *path == '.';
	return n;
}

/* "  # help [unit, 1–1000, default 3]" */
static void print_help(FILE *out, const char *indent, const struct config_key *k)
{
	const char *comma = "";
	fprintf(out, "%s# %s", indent, k->help);
	if (k->unit || k->choices || k->min < k->max || k->fallback || k->required)
		fprintf(out, " [");
	if (k->required) {
		fprintf(out, "required");
		comma = ", ";
	}
	if (k->unit) {
		fprintf(out, "%s%s", comma, k->unit);
		comma = ", ";
	}
	if (k->choices) {
		fprintf(out, "%s%s", comma, k->choices);
		comma = ", ";
	}
	if (k->min < k->max) {
		fprintf(out, "%s%.10g–%.10g", comma, k->min, k->max);
		comma = ", ";
	}
	if (k->fallback)
		fprintf(out, "%sdefault %s", comma, k->fallback);
	if (k->unit || k->choices || k->min < k->max || k->fallback || k->required)
		fprintf(out, "]");
	fprintf(out, "\n");
}

static const char *shown_value(const struct config_key *k)
{
	return k->example ? k->example : k->fallback ? k->fallback : "\"\"";
}

static void print_key(FILE *out, const char *indent, const struct config_key *k, const char *value,
		      bool commented)
{
	print_help(out, indent, k);
	fprintf(out, "%s%s%s = %s;\n", indent, commented ? "# " : "", last_part(k->path), value);
}

/* Members of the group row keys[at]: the rows behind it whose path begins with its own. Result =
 * the row behind them. */
static size_t print_group(FILE *out, const struct config_key *keys, size_t n, size_t at)
{
	size_t i = at + 1, len = strlen(keys[at].path);
	fprintf(out, "\n# %s\n%s = {\n", keys[at].help, keys[at].path);
	for (; i < n && !strncmp(keys[i].path, keys[at].path, len) && keys[i].path[len] == '.'; i++)
		print_key(out, "\t", &keys[i], shown_value(&keys[i]), keys[i].example != NULL);
	fprintf(out, "};\n");
	return i;
}

static const char *channel_value(const struct config_key *k, size_t sample)
{
	const char *name = last_part(k->path);
	if (!strcmp(k->path, "channels.[].name"))
		return samples[sample].name;
	return !strcmp(name, "driver") ? config_kind_name(samples[sample].kind) : NULL;
}

/* "balance = { ussd = …; every_h = …; }" on lines of its own. */
static size_t print_subgroup(FILE *out, const struct config_key *keys, size_t n, size_t at,
			     unsigned kind)
{
	size_t i = at + 1, len = strlen(keys[at].path);
	fprintf(out, "\t\t# %s\n\t\t# %s = {\n", keys[at].help, last_part(keys[at].path));
	for (; i < n && !strncmp(keys[i].path, keys[at].path, len) && keys[i].path[len] == '.'; i++)
		if (keys[i].kinds & kind) {
			print_help(out, "\t\t# \t", &keys[i]);
			fprintf(out, "\t\t# \t%s = %s;\n", last_part(keys[i].path),
				shown_value(&keys[i]));
		}
	fprintf(out, "\t\t# };\n");
	return i;
}

static void print_channel(FILE *out, const struct config_key *keys, size_t n, size_t first,
			  size_t sample)
{
	unsigned kind = samples[sample].kind;
	const char *mark = kind == KIND_LOOPBACK ? "" : "# ";
	fprintf(out, "\n\t# ---- %s\n\t%s{\n", samples[sample].title, mark);
	for (size_t i = first; i < n && !strncmp(keys[i].path, "channels.[].", 12);) {
		const struct config_key *k = &keys[i];
		const char *own = channel_value(k, sample);
		bool group = k->type == KEY_GROUP && !k->example;
		if (!(k->kinds & kind) || (depth_of(k->path) > 2)) {
			i++;
			continue;
		}
		if (group) {
			i = print_subgroup(out, keys, n, i, kind);
			continue;
		}
		print_help(out, "\t\t", k);
		if (own)
			fprintf(out, "\t\t%s%s = \"%s\";\n", mark, last_part(k->path), own);
		else
			fprintf(out, "\t\t# %s = %s;\n", last_part(k->path), shown_value(k));
		i++;
	}
	fprintf(out, "\t%s}%s\n", mark, kind == KIND_LOOPBACK ? "" : ",");
}

static size_t print_channels(FILE *out, const struct config_key *keys, size_t n, size_t at)
{
	fprintf(out, "\n# %s\nchannels = (\n", keys[at].help);
	for (size_t s = 0; s < COUNT_OF(samples); s++)
		print_channel(out, keys, n, at + 1, s);
	fprintf(out, ");\n");
	size_t i = at + 1;
	while (i < n && !strncmp(keys[i].path, "channels.", 9))
		i++;
	return i;
}

/* A list that is empty by default, as a comment. */
static size_t print_list(FILE *out, const struct config_key *keys, size_t n, size_t at)
{
	size_t i = at + 1, n_path = strlen(keys[at].path);
	fprintf(out, "\n# %s\n# %s = (\n# \t{\n", keys[at].help, keys[at].path);
	for (; i < n && !strncmp(keys[i].path, keys[at].path, n_path) && keys[i].path[n_path] == '.'; i++) {
		if (depth_of(keys[i].path) > 2)
			continue;
		print_help(out, "# \t\t", &keys[i]);
		fprintf(out, "# \t\t%s = %s;\n", last_part(keys[i].path), shown_value(&keys[i]));
	}
	fprintf(out, "# \t}\n# );\n");
	return i;
}

void example_print(FILE *out)
{
	size_t n, i = 0;
	const struct config_key *keys = config_key_table(&n);
	fprintf(out, "%s\n", file_head);
	while (i < n) {
		if (keys[i].type == KEY_GROUP)
			i = print_group(out, keys, n, i);
		else if (!strcmp(keys[i].path, "channels"))
			i = print_channels(out, keys, n, i);
		else if (keys[i].type == KEY_GROUPS)
			i = print_list(out, keys, n, i);
		else
			print_key(out, "", &keys[i], shown_value(&keys[i]),
				  keys[i].example != NULL),
				i++;
	}
	fprintf(out, "\n# @include \"local.conf\"  # resolved against the folder of the file that "
		     "names it\n");
}
