/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AT commands about messages: memories, notification, listing, reading, deleting; sending begins here and goes on in
 * sending.c. A table and its functions, called by the interpreter only. Source: 3GPP TS 27.005. */
#include <string.h>

#include "tests/simulators/modem/command.h"
#include "tests/simulators/modem/inbox.h"
#include "tests/simulators/modem/need.h"
#include "tests/simulators/modem/sending.h"

#define OK ((struct outcome){ OUTCOME_OK, 0 })
#define ERROR ((struct outcome){ OUTCOME_ERROR, 0 })
#define CMS(code) ((struct outcome){ OUTCOME_CMS, code })

enum { CMS_NOT_SUPPORTED = 303, CMS_BAD_PDU = 304, CMS_BAD_TEXT = 305, CMS_BAD_INDEX = 321, CMS_FULL = 322 };

static struct slots *reading(struct modem *m)
{
	return &m->memories[m->settings.memory[0]];
}

static struct outcome run_csca(struct modem *m, enum verb verb, const struct args *a)
{
	if (verb == VERB_READ)
		modem_say(m, "+CSCA: \"%s\",%d", m->centre, m->centre[0] == '+' ? 145 : 129);
	else if (verb == VERB_SET)
		snprintf(m->centre, sizeof(m->centre), "%s", a->field[0]);
	return OK;
}

static int memory_of(const struct modem *m, const char *name)
{
	for (int i = 0; i < MEMORIES; i++)
		if (!strcmp(m->memories[i].name, name))
			return i == MEMORY_SR && !m->profile->has_sr ? E_NOT_FOUND : i;
	return E_NOT_FOUND;
}

static struct outcome set_memories(struct modem *m, const struct args *a)
{
	int found[3];
	for (int i = 0; i < 3; i++) {
		found[i] = i < a->n ? memory_of(m, a->field[i]) : (int)m->settings.memory[i];
		if (found[i] < 0)
			return CMS(CMS_NOT_SUPPORTED);
	}
	struct buffer line = { 0 };
	for (int i = 0; i < 3; i++) {
		m->settings.memory[i] = (size_t)found[i];
		const struct slots *s = &m->memories[found[i]];
		must(buffer_printf(&line, "%s%zu,%zu", i ? "," : "", slots_used(s), s->size));
	}
	modem_say(m, "+CPMS: %s", buffer_text(&line));
	buffer_done(&line);
	return OK;
}

static struct outcome run_cpms(struct modem *m, enum verb verb, const struct args *a)
{
	if (verb == VERB_SET)
		return set_memories(m, a);
	if (verb == VERB_TEST) {
		const char *names = m->profile->has_sr ? "\"SM\",\"ME\",\"SR\"" : "\"SM\",\"ME\"";
		modem_say(m, "+CPMS: (%s),(\"SM\",\"ME\"),(\"SM\",\"ME\")", names);
		return OK;
	}
	const struct slots *s[3];
	for (size_t i = 0; i < 3; i++)
		s[i] = &m->memories[m->settings.memory[i]];
	modem_say(m, "+CPMS: \"%s\",%zu,%zu,\"%s\",%zu,%zu,\"%s\",%zu,%zu", s[0]->name, slots_used(s[0]), s[0]->size, s[1]->name,
		slots_used(s[1]), s[1]->size, s[2]->name, slots_used(s[2]), s[2]->size);
	return OK;
}

static struct outcome run_cnmi(struct modem *m, enum verb verb, const struct args *a)
{
	static const long most[] = { 2, 3, 3, 2, 1 };
	int *now = m->settings.cnmi;
	if (verb == VERB_TEST) {
		modem_say(m, "+CNMI: %s", m->profile->cnmi);
	} else if (verb != VERB_SET) {
		modem_say(m, "+CNMI: %d,%d,%d,%d,%d", now[0], now[1], now[2], now[3], now[4]);
	} else {
		for (int i = 0; i < 5; i++) {
			long wanted = args_int(a, i, now[i]);
			if (wanted < 0 || wanted > (i == 3 ? m->profile->max_ds : most[i]))
				return CMS(CMS_NOT_SUPPORTED);
		}
		for (int i = 0; i < 5; i++)
			now[i] = (int)args_int(a, i, now[i]);
		inbox_collect(m);
	}
	return OK;
}

static struct outcome run_cmgf(struct modem *m, enum verb verb, const struct args *a)
{
	if (verb == VERB_TEST)
		modem_say(m, "+CMGF: (0,1)");
	else if (verb == VERB_READ)
		modem_say(m, "+CMGF: %d", m->settings.cmgf);
	else
		m->settings.cmgf = (int)args_int(a, 0, 0) == 1;
	return OK;
}

static struct outcome run_cmms(struct modem *m, enum verb verb, const struct args *a)
{
	if (verb == VERB_TEST)
		modem_say(m, "+CMMS: (0-2)");
	else if (verb == VERB_READ)
		modem_say(m, "+CMMS: %d", m->settings.cmms);
	else
		m->settings.cmms = (int)args_int(a, 0, 0);
	return OK;
}

static struct outcome run_csms(struct modem *m, enum verb verb, const struct args *a)
{
	(void)a;
	if (verb == VERB_TEST)
		modem_say(m, "+CSMS: (0,1)");
	else if (verb == VERB_READ)
		modem_say(m, "+CSMS: 0,1,1,1");
	else
		modem_say(m, "+CSMS: 1,1,1");
	return OK;
}

static const char *stat_name(enum slot_stat stat)
{
	static const char *const names[] = {
		[SLOT_UNREAD] = "REC UNREAD", [SLOT_READ] = "REC READ", [SLOT_UNSENT] = "STO UNSENT", [SLOT_SENT] = "STO SENT"
	};
	return names[stat];
}

/* Text mode, for people at a terminal: UTF-8 whatever AT+CSCS says, and no time stamp. */
static void say_as_text(struct modem *m, const char *head, int index, const struct slot *slot)
{
	struct received got = { 0 };
	char number[16] = "";
	OWN(mem) char *text = tpdu_deliver_parse(slot->pdu, &got) ? need(strdup(slot->pdu)) : part_text(&got.part);
	if (index >= 0)
		snprintf(number, sizeof(number), "%d,", index);
	modem_say(m, "%s%s\"%s\",\"%s\",,\"\"\r\n%s", head, number, stat_name(slot->stat), got.from, text);
}

/* Which stat AT+CMGL asks for; 4 all, -1 none of the known. */
static int wanted_stat(const struct modem *m, const struct args *a)
{
	if (!m->settings.cmgf) {
		long stat = args_int(a, 0, a->n ? -1 : 0);
		return stat >= 0 && stat <= 4 ? (int)stat : -1;
	}
	if (!a->n || !strcmp(a->field[0], "ALL"))
		return a->n ? 4 : 0;
	for (int i = 0; i < 4; i++)
		if (!strcmp(stat_name((enum slot_stat)i), a->field[0]))
			return i;
	return -1;
}

static struct outcome run_cmgl(struct modem *m, enum verb verb, const struct args *a)
{
	if (verb == VERB_TEST) {
		modem_say(m, "+CMGL: (0-4)");
		return OK;
	}
	int wanted = wanted_stat(m, a);
	if (wanted < 0)
		return CMS(m->settings.cmgf ? CMS_BAD_TEXT : CMS_NOT_SUPPORTED);
	struct slots *s = reading(m);
	for (size_t i = 0; i < s->size; i++) {
		struct slot *slot = &s->list[i];
		if (!slot->pdu || (wanted < 4 && (int)slot->stat != wanted))
			continue;
		int index = (int)i + m->profile->first_index;
		if (m->settings.cmgf)
			say_as_text(m, "+CMGL: ", index, slot);
		else
			modem_say(m, "+CMGL: %d,%d,,%zu\r\n%s", index, (int)slot->stat, tpdu_length(slot->pdu), slot->pdu);
		if (slot->stat == SLOT_UNREAD)
			slot->stat = SLOT_READ;
	}
	return OK;
}

static long slot_index(const struct modem *m, const struct args *a)
{
	return args_int(a, 0, -1000) - m->profile->first_index;
}

static struct outcome run_cmgr(struct modem *m, enum verb verb, const struct args *a)
{
	if (verb != VERB_SET)
		return verb == VERB_TEST ? OK : ERROR;
	long at = slot_index(m, a);
	struct slots *s = reading(m);
	struct slot *slot = slots_find(s, at);
	if (!slot)
		return at >= 0 && (size_t)at < s->size && m->profile->empty_slot_is_ok ? OK : CMS(CMS_BAD_INDEX);
	if (m->settings.cmgf)
		say_as_text(m, "+CMGR: ", -1, slot);
	else
		modem_say(m, "+CMGR: %d,,%zu\r\n%s", (int)slot->stat, tpdu_length(slot->pdu), slot->pdu);
	if (slot->stat == SLOT_UNREAD)
		slot->stat = SLOT_READ;
	return OK;
}

static struct outcome run_cmgd(struct modem *m, enum verb verb, const struct args *a)
{
	struct slots *s = reading(m);
	if (verb == VERB_TEST) {
		modem_say(m, "+CMGD: (%d-%zu),(0-4)", m->profile->first_index, s->size - 1 + (size_t)m->profile->first_index);
		return OK;
	}
	long at = slot_index(m, a), flag = args_int(a, 1, 0);
	if (verb != VERB_SET || flag < 0 || flag > 4 || (!flag && (at < 0 || (size_t)at >= s->size)))
		return CMS(CMS_BAD_INDEX);
	if (flag)
		slots_delete_by(s, (int)flag);
	else
		slots_delete(s, at);
	inbox_collect(m);
	return OK;
}

static struct outcome begin_body(struct modem *m, enum verb verb, const struct args *a, bool store)
{
	if (verb == VERB_TEST)
		return OK;
	if (verb != VERB_SET || !a->n)
		return CMS(m->settings.cmgf ? CMS_BAD_TEXT : CMS_BAD_PDU);
	m->sending = (struct sending){ .store = store };
	if (m->settings.cmgf)
		snprintf(m->sending.to, sizeof(m->sending.to), "%s", a->field[0]);
	else if (args_int(a, 0, 0) < 8 || args_int(a, 0, 0) > 164)
		return CMS(CMS_BAD_PDU);
	else
		m->sending.length = (size_t)args_int(a, 0, 0);
	return sending_prompt(m);
}

static struct outcome run_cmgs(struct modem *m, enum verb verb, const struct args *a)
{
	return begin_body(m, verb, a, false);
}

static struct outcome run_cmgw(struct modem *m, enum verb verb, const struct args *a)
{
	struct slots *s = &m->memories[m->settings.memory[1]];
	if (verb == VERB_SET && slots_used(s) == s->size)
		return CMS(CMS_FULL);
	return begin_body(m, verb, a, true);
}

static struct outcome nothing(struct modem *m, enum verb verb, const struct args *a)
{
	(void)m, (void)verb, (void)a;
	return OK;
}

const struct command *sms_commands(void)
{
	static const struct command table[] = {
		{ "+CSCA", NEEDS_SIM_CMS, run_csca }, { "+CPMS", NEEDS_SIM_CMS, run_cpms },
		{ "+CNMI", NEEDS_SIM_CMS, run_cnmi }, { "+CMGF", NEEDS_NOTHING, run_cmgf },
		{ "+CMMS", NEEDS_NOTHING, run_cmms }, { "+CSMS", NEEDS_NOTHING, run_csms },
		{ "+CMGL", NEEDS_SIM_CMS, run_cmgl }, { "+CMGR", NEEDS_SIM_CMS, run_cmgr },
		{ "+CMGD", NEEDS_SIM_CMS, run_cmgd }, { "+CMGS", NEEDS_SIM_CMS, run_cmgs },
		{ "+CMGW", NEEDS_SIM_CMS, run_cmgw }, { "+CSMP", NEEDS_NOTHING, nothing },
		{ "+CSDH", NEEDS_NOTHING, nothing },  { "+CNMA", NEEDS_NOTHING, nothing },
		{ NULL, NEEDS_NOTHING, NULL },
	};
	return table;
}
