/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registry as C: what each verb is, without what it does. Called by main. */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "console/registry_print/printed.h"

/* Octal escapes take three digits at most, so nothing that follows can join them. */
static void put_string(FILE *out, const char *text)
{
	if (!text) {
		fputs("NULL", out);
		return;
	}
	fputc('"', out);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p == '"' || *p == '\\' || *p < 0x20 || *p >= 0x7f || *p == '?')
			fprintf(out, "\\%03o", *p);
		else
			fputc(*p, out);
	fputc('"', out);
}

static const char *kind_constant(enum verb_kind k)
{
	switch (k) {
	case VERB_COMMAND: return "VERB_COMMAND";
	case VERB_QUERY: return "VERB_QUERY";
	case VERB_DISCLOSURE: return "VERB_DISCLOSURE";
	case VERB_LOCAL: return "VERB_LOCAL";
	}
	return "VERB_LOCAL";
}

static const char *type_constant(enum arg_type t)
{
	switch (t) {
	case ARG_TEXT: return "ARG_TEXT";
	case ARG_INT: return "ARG_INT";
	case ARG_FLAG: return "ARG_FLAG";
	case ARG_NUM: return "ARG_NUM";
	case ARG_TIME: return "ARG_TIME";
	case ARG_PHONE: return "ARG_PHONE";
	case ARG_FILE: return "ARG_FILE";
	case ARG_UPLOAD: return "ARG_UPLOAD";
	case ARG_NAME: return "ARG_NAME";
	}
	return "ARG_TEXT";
}

/* Names of tables: by place in the registry, since noun and name may hold dashes or nothing. */
struct place {
	FILE *out;
	size_t verb;
};

static void put_choices(FILE *out, size_t verb, size_t arg, const char *const *choices)
{
	fprintf(out, "static const char *const choices_%zu_%zu[] = { ", verb, arg);
	for (; *choices; choices++) {
		put_string(out, *choices);
		fputs(", ", out);
	}
	fputs("NULL };\n", out);
}

static void put_arg(FILE *out, size_t verb, size_t i, const struct verb_arg *a)
{
	fputs("\t{ .name = ", out);
	put_string(out, a->name);
	fprintf(out, ", .type = %s, .rank = %d, .required = %d, .any_bytes = %d, .min = INT64_C(%" PRId64 "), .max = INT64_C(%" PRId64
		"), .otherwise = ", type_constant(a->type), a->rank, a->required, a->any_bytes, a->min, a->max);
	put_string(out, a->otherwise);
	if (a->choices)
		fprintf(out, ", .choices = choices_%zu_%zu", verb, i);
	fputs(", .help_en = ", out);
	put_string(out, a->help_en);
	fputs(", .help_vi = ", out);
	put_string(out, a->help_vi);
	fputs(" },\n", out);
}

static int put_args(void *arg, const struct verb *v)
{
	struct place *p = arg;
	for (size_t i = 0; i < v->n_args; i++)
		if (v->args[i].choices)
			put_choices(p->out, p->verb, i, v->args[i].choices);
	if (v->n_args) {
		fprintf(p->out, "static const struct verb_arg args_%zu[] = {\n", p->verb);
		for (size_t i = 0; i < v->n_args; i++)
			put_arg(p->out, p->verb, i, &v->args[i]);
		fputs("};\n", p->out);
	}
	p->verb++;
	return 0;
}

static int put_verb(void *arg, const struct verb *v)
{
	struct place *p = arg;
	fputs("\t{ .noun = ", p->out);
	put_string(p->out, v->noun);
	fputs(", .name = ", p->out);
	put_string(p->out, v->name);
	fprintf(p->out, ", .kind = %s, .roles = %uu, .creates = %d, .own_key = %d, .anyone = %d, .whole = %d, .remote = %d, .list = %d", kind_constant(v->kind),
		v->roles, v->creates, v->own_key, v->anyone, v->whole, v->remote, v->list);
	if (v->n_args)
		fprintf(p->out, ", .args = args_%zu, .n_args = %zu", p->verb, v->n_args);
	fputs(", .help_en = ", p->out);
	put_string(p->out, v->help_en);
	fputs(", .help_vi = ", p->out);
	put_string(p->out, v->help_vi);
	fputs(" },\n", p->out);
	p->verb++;
	return 0;
}

void printed_c(const struct registry *r, FILE *out)
{
	struct place p = { .out = out };
	fputs("/* Printed by registry-print from the tables of the core. */\n#include \"gateway/registry.h\"\n\n", out);
	registry_each(r, put_args, &p);
	fputs("static const struct verb rows[] = {\n", out);
	p.verb = 0;
	registry_each(r, put_verb, &p);
	fputs("};\nstatic const struct verb_table table = VERB_TABLE(rows);\nstatic const struct verb_table *const tables[] = { &table };\n"
	      "const struct registry caunoi_registry = { .tables = tables, .n_tables = 1 };\n", out);
}
