/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help in the language of the environment. Called by main; everything it says stands in the registry. */
#include "console/terminal/manual.h"

#include <inttypes.h>
#include <string.h>

#include "console/terminal/printer.h"
#include "console/terminal/suggest.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

struct walk {
	const struct desk *desk;
	const struct registry *registry;
	FILE *out;
	const char *noun;
	const struct verb *first;
};

static const char *help_of(const struct desk *d, const struct verb *v)
{
	const char *text = desk_say(d, v->help_en, v->help_vi);
	return text ? text : "";
}

/* ---- one verb ---- */

static void put_usage(const struct verb *v, FILE *out)
{
	fprintf(out, "caunoi %s%s%s", v->noun, *v->noun ? " " : "", v->name);
	for (int rank = 1; rank <= (int)v->n_args; rank++)
		for (size_t i = 0; i < v->n_args; i++)
			if (v->args[i].rank == rank)
				fprintf(out, v->args[i].required ? " %s" : " [%s]", v->args[i].name);
	for (size_t i = 0; i < v->n_args; i++)
		if (!v->args[i].rank && v->args[i].required && strcmp(v->args[i].name, "password") != 0)
			fprintf(out, " --%s …", v->args[i].name);
	fputc('\n', out);
}

static void put_limits(const struct desk *d, const struct verb_arg *a, FILE *out)
{
	if (a->required)
		fprintf(out, " (%s)", desk_say(d, "required", "bắt buộc"));
	if (a->choices) {
		fprintf(out, " [");
		for (const char *const *c = a->choices; *c; c++)
			fprintf(out, "%s%s", c == a->choices ? "" : "|", *c);
		fputc(']', out);
	} else if (a->max > a->min && (a->type == ARG_INT || a->type == ARG_NUM)) {
		fprintf(out, " [%" PRId64 "–%" PRId64 "]", a->min, a->max);
	}
	if (a->otherwise && *a->otherwise)
		fprintf(out, " (%s %s)", desk_say(d, "default", "mặc định"), a->otherwise);
}

static void put_arg(const struct desk *d, const struct verb_arg *a, FILE *out)
{
	const char *help = desk_say(d, a->help_en, a->help_vi);
	fprintf(out, "  %s%-*s %-6s %s", a->rank ? "" : "--", a->rank ? 20 : 18, a->name, a->type == ARG_FLAG ? "" : arg_type_name(a->type),
		help ? help : "");
	put_limits(d, a, out);
	fputc('\n', out);
}

void manual_verb(const struct desk *d, const struct verb *v, FILE *out)
{
	put_usage(v, out);
	fprintf(out, "  %s\n", help_of(d, v));
	if (v->n_args || v->list)
		fputc('\n', out);
	for (size_t i = 0; i < v->n_args; i++)
		put_arg(d, &v->args[i], out);
	for (size_t i = 0; v->list && i < VERB_LIST_ARGS; i++)
		put_arg(d, &verb_list_args[i], out);
	if (v->kind == VERB_LOCAL)
		return;
	fprintf(out, "\n%s:", desk_say(d, "May be used by", "Ai được dùng"));
	for (unsigned r = 0; r < ROLE_COUNT; r++)
		if (verb_allowed(v, (enum role)r))
			fprintf(out, " %s", role_name((enum role)r));
	fputc('\n', out);
}

/* ---- a noun, all ---- */

static int put_verb_line(void *arg, const struct verb *v)
{
	const struct walk *w = arg;
	if (strcmp(v->noun, w->noun) != 0)
		return 0;
	fprintf(w->out, "  %s%s%-*s %s\n", v->noun, *v->noun ? " " : "", (int)(24 - strlen(v->noun) - (*v->noun != 0)), v->name, help_of(w->desk, v));
	return 0;
}

void manual_noun(const struct desk *d, const struct registry *r, const char *noun, FILE *out)
{
	struct walk w = { .desk = d, .registry = r, .out = out, .noun = noun };
	registry_each(r, put_verb_line, &w);
}

static int find_first(void *arg, const struct verb *v)
{
	struct walk *w = arg;
	if (strcmp(v->noun, w->noun) != 0)
		return 0;
	w->first = v;
	return 1;
}

static int put_noun(void *arg, const struct verb *v)
{
	const struct walk *w = arg;
	struct walk search = { .noun = v->noun };
	registry_each(w->registry, find_first, &search);
	if (search.first == v)
		manual_noun(w->desk, w->registry, v->noun, w->out);
	return 0;
}

void manual_all(const struct desk *d, const struct registry *r, FILE *out)
{
	struct walk w = { .desk = d, .registry = r, .out = out };
	fputs(desk_say(d,
		       "caunoi NOUN VERB [ID…] [--name value] [--json|--jsonl] [--config FILE] [--key K] [--no-wait] [--]\n\n"
		       "Options stand anywhere; \"--\" ends them. \"caunoi help NOUN VERB\" explains one command.\n\n",
		       "caunoi NHÓM LỆNH [ID…] [--tên giá_trị] [--json|--jsonl] [--config TỆP] [--key K] [--no-wait] [--]\n\n"
		       "Tùy chọn đặt ở đâu cũng được; \"--\" kết thúc tùy chọn. \"caunoi help NHÓM LỆNH\" giải thích một lệnh.\n\n"), out);
	registry_each(r, put_noun, &w);
	fputs(desk_say(d,
		       "\n--json     one JSON value           --jsonl    a list as JSON lines\n"
		       "--config   configuration file       --key      the same call again under one key happens once\n"
		       "--no-wait  long work: do not wait, print {\"job\":ID}\n",
		       "\n--json     một giá trị JSON         --jsonl    danh sách, mỗi dòng một JSON\n"
		       "--config   tệp cấu hình             --key      lặp lại cùng khóa thì chỉ thực hiện một lần\n"
		       "--no-wait  việc dài: không chờ, in {\"job\":ID}\n"), out);
}

static int offer(void *arg, const struct verb *v)
{
	suggest_offer(arg, *v->noun ? v->noun : v->name);
	return 0;
}

static int nothing_about(const struct desk *d, const struct registry *r, const char *about, const char *verb)
{
	struct suggest near = suggest_for(about);
	registry_each(r, offer, &near);
	fprintf(d->err, "caunoi: %s \"%.40s%s%.40s\".", desk_say(d, "There is no", "Không có"), about, verb ? " " : "", verb ? verb : "");
	if (near.best && strcmp(near.best, about) != 0)
		fprintf(d->err, " %s \"%s\"?", desk_say(d, "Did you mean", "Có phải"), near.best);
	fputc('\n', d->err);
	return 2;
}

static bool is_about(const json_t *one, const char *about, const char *verb)
{
	const char *noun = json_str(one, "noun", ""), *name = json_str(one, "verb", "");
	if (!about)
		return true;
	if (verb)
		return !strcmp(noun, about) && !strcmp(name, verb);
	return !strcmp(noun, about) || (!*noun && !strcmp(name, about));
}

/* The registry's own words on everything, a noun or a verb. */
static int print_json(const struct desk *d, const struct registry *r, const char *about, const char *verb)
{
	OWN(json) json_t *all = registry_json(r), *chosen = json_array();
	json_t *one;
	size_t i;
	json_array_foreach (all, i, one)
		if (is_about(one, about, verb))
			json_array_append(chosen, one);
	return json_array_size(chosen) ? printer_print(d, registry_find(r, "", "verbs"), chosen) : nothing_about(d, r, about, verb);
}

int manual_print(const struct desk *d, const struct registry *r, const char *about, const char *verb)
{
	struct walk search = { .noun = about };
	if (d->json || d->jsonl)
		return print_json(d, r, about, verb);
	const struct verb *v = about ? verb ? registry_find(r, about, verb) : registry_find(r, "", about) : NULL;
	bool noun = about && !verb && *about && registry_each(r, find_first, &search);
	if (!about)
		manual_all(d, r, d->out);
	if (noun)
		manual_noun(d, r, about, d->out);
	if (v)
		manual_verb(d, v, d->out);
	return !about || noun || v ? 0 : nothing_about(d, r, about, verb);
}
