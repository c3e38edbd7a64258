/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of docs/ printed from the tables: verbs, roles, states, settings. Called by main; `make check` compares. */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "campaigns/campaign.h"
#include "config/config.h"
#include "console/registry_print/printed.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/message.h"
#include "handlers/casefile.h"
#include "handlers/enrolment.h"

/* ---- verbs ---- */

struct verbs_page {
	const struct registry *registry;
	FILE *out;
	const char *noun;
};

static bool first_of_noun(const struct registry *r, const struct verb *v);

static void put_cell(FILE *out, const char *text)
{
	for (; text && *text; text++) {
		if (*text == '|')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void put_limits(FILE *out, const struct verb_arg *a)
{
	const char *before = "";
	if (a->required)
		fputs("required", out), before = "; ";
	if (a->choices) {
		fprintf(out, "%sone of", before);
		for (const char *const *c = a->choices; *c; c++)
			fprintf(out, " `%s`", *c);
		before = "; ";
	} else if (a->max > a->min && (a->type == ARG_INT || a->type == ARG_NUM)) {
		fprintf(out, "%s%" PRId64 " to %" PRId64, before, a->min, a->max);
		before = "; ";
	}
	if (a->otherwise && *a->otherwise)
		fprintf(out, "%sdefault `%s`", before, a->otherwise);
}

static void put_arg_row(FILE *out, const struct verb_arg *a)
{
	if (a->rank)
		fprintf(out, "| `%s` | %s | ", a->name, arg_type_name(a->type));
	else
		fprintf(out, "| `--%s` | %s | ", a->name, arg_type_name(a->type));
	put_limits(out, a);
	fputs(" | ", out);
	put_cell(out, a->help_en);
	fputs(" |\n", out);
}

static void put_usage(FILE *out, const struct verb *v)
{
	fprintf(out, "\n### %s%s%s", v->noun, *v->noun ? " " : "", v->name);
	for (int rank = 1; rank <= (int)v->n_args; rank++)
		for (size_t i = 0; i < v->n_args; i++)
			if (v->args[i].rank == rank)
				fprintf(out, v->args[i].required ? " %s" : " [%s]", v->args[i].name);
	fputs("\n\n", out);
}

static void put_roles(FILE *out, const struct verb *v)
{
	fprintf(out, "\n%s", verb_kind_name(v->kind));
	if (v->kind != VERB_LOCAL) {
		const char *between = ": ";
		for (unsigned r = 0; r < ROLE_COUNT; r++)
			if (verb_allowed(v, (enum role)r)) {
				fprintf(out, "%s%s", between, role_name((enum role)r));
				between = ", ";
			}
	}
	fputs(v->list ? "; a list: `--limit`, `--after`\n" : "\n", out);
}

static int put_verb(void *arg, const struct verb *v)
{
	struct verbs_page *p = arg;
	if (strcmp(v->noun, p->noun) != 0)
		return 0;
	put_usage(p->out, v);
	fprintf(p->out, "%s\n", v->help_en ? v->help_en : "");
	if (v->n_args)
		fputs("\n| argument | type | limits | meaning |\n| --- | --- | --- | --- |\n", p->out);
	for (size_t i = 0; i < v->n_args; i++)
		put_arg_row(p->out, &v->args[i]);
	put_roles(p->out, v);
	return 0;
}

static int put_noun(void *arg, const struct verb *v)
{
	struct verbs_page *p = arg;
	if (!first_of_noun(p->registry, v))
		return 0;
	p->noun = v->noun;
	fprintf(p->out, "\n## %s\n", *v->noun ? v->noun : "(without a noun)");
	return registry_each(p->registry, put_verb, p);
}

struct search {
	const struct verb *v;
};

static int same_noun(void *arg, const struct verb *v)
{
	struct search *s = arg;
	if (strcmp(v->noun, s->v->noun) != 0)
		return 0;
	return v == s->v ? 1 : -1;
}

static bool first_of_noun(const struct registry *r, const struct verb *v)
{
	struct search s = { v };
	return registry_each(r, same_noun, &s) == 1;
}

void printed_verbs(const struct registry *r, FILE *out)
{
	struct verbs_page p = { .registry = r, .out = out };
	fputs("# Verbs\n\nPrinted from the registry (`make docs`). On the command line `caunoi NOUN VERB …`, over HTTP\n"
	      "`POST /api/v1/NOUN/VERB` (commands) and `GET /api/v1/NOUN` (queries). The operator may use every verb.\n", out);
	registry_each(r, put_noun, &p);
}

/* ---- roles ---- */

static int put_matrix_row(void *arg, const struct verb *v)
{
	FILE *out = arg;
	if (v->kind == VERB_LOCAL && !v->remote)
		return 0;
	fprintf(out, "| `%s%s%s` |", v->noun, *v->noun ? " " : "", v->name);
	for (unsigned r = 0; r < ROLE_COUNT; r++)
		fputs(verb_allowed(v, (enum role)r) ? " yes |" : " – |", out);
	fputs(v->whole ? " yes |\n" : " – |\n", out);
	return 0;
}

void printed_roles(const struct registry *r, FILE *out)
{
	fputs("# Roles\n\nPrinted from the registry (`make docs`): who may use which verb. What runs on the machine alone is not listed. \"Whole\":\n"
	      "a territory that does not hold the organisation's own unit is not enough. Every other verb sees and changes what lies in\n"
	      "the caller's territory, and says \"not found\" about the rest.\n\n| verb |", out);
	for (unsigned role = 0; role < ROLE_COUNT; role++)
		fprintf(out, " %s |", role_name((enum role)role));
	fputs(" whole |\n| --- |", out);
	for (unsigned role = 0; role <= ROLE_COUNT; role++)
		fputs(" --- |", out);
	fputc('\n', out);
	registry_each(r, put_matrix_row, out);
}

/* ---- states ---- */

static const char *message_name(unsigned s)
{
	return message_state_name((enum message_state)s);
}

static bool message_moves(unsigned from, unsigned to)
{
	return message_may_move((enum message_state)from, (enum message_state)to);
}

static const char *campaign_name(unsigned s)
{
	return campaign_state_name((enum campaign_state)s);
}

static bool campaign_moves(unsigned from, unsigned to)
{
	return campaign_may_move((enum campaign_state)from, (enum campaign_state)to);
}

static const char *case_name(unsigned s)
{
	return case_state_name((enum case_state)s);
}

static bool case_moves(unsigned from, unsigned to)
{
	return case_may_move((enum case_state)from, (enum case_state)to);
}

static const char *signup_name(unsigned s)
{
	return enrolment_state_name((enum enrolment_state)s);
}

static bool signup_moves(unsigned from, unsigned to)
{
	return enrolment_may_move((enum enrolment_state)from, (enum enrolment_state)to);
}

static const struct machine {
	const char *noun;
	unsigned n;
	const char *(*name)(unsigned s);
	bool (*moves)(unsigned from, unsigned to);
} machines[] = {
	{ .noun = "message", .n = MESSAGE_STATES, .name = message_name, .moves = message_moves },
	{ .noun = "campaign", .n = CAMPAIGN_STATES, .name = campaign_name, .moves = campaign_moves },
	{ .noun = "case", .n = CASE_STATES, .name = case_name, .moves = case_moves },
	{ .noun = "signup", .n = ENROLMENT_STATES, .name = signup_name, .moves = signup_moves },
};

void printed_states(FILE *out)
{
	fputs("# States\n\nPrinted from the tables of moves (`make docs`). What is not listed here is refused by the program and by the database.\n", out);
	for (size_t i = 0; i < COUNT_OF(machines); i++) {
		const struct machine *m = &machines[i];
		fprintf(out, "\n## %s\n\n| state | may become |\n| --- | --- |\n", m->noun);
		for (unsigned from = 0; from < m->n; from++) {
			const char *between = "";
			fprintf(out, "| `%s` | ", m->name(from));
			for (unsigned to = 0; to < m->n; to++)
				if (m->moves(from, to)) {
					fprintf(out, "%s`%s`", between, m->name(to));
					between = " ";
				}
			fputs(*between ? " |\n" : "(final) |\n", out);
		}
	}
}

/* ---- settings ---- */

static void put_value(FILE *out, const json_t *value)
{
	if (json_is_string(value)) {
		put_cell(out, json_string_value(value));
		return;
	}
	OWN(mem) char *text = value && !json_is_null(value) ? json_text(value) : NULL;
	put_cell(out, text ? text : "");
}

void printed_settings(FILE *out)
{
	static const char *const columns[] = { "path", "type", "unit", "min", "max", "default", "help" };
	OWN(json) json_t *keys = config_keys();
	const json_t *key;
	size_t i;
	fputs("# Settings\n\nPrinted from the table of keys (`make docs`). An unknown key is an error; `caunoi check-config` reads a file\n"
	      "and says the first mistake with its line.\n\n", out);
	for (i = 0; i < COUNT_OF(columns); i++)
		fprintf(out, "| %s ", columns[i]);
	fputs("|\n| --- | --- | --- | --- | --- | --- | --- |\n", out);
	json_array_foreach(keys, i, key) {
		for (size_t c = 0; c < COUNT_OF(columns); c++) {
			fputs("| ", out);
			put_value(out, json_object_get(key, columns[c]));
			fputs(" ", out);
		}
		fputs("|\n", out);
	}
}
