/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AT commands that are not about messages: identity, SIM, radio, character set, USSD. A table and its functions, called
 * by the interpreter only. */
#include <string.h>
#include <time.h>

#include "tests/simulators/modem/command.h"
#include "tests/simulators/modem/inbox.h"
#include "tests/simulators/modem/need.h"

#define OK ((struct outcome){ OUTCOME_OK, 0 })
#define ERROR ((struct outcome){ OUTCOME_ERROR, 0 })
#define CME(code) ((struct outcome){ OUTCOME_CME, code })

static struct outcome nothing(struct modem *m, enum verb verb, const struct args *a)
{
	(void)m, (void)verb, (void)a;
	return OK;
}

static struct outcome run_cgmi(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb == VERB_RUN)
		modem_say(m, "%s", m->profile->maker);
	return OK;
}

static struct outcome run_cgmm(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb == VERB_RUN)
		modem_say(m, "%s", m->profile->model);
	return OK;
}

static struct outcome run_cgmr(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb == VERB_RUN)
		modem_say(m, "%s", m->profile->revision);
	return OK;
}

static struct outcome run_cgsn(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb == VERB_RUN)
		modem_say(m, "35%.13s", m->sim.number[0] == '+' ? "9000000000001" : "9000000000002");
	return OK;
}

static struct outcome run_cimi(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb == VERB_RUN)
		modem_say(m, "%s", m->sim.imsi);
	return OK;
}

static struct outcome run_iccid(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb != VERB_TEST)
		modem_say(m, "%s%s", m->profile->iccid_prefix, m->sim.iccid);
	return OK;
}

static struct outcome run_cpinr(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb != VERB_TEST)
		modem_say(m, "+CPINR: SIM PIN,%d,3", m->sim.pin_left);
	return OK;
}

static struct outcome run_cnum(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb == VERB_RUN)
		modem_say(m, "+CNUM: \"\",\"%s\",145", m->sim.number);
	return OK;
}

static void unlocked(struct modem *m)
{
	m->sim.state = SIM_READY;
	m->sim.pin_left = 3;
	modem_set_registration(m, m->registration);
}

static struct outcome try_puk(struct modem *m, const struct args *a)
{
	if (a->n < 2 || strcmp(a->field[0], m->sim.puk) != 0) {
		if (m->sim.puk_left > 0)
			m->sim.puk_left--;
		return CME(16);
	}
	snprintf(m->sim.pin, sizeof(m->sim.pin), "%s", a->field[1]);
	unlocked(m);
	return OK;
}

static struct outcome try_pin(struct modem *m, const struct args *a)
{
	m->sim.pin_tried++;
	if (!strcmp(a->field[0], m->sim.pin)) {
		unlocked(m);
		return OK;
	}
	if (--m->sim.pin_left <= 0)
		m->sim.state = SIM_PUK;
	return CME(m->sim.state == SIM_PUK ? 12 : 16);
}

static struct outcome run_cpin(struct modem *m, enum verb verb, const struct args *a)
{
	static const char *const names[] = { [SIM_READY] = "READY", [SIM_PIN] = "SIM PIN", [SIM_PUK] = "SIM PUK" };
	if (verb == VERB_TEST)
		return OK;
	if (m->sim.state == SIM_ABSENT)
		return CME(10);
	if (verb == VERB_READ) {
		modem_say(m, "+CPIN: %s", names[m->sim.state]);
		return OK;
	}
	if (verb != VERB_SET || m->sim.state == SIM_READY)
		return CME(3);
	return m->sim.state == SIM_PUK ? try_puk(m, a) : try_pin(m, a);
}

static struct outcome registration(struct modem *m, enum verb verb, const struct args *a, const char *name, int *mode)
{
	if (verb == VERB_TEST)
		modem_say(m, "%s: (0-2)", name);
	else if (verb == VERB_SET)
		*mode = (int)args_int(a, 0, 0);
	else if (*mode == 2)
		modem_say(m, "%s: 2,%d,\"1A2B\",\"00C3D4E5\"", name, modem_registration(m));
	else
		modem_say(m, "%s: %d,%d", name, *mode, modem_registration(m));
	return OK;
}

static struct outcome run_creg(struct modem *m, enum verb verb, const struct args *a)
{
	return registration(m, verb, a, "+CREG", &m->settings.creg);
}

static struct outcome run_cgreg(struct modem *m, enum verb verb, const struct args *a)
{
	return registration(m, verb, a, "+CGREG", &m->settings.cgreg);
}

static struct outcome run_cgatt(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb == VERB_READ)
		modem_say(m, "+CGATT: %d", modem_registered(m));
	return OK;
}

static struct outcome run_cops(struct modem *m, enum verb verb, const struct args *a)
{
	static const char *const names[] = { "Viettel Mobile", "Viettel", "45204" };
	int *format = &m->settings.cops_format;
	if (verb == VERB_TEST) {
		modem_say(m, "+COPS: (2,\"Viettel Mobile\",\"Viettel\",\"45204\",2),(1,\"VN VINAPHONE\",\"VINAPHONE\",\"45202\",2),,(0-4),(0-2)");
	} else if (verb == VERB_SET) {
		long wanted = args_int(a, 1, 0);
		if (wanted < 0 || wanted > 2)
			return CME(50);
		*format = (int)wanted;
	} else if (modem_registered(m)) {
		modem_say(m, "+COPS: 0,%d,\"%s\",2", *format, names[*format]);
	} else {
		modem_say(m, "+COPS: 0");
	}
	return OK;
}

static struct outcome run_csq(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb == VERB_TEST)
		modem_say(m, "+CSQ: (0-31,99),(0-7,99)");
	else
		modem_say(m, "+CSQ: %d,99", m->signal > 0 ? (m->signal * 31 + 50) / 100 : 99);
	return OK;
}

static struct outcome run_cbc(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb == VERB_TEST)
		modem_say(m, "+CBC: (0-2),(1-100),(voltage)");
	else
		modem_say(m, "+CBC: 0,95,4100");
	return OK;
}

static struct outcome run_cfun(struct modem *m, enum verb verb, const struct args *a)
{
	if (verb == VERB_TEST) {
		modem_say(m, "+CFUN: (0,1,4),(0,1)");
	} else if (verb == VERB_READ) {
		modem_say(m, "+CFUN: %d", m->settings.cfun);
	} else {
		m->settings.cfun = (int)args_int(a, 0, 1);
		if (args_int(a, 1, 0) == 1) {
			modem_say(m, "OK");
			modem_reboot(m);
			return (struct outcome){ OUTCOME_SILENT, 0 };
		}
		inbox_collect(m);
	}
	return OK;
}

static struct outcome run_cscs(struct modem *m, enum verb verb, const struct args *a)
{
	if (verb == VERB_TEST) {
		modem_say(m, "+CSCS: (%s)", m->profile->charsets);
	} else if (verb == VERB_READ) {
		modem_say(m, "+CSCS: \"%s\"", m->settings.charset);
	} else {
		char quoted[16];
		snprintf(quoted, sizeof(quoted), "\"%.8s\"", a->field[0]);
		if (!strstr(m->profile->charsets, quoted) || strlen(a->field[0]) >= sizeof(m->settings.charset))
			return ERROR;
		snprintf(m->settings.charset, sizeof(m->settings.charset), "%s", a->field[0]);
	}
	return OK;
}

static struct outcome number_setting(struct modem *m, enum verb verb, const struct args *a, const char *name,
	const char *range, int *value)
{
	if (verb == VERB_TEST)
		modem_say(m, "%s: (%s)", name, range);
	else if (verb == VERB_READ)
		modem_say(m, "%s: %d", name, *value);
	else
		*value = (int)args_int(a, 0, 0);
	return OK;
}

static struct outcome run_cmee(struct modem *m, enum verb verb, const struct args *a)
{
	return number_setting(m, verb, a, "+CMEE", "0-2", &m->settings.cmee);
}

static struct outcome run_clip(struct modem *m, enum verb verb, const struct args *a)
{
	return number_setting(m, verb, a, "+CLIP", "0,1", &m->settings.clip);
}

static struct outcome run_clck(struct modem *m, enum verb verb, const struct args *a)
{
	if (verb == VERB_TEST)
		modem_say(m, "+CLCK: (\"SC\")");
	else if (verb != VERB_SET || strcmp(a->field[0], "SC") != 0 || args_int(a, 1, -1) != 2)
		return CME(3);
	else
		modem_say(m, "+CLCK: %d", m->sim.state != SIM_READY);
	return OK;
}

static struct outcome run_cpas(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb == VERB_RUN)
		modem_say(m, "+CPAS: 0");
	return OK;
}

static struct outcome run_cclk(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb != VERB_READ)
		return OK;
	time_t local = (time_t)(clock_now_ms(m->clock) / 1000 + 7 * 3600);
	struct tm t;
	char text[32];
	gmtime_r(&local, &t);
	strftime(text, sizeof(text), "%y/%m/%d,%H:%M:%S", &t);
	modem_say(m, "+CCLK: \"%s+28\"", text);
	return OK;
}

static void ussd_reply(struct modem *m, void *text)
{
	if (m->settings.cusd)
		modem_say(m, "+CUSD: %s", (const char *)text);
}

void general_forget(struct modem *m)
{
	timers_cancel(&m->timers, ussd_reply);
}

static struct outcome ask_ussd(struct modem *m, const char *text)
{
	char no_words[] = "";
	const struct ussd_answer unknown = { .reply = no_words, .status = 4, .after_ms = 100 };
	if (!modem_registered(m))
		return CME(30);
	char *request = ussd_request(m->profile, m->settings.charset, text);
	const struct ussd_answer *answer = ussd_ask(&m->ussd, request);
	free(request);
	if (!answer)
		answer = &unknown;
	if (answer->cme)
		return CME(answer->cme);
	if (!answer->silent)
		timers_add(&m->timers, answer->after_ms, ussd_reply, ussd_format(m->profile, m->settings.charset, answer));
	return OK;
}

static struct outcome run_cusd(struct modem *m, enum verb verb, const struct args *a)
{
	if (verb == VERB_TEST) {
		modem_say(m, "+CUSD: (0,1,2)");
	} else if (verb == VERB_READ) {
		modem_say(m, "+CUSD: %d", m->settings.cusd);
	} else {
		long n = args_int(a, 0, 0);
		if (n < 0 || n > 2)
			return CME(50);
		if (n == 2)
			ussd_cancel(&m->ussd);
		else
			m->settings.cusd = (int)n;
		if (n < 2 && *a->field[1])
			return ask_ussd(m, a->field[1]);
	}
	return OK;
}

const struct command *general_commands(void)
{
	static const struct command table[] = {
		{ "+CGMI", NEEDS_NOTHING, run_cgmi },  { "+GMI", NEEDS_NOTHING, run_cgmi },
		{ "+CGMM", NEEDS_NOTHING, run_cgmm },  { "+GMM", NEEDS_NOTHING, run_cgmm },
		{ "+CGMR", NEEDS_NOTHING, run_cgmr },  { "+GMR", NEEDS_NOTHING, run_cgmr },
		{ "+CGSN", NEEDS_NOTHING, run_cgsn },  { "+GSN", NEEDS_NOTHING, run_cgsn },
		{ "+CIMI", NEEDS_SIM, run_cimi },      { "+CCID", NEEDS_SIM, run_iccid },
		{ "+CNUM", NEEDS_SIM, run_cnum },      { "+CPIN", NEEDS_NOTHING, run_cpin },
		{ "+CREG", NEEDS_NOTHING, run_creg },  { "+CGREG", NEEDS_NOTHING, run_cgreg },
		{ "+CGATT", NEEDS_NOTHING, run_cgatt }, { "+COPS", NEEDS_NOTHING, run_cops },
		{ "+CSQ", NEEDS_NOTHING, run_csq },    { "+CBC", NEEDS_NOTHING, run_cbc },
		{ "+CFUN", NEEDS_NOTHING, run_cfun },  { "+CSCS", NEEDS_NOTHING, run_cscs },
		{ "+CMEE", NEEDS_NOTHING, run_cmee },  { "+CLIP", NEEDS_NOTHING, run_clip },
		{ "+CLCK", NEEDS_NOTHING, run_clck },  { "+CPAS", NEEDS_NOTHING, run_cpas },
		{ "+CCLK", NEEDS_NOTHING, run_cclk },  { "+CUSD", NEEDS_SIM, run_cusd },
		{ "+CHUP", NEEDS_NOTHING, nothing },   { "+CLCC", NEEDS_NOTHING, nothing },
		{ "+CRC", NEEDS_NOTHING, nothing },    { "^ICCID", NEEDS_SIM, run_iccid },
		{ "+ZGETICCID", NEEDS_SIM, run_iccid }, { "+CPINR", NEEDS_NOTHING, run_cpinr },
		{ "+QCCID", NEEDS_SIM, run_iccid },
		{ NULL, NEEDS_NOTHING, NULL },
	};
	return table;
}
