/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi: the terminal. Reads the command line against the registry, then asks the core or the query process, starts caunoid for
 * what needs no running core, or answers by itself. Holds no database and no key. */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "console/terminal/arguments.h"
#include "console/terminal/desk.h"
#include "console/terminal/errand.h"
#include "console/terminal/handset.h"
#include "console/terminal/manual.h"
#include "console/terminal/parcel.h"
#include "console/terminal/printer.h"
#include "console/terminal/probe.h"
#include "console/terminal/prompt.h"
#include "console/terminal/sibling.h"
#include "console/terminal/versions.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"

#define CONFIG_FILE "/etc/caunoi/caunoi.conf"
#define USAGE 2

OWN_DEFINE(config, struct config *, config_free)

struct terminal {
	struct desk desk;
	struct arguments said;
	const char *config_file;
};

static bool is_verb(const struct verb *v, const char *name)
{
	return !*v->noun && strcmp(v->name, name) == 0;
}

static int say_wrong(const struct desk *d, const struct complaint *c)
{
	char text[1024];
	complaint_format(c, text, sizeof(text));
	fprintf(d->err, "caunoi: %s [%s]\n", c->file[0] ? text : c->text, c->rule);
	return USAGE;
}

/* ---- what needs nobody ---- */

static int print_verbs(const struct terminal *t)
{
	OWN(json) json_t *all = registry_json(&caunoi_registry);
	if (t->desk.json || t->desk.jsonl)
		return printer_print(&t->desk, t->said.verb, all);
	manual_all(&t->desk, &caunoi_registry, t->desk.out);
	return fflush(t->desk.out) ? 1 : 0;
}

static int print_version(const struct terminal *t)
{
	OWN(json) json_t *version = json_pack("{s:s}", "version", CAUNOI_VERSION);
	if (t->desk.json || t->desk.jsonl)
		return printer_print(&t->desk, t->said.verb, version);
	fprintf(t->desk.out, "caunoi %s\n", CAUNOI_VERSION);
	return fflush(t->desk.out) ? 1 : 0;
}

static int print_versions(const struct terminal *t)
{
	OWN(json) json_t *list = versions_list(t->desk.vi);
	if (!list)
		return desk_failed(&t->desk, E_NOMEM, NULL);
	if (t->desk.json || t->desk.jsonl)
		return printer_print(&t->desk, t->said.verb, list);
	size_t i;
	const json_t *row;
	json_array_foreach(list, i, row) {
		const char *fault = json_str(row, "fault", NULL);
		fprintf(t->desk.out, "%s %s\n", json_str(row, "library", ""), json_str(row, "version", "-"));
		if (fault)
			fprintf(t->desk.out, "  %s %s: %s\n", desk_say(&t->desk, "older than", "cũ hơn"), json_str(row, "fixed_in", ""), fault);
	}
	return fflush(t->desk.out) ? 1 : 0;
}

/* What caunoid says of the words beside the configuration, which only it can read: the first mistake, or NULL. Borrowed from *ret_line. */
static const char *mistake_of_words(const struct terminal *t, json_t **ret_line)
{
	int code;
	OWN(json) json_t *args = json_pack("{s:s}", "text", "TC");
	if (!args || sibling_run(t->config_file, "text.classify", args, ret_line, &code))
		return NULL;
	return json_int(*ret_line, "exit", 0) == 2 ? json_str(json_object_get(*ret_line, "error"), "text", NULL) : NULL;
}

static int check_config(const struct terminal *t)
{
	OWN(mem) char *text = NULL;
	OWN(json) json_t *line = NULL;
	size_t n = 0;
	FILE *report = open_memstream(&text, &n);
	if (!report)
		return desk_failed(&t->desk, E_NOMEM, NULL);
	int code = config_check_report(t->config_file, report);
	fclose(report);
	const char *mistake = code ? NULL : mistake_of_words(t, &line);
	if (mistake) {
		code = 2;
		free(text);
		if (asprintf(&text, "%s\n", mistake) < 0)
			text = NULL;
	}
	if (!text)
		return desk_failed(&t->desk, E_NOMEM, NULL);
	if (!t->desk.json && !t->desk.jsonl) {
		fputs(text, t->desk.out);
		return code;
	}
	OWN(json) json_t *out = json_pack("{s:b,s:s,s:s}", "ok", code == 0, "file", t->config_file, "report", text);
	int printed = printer_print(&t->desk, t->said.verb, out);
	return code ? code : printed;
}

static int serve(const struct terminal *t)
{
	return desk_failed(&t->desk, sibling_serve(t->config_file), "caunoid cannot be started");
}

/* A port that no channel uses yet: the core does not know it. */
static bool is_port(const struct verb *v, const json_t *args)
{
	return !strcmp(v->noun, "channel") && !strcmp(v->name, "probe") && json_str(args, "name", "")[0] == '/';
}

static int probe(const struct terminal *t, const json_t *args)
{
	int r = sibling_probe(json_str(args, "name", ""), t->desk.json || t->desk.jsonl);
	return desk_failed(&t->desk, r == E_NOT_FOUND ? E_IO : r, "the program caunoi-gammu is not beside this one nor where it would be installed");
}

/* ---- what needs caunoid, but no running core ---- */

static int run_sibling(const struct terminal *t, const json_t *args)
{
	const struct verb *v = t->said.verb;
	char dotted[64];
	int code = 1;
	OWN(json) json_t *line = NULL;
	snprintf(dotted, sizeof(dotted), "%s%s%s", v->noun, *v->noun ? "." : "", v->name);
	int r = sibling_run(t->config_file, dotted, args, &line, &code);
	if (r == E_NOT_FOUND) {
		desk_failed(&t->desk, E_IO, "the program caunoid is not beside this one nor where it would be installed");
		return 1;
	}
	if (r)
		return code;
	if (json_flag(line, "ok", false)) {
		int printed = printer_print(&t->desk, v, json_object_get(line, "result"));
		return printed ? printed : code;
	}
	desk_refused(&t->desk, json_object_get(line, "error"));
	return (int)json_int(line, "exit", code ? code : 1);
}

/* ---- what needs the core ---- */

/* The terminal sees a bad argument before the core does. Uploads stand as their path here. */
static int check_args(const struct terminal *t, const struct phone_plan *plan, const json_t *args)
{
	const struct verb *v = t->said.verb;
	OWN(json) json_t *copy = json_deep_copy(args);
	OWN(json) json_t *checked = NULL;
	struct refusal why = { 0 };
	for (size_t i = 0; copy && i < v->n_args; i++)
		if (v->args[i].type == ARG_UPLOAD && json_object_get(copy, v->args[i].name) && json_set_int(copy, v->args[i].name, 1))
			return desk_failed(&t->desk, E_NOMEM, NULL);
	int r = copy ? verb_check(v, copy, plan, &checked, &why) : E_NOMEM;
	if (!r)
		return 0;
	OWN(json) json_t *error = json_pack("{s:s,s:i,s:s,s:s}", "rule", why.rule, "status", why.status, "field", why.field, "text", why.text);
	int code = why.rule[0] ? desk_refused(&t->desk, error) : desk_failed(&t->desk, r, NULL);
	refusal_done(&why);
	return code;
}

static int read_config(const struct terminal *t, struct config **ret)
{
	struct complaint c = { 0 };
	char text[1024];
	int r = config_load(t->config_file, false, ret, &c);
	if (!r)
		return 0;
	complaint_format(&c, text, sizeof(text));
	return desk_failed(&t->desk, r, text);
}

static int unreachable(const struct terminal *t, const struct config *cfg)
{
	fprintf(t->desk.err, desk_say(&t->desk, "caunoi: the gateway does not answer at %s; is the service running? [unreachable]\n",
				      "caunoi: cổng nhắn tin không trả lời tại %s; dịch vụ có đang chạy không? [unreachable]\n"), cfg->control);
	return err_exit_code(E_UNAVAILABLE);
}

static void print_request(const struct terminal *t, const json_t *q)
{
	size_t i;
	const json_t *header;
	fprintf(t->desk.out, "%s %s\n", json_str(q, "method", ""), json_str(q, "url", ""));
	json_array_foreach(json_object_get(q, "headers"), i, header)
		fprintf(t->desk.out, "%s\n", json_string_value(header));
	fprintf(t->desk.out, "\n%s\n", json_str(q, "body", ""));
}

/* A profile is tried here: nothing of it concerns the core. */
static bool is_rehearsal(const struct verb *v, const json_t *args)
{
	return !strcmp(v->noun, "channel") && !strcmp(v->name, "probe") &&
	       (json_object_get(args, "dry-run") || json_object_get(args, "replay"));
}

static int rehearse(const struct terminal *t, const json_t *args)
{
	OWN(config) struct config *cfg = NULL;
	OWN(json) json_t *out = NULL;
	struct complaint c = { 0 };
	const char *name = json_str(args, "name", ""), *to = json_str(args, "to", NULL), *text = json_str(args, "text", NULL);
	const char *recorded = json_str(args, "replay", NULL);
	if (!recorded && (!to || !text)) {
		complaint_set(&c, "to", "missing", "a dry run needs --to NUMBER and --text TEXT");
		return say_wrong(&t->desk, &c);
	}
	int code = read_config(t, &cfg);
	if (code)
		return code;
	int r = recorded ? probe_replay(cfg, name, to, recorded, &out, &c) : probe_request(cfg, name, to, text, &out, &c);
	if (r == E_INVALID || r == E_CONFIG)
		return say_wrong(&t->desk, &c);
	if (r)
		return desk_failed(&t->desk, r, c.text[0] ? c.text : NULL);
	if (recorded || t->desk.json || t->desk.jsonl)
		return printer_print(&t->desk, t->said.verb, out);
	if (json_is_object(json_object_get(out, "token_request")))
		print_request(t, json_object_get(out, "token_request"));
	print_request(t, out);
	return fflush(t->desk.out) ? 1 : 0;
}

/* The running core keeps the configuration that it took; a mistake made in the file since must not keep people from their work. *ret_faulty:
 * there is one, and it was said. */
static int read_sockets(const struct terminal *t, struct config **ret, bool *ret_faulty)
{
	struct complaint c = { 0 };
	char text[1024];
	int r = config_load_sockets(t->config_file, ret, &c);
	complaint_format(&c, text, sizeof(text));
	if (r)
		return desk_failed(&t->desk, r, text);
	*ret_faulty = c.text[0] != '\0';
	if (*ret_faulty)
		fprintf(t->desk.err, desk_say(&t->desk, "caunoi: %s\ncaunoi: the configuration is faulty; a running gateway goes on with the one it has [config]\n",
					      "caunoi: %s\ncaunoi: tệp cấu hình có lỗi; cổng đang chạy vẫn dùng cấu hình cũ [config]\n"), text);
	return 0;
}

static int run_errand(struct terminal *t, json_t *args)
{
	OWN(config) struct config *cfg = NULL;
	struct clock clock = clock_real();
	struct random random = random_real();
	bool faulty = false;
	int code = read_sockets(t, &cfg, &faulty);
	if (!code && cfg->plan.country[0]) /* the core checks them, too */
		code = check_args(t, &cfg->plan, args);
	if (code)
		return code;
	struct errand e = { .desk = &t->desk, .config = cfg, .said = &t->said, .args = args, .clock = &clock, .random = &random };
	code = handset_walks(&t->said) ? handset_walk(&e) : errand_run(&e);
	if (code >= 0)
		return code;
	if (faulty)
		return err_exit_code(E_CONFIG);
	if (is_verb(t->said.verb, "backup"))
		return run_sibling(t, args);
	return unreachable(t, cfg);
}

/* ---- a call ---- */

static bool asks_password(const struct verb *v)
{
	return arguments_option(v, ARGUMENTS_PASSWORD) != NULL;
}

static int add_line(const struct terminal *t, json_t *args, const char *name, int (*read)(const struct desk *d, char **ret))
{
	char *password = NULL;
	int r = read(&t->desk, &password);
	if (r == E_INVALID)
		return desk_failed(&t->desk, r, desk_say(&t->desk, "The password is too long, not UTF-8 text, or was typed differently the second time.",
							 "Mật khẩu quá dài, không phải UTF-8, hoặc hai lần nhập khác nhau."));
	if (!r && *password)
		r = json_set_str(args, name, password);
	prompt_wipe(password);
	return r ? desk_failed(&t->desk, r, NULL) : 0;
}

static int add_password(const struct terminal *t, json_t *args)
{
	int code = add_line(t, args, ARGUMENTS_PASSWORD, prompt_password);
	return code || !arguments_option(t->said.verb, ARGUMENTS_OLD_PASSWORD) ? code : add_line(t, args, ARGUMENTS_OLD_PASSWORD, prompt_old_password);
}

static int run(struct terminal *t)
{
	const struct verb *v = t->said.verb;
	json_t *args = t->said.args;
	if (is_verb(v, "help"))
		return manual_print(&t->desk, &caunoi_registry, json_str(args, "about", NULL), json_str(args, "verb", NULL));
	if (is_verb(v, "verbs"))
		return print_verbs(t);
	if (is_verb(v, "version"))
		return print_version(t);
	if (is_verb(v, "versions"))
		return print_versions(t);
	if (is_verb(v, "check-config"))
		return check_config(t);
	if (is_verb(v, "serve"))
		return serve(t);
	if (is_port(v, args))
		return probe(t, args);
	struct complaint c = { 0 };
	int r = parcel_read(v, args, &c);
	if (!r)
		r = parcel_look(v, args, &c);
	if (r)
		return desk_failed(&t->desk, r, c.text);
	if (is_rehearsal(v, args)) {
		int code = check_args(t, NULL, args);
		return code ? code : rehearse(t, args);
	}
	if (v->kind == VERB_LOCAL) {
		int code = check_args(t, NULL, args);
		return code ? code : run_sibling(t, args);
	}
	int code = asks_password(v) ? add_password(t, args) : 0;
	return code ? code : run_errand(t, args);
}

static int help(const struct terminal *t)
{
	const struct verb *v = t->said.verb;
	if (!v)
		return manual_print(&t->desk, &caunoi_registry, t->said.noun, NULL);
	return *v->noun ? manual_print(&t->desk, &caunoi_registry, v->noun, v->name) : manual_print(&t->desk, &caunoi_registry, v->name, NULL);
}

int main(int argc, char **argv)
{
	struct terminal t = { 0 };
	struct complaint c = { 0 };
	const char *environment = getenv("CAUNOI_CONFIG");
	log_init("caunoi", LOG_LEVEL_WARN);
	int code, r = arguments_parse(&caunoi_registry, argc, argv, &t.said, &c);
	t.desk = desk_real(t.said.json, t.said.jsonl);
	t.config_file = t.said.config ? t.said.config : environment && *environment ? environment : CONFIG_FILE;
	if (r) {
		code = c.text[0] ? say_wrong(&t.desk, &c) : desk_failed(&t.desk, r, NULL);
	} else if (t.said.help) {
		code = help(&t);
	} else if (!t.said.verb) {
		manual_all(&t.desk, &caunoi_registry, t.desk.err);
		code = USAGE;
	} else {
		code = run(&t);
	}
	arguments_done(&t.said);
	return code;
}
