/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interpreter of command lines: cuts, looks up, checks the SIM, meets scripted faults, answers. */
#include "tests/simulators/modem/command.h"

#include <ctype.h>
#include <string.h>

#include "tests/simulators/modem/line.h"
#include "tests/simulators/modem/need.h"

static const struct {
	int code;
	const char *text;
} cme_texts[] = {
	{ 3, "operation not allowed" }, { 4, "operation not supported" }, { 10, "SIM not inserted" },
	{ 11, "SIM PIN required" },     { 12, "SIM PUK required" },       { 16, "incorrect password" },
	{ 30, "no network service" },   { 50, "incorrect parameters" },   { 100, "unknown" },
};

long args_int(const struct args *a, int i, long otherwise)
{
	if (i >= a->n || !*a->field[i])
		return otherwise;
	char *end;
	long value = strtol(a->field[i], &end, 10);
	return *end ? otherwise : value;
}

/* Cuts text at its commas outside quotation marks, which are taken away. */
static void args_parse(struct args *a, const char *text)
{
	*a = (struct args){ 0 };
	for (int i = 0; i < ARGS_MAX; i++)
		a->field[i] = "";
	if (!*text)
		return;
	bool quoted = false;
	size_t n = 0;
	a->field[a->n++] = a->text;
	for (; *text && n + 1 < sizeof(a->text); text++) {
		if (*text == '"') {
			quoted = !quoted;
		} else if (*text == ',' && !quoted && a->n < ARGS_MAX) {
			a->text[n++] = '\0';
			a->field[a->n++] = a->text + n;
		} else {
			a->text[n++] = *text;
		}
	}
}

static void say_error(struct modem *m, const char *kind, int code)
{
	if (m->settings.cmee == 2 && !strcmp(kind, "CME")) {
		for (size_t i = 0; i < COUNT_OF(cme_texts); i++) {
			if (cme_texts[i].code == code) {
				modem_say(m, "+CME ERROR: %s", cme_texts[i].text);
				return;
			}
		}
	}
	modem_say(m, "+%s ERROR: %d", kind, code);
}

void command_answer(struct modem *m, struct outcome o)
{
	switch (o.kind) {
	case OUTCOME_OK:
		modem_say(m, "OK");
		break;
	case OUTCOME_CMS:
		say_error(m, "CMS", o.code);
		break;
	case OUTCOME_CME:
		if (m->settings.cmee) {
			say_error(m, "CME", o.code);
			break;
		}
		modem_say(m, "ERROR");
		break;
	case OUTCOME_ERROR:
		modem_say(m, "ERROR");
		break;
	case OUTCOME_LATER:
	case OUTCOME_SILENT:
		break;
	}
}

static void answer_due(struct modem *m, void *outcome)
{
	command_answer(m, *(const struct outcome *)outcome);
	line_ready(m);
}

struct outcome command_answer_late(struct modem *m, struct outcome o, int after_ms)
{
	struct outcome *late = need(malloc(sizeof(*late)));
	*late = o;
	timers_add(&m->timers, after_ms, answer_due, late);
	return (struct outcome){ OUTCOME_LATER, 0 };
}

void command_forget(struct modem *m)
{
	timers_cancel(&m->timers, answer_due);
}

/* TS 27.007 §9.2 and TS 27.005 §3.2.5: no SIM, PIN, PUK. */
static struct outcome sim_refusal(const struct modem *m, enum command_needs needs)
{
	static const int cme[] = { [SIM_READY] = 0, [SIM_PIN] = 11, [SIM_PUK] = 12, [SIM_ABSENT] = 10 };
	static const int cms[] = { [SIM_READY] = 0, [SIM_PIN] = 311, [SIM_PUK] = 316, [SIM_ABSENT] = 310 };
	if (needs == NEEDS_NOTHING || m->sim.state == SIM_READY)
		return (struct outcome){ OUTCOME_OK, 0 };
	bool by_cms = needs == NEEDS_SIM_CMS;
	return (struct outcome){ by_cms ? OUTCOME_CMS : OUTCOME_CME, by_cms ? cms[m->sim.state] : cme[m->sim.state] };
}

static const struct command *find_in(const struct command *table, const char *name)
{
	for (; table->name; table++)
		if (!strcasecmp(table->name, name))
			return table;
	return NULL;
}

static bool is_quiet(const struct modem *m, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(m->profile->quiet) && m->profile->quiet[i]; i++)
		if (!strcasecmp(m->profile->quiet[i], name))
			return true;
	return false;
}

/* Faults of commands other than AT+CMGS, which has its own (sending.c). True when the command is not to be run. */
static bool met_fault(struct modem *m, const struct fault *f, struct outcome *ret)
{
	*ret = (struct outcome){ OUTCOME_SILENT, 0 };
	switch (f->action) {
	case FAULT_CMS:
	case FAULT_CMS_AT_PROMPT:
		*ret = (struct outcome){ OUTCOME_CMS, f->code };
		return true;
	case FAULT_CME:
		*ret = (struct outcome){ OUTCOME_CME, f->code };
		return true;
	case FAULT_ERROR:
		*ret = (struct outcome){ OUTCOME_ERROR, 0 };
		return true;
	case FAULT_DROP:
	case FAULT_NO_PROMPT:
		return true;
	case FAULT_HANG:
		modem_hang(m, f->ms);
		return true;
	case FAULT_GARBAGE:
		modem_write(m, "\xff\x00\x91\x7fJ\r\n\x02\x80garb\x1f", 14);
		return true;
	case FAULT_HALF:
		modem_write(m, "\r\n+C", 4);
		return true;
	case FAULT_UNPLUG:
		modem_unplug(m);
		if (f->ms)
			modem_plug_later(m, f->ms);
		return true;
	case FAULT_RESET:
		modem_reboot(m);
		return true;
	case FAULT_URC_INSIDE:
		modem_say(m, "%s", f->text);
		return false;
	case FAULT_PASS:
	case FAULT_SILENT:
	case FAULT_NO_OK:
	case FAULT_SLOW:
	case FAULT_DUP_ANSWER:
	case FAULT_REPORT_FIRST:
		return false;
	}
	return false;
}

/* Faults in the answer of a command that was run. */
static struct outcome answer_badly(struct modem *m, const struct fault *f, struct outcome o)
{
	if (f->action == FAULT_SILENT || f->action == FAULT_NO_OK)
		return (struct outcome){ OUTCOME_SILENT, 0 };
	if (f->action == FAULT_SLOW)
		return command_answer_late(m, o, f->ms);
	if (f->action == FAULT_DUP_ANSWER)
		command_answer(m, o);
	return o;
}

static struct outcome run_extended(struct modem *m, const char *name, enum verb verb, const char *rest)
{
	struct fault fault;
	struct outcome o;
	bool is_send = !strcasecmp(name, "+CMGS");
	bool faulty = !is_send && faults_take(&m->faults, name + 1, "", &fault);
	if (faulty && met_fault(m, &fault, &o))
		return o;
	const struct command *c = find_in(general_commands(), name);
	if (!c)
		c = find_in(sms_commands(), name);
	if (!c)
		return (struct outcome){ is_quiet(m, name) ? OUTCOME_OK : OUTCOME_ERROR, 0 };
	o = verb == VERB_TEST ? (struct outcome){ OUTCOME_OK, 0 } : sim_refusal(m, c->needs);
	if (o.kind != OUTCOME_OK)
		return o;
	struct args args;
	args_parse(&args, rest);
	m->muted = faulty && fault.action == FAULT_SILENT;
	o = c->run(m, verb, &args);
	m->muted = false;
	return faulty ? answer_badly(m, &fault, o) : o;
}

/* A command of one letter and a number ("E0", "&F", "S0=1"); moves *p behind it. */
static struct outcome run_basic(struct modem *m, const char **p)
{
	const char *s = *p;
	if (*s == '&' || *s == '\\' || *s == '%')
		s++;
	char letter = (char)toupper((unsigned char)*s++);
	char *end;
	long value = strtol(s, &end, 10);
	if (letter == 'S' && *end == '=')
		strtol(end + 1, &end, 10);
	bool plain = s - *p == 1;
	*p = end;
	if (plain && letter == 'E') {
		m->line.echo = value != 0;
	} else if (plain && letter == 'Z') {
		m->settings.cmee = 0;
		m->line.echo = true;
	} else if (plain && letter == 'I') {
		modem_say(m, "%s %s", m->profile->maker, m->profile->model);
	} else if (!strchr("VQSXHFCDLMTW", letter)) {
		return (struct outcome){ OUTCOME_ERROR, 0 };
	}
	return (struct outcome){ OUTCOME_OK, 0 };
}

/* Runs one command of a line that is joined by semicolons. */
static struct outcome run_one(struct modem *m, const char *text)
{
	while (*text && !strchr("+^$*", *text)) {
		struct outcome o = run_basic(m, &text);
		if (o.kind != OUTCOME_OK)
			return o;
	}
	if (!*text)
		return (struct outcome){ OUTCOME_OK, 0 };
	char name[24];
	size_t n = strcspn(text + 1, "=?") + 1;
	if (n >= sizeof(name))
		return (struct outcome){ OUTCOME_ERROR, 0 };
	memcpy(name, text, n);
	name[n] = '\0';
	text += n;
	enum verb verb = !*text ? VERB_RUN : *text == '?' ? VERB_READ : !strcmp(text, "=?") ? VERB_TEST : VERB_SET;
	return run_extended(m, name, verb, verb == VERB_SET ? text + 1 : "");
}

static char *next_semicolon(char *s)
{
	bool quoted = false;
	for (; *s && (quoted || *s != ';'); s++)
		quoted ^= *s == '"';
	return s;
}

bool command_line(struct modem *m, const char *text)
{
	OWN(mem) char *copy = need(strdup(text + 2));
	struct outcome o = { OUTCOME_OK, 0 };
	for (char *s = copy, *end; o.kind == OUTCOME_OK; s = end + 1) {
		while (*s == ' ')
			s++;
		end = next_semicolon(s);
		bool last = !*end;
		*end = '\0';
		o = run_one(m, s);
		if (last)
			break;
	}
	command_answer(m, o);
	return o.kind != OUTCOME_LATER;
}
