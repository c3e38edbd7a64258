/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sending. Called by the SMS commands (prompt) and by the line (body). */
#include "tests/simulators/modem/sending.h"

#include <string.h>

#include "tests/simulators/modem/inbox.h"
#include "tests/simulators/modem/line.h"
#include "tests/simulators/modem/need.h"

#define CMS(code) ((struct outcome){ OUTCOME_CMS, code })

enum { CMS_NETWORK_FAILED = 38, CMS_BAD_PDU = 304, CMS_FULL = 322, CMS_NO_CENTRE = 330, CMS_NO_NETWORK = 331 };

struct outcome sending_prompt(struct modem *m)
{
	struct fault fault;
	if (!m->sending.store && faults_take_prompt(&m->faults, &fault))
		return fault.action == FAULT_NO_PROMPT ? (struct outcome){ OUTCOME_SILENT, 0 } : CMS(fault.code);
	line_prompt(m);
	return (struct outcome){ OUTCOME_LATER, 0 };
}

static void store(struct modem *m, const char *body)
{
	struct slots *s = &m->memories[m->settings.memory[1]];
	int at = slots_put(s, body, SLOT_UNSENT);
	if (at >= 0)
		modem_say(m, "+CMGW: %d", at + m->profile->first_index);
	command_answer(m, at < 0 ? CMS(CMS_FULL) : (struct outcome){ OUTCOME_OK, 0 });
}

static int read_text(const struct modem *m, const char *body, struct submit *ret)
{
	struct part *parts = NULL;
	int n = part_split(body, false, 8, 0, &parts);
	if (n == 1) {
		*ret = (struct submit){ .validity = -1, .part = parts[0] };
		snprintf(ret->to, sizeof(ret->to), "%s", m->sending.to);
	}
	free(parts);
	return n == 1 ? 0 : E_INVALID;
}

/* Gives the segment to the network; the answer for the client in *ret, the reference in *ret_mr. */
static bool accept(struct modem *m, const struct submit *s, const char *pdu, struct outcome *ret, int *ret_mr)
{
	if (!modem_registered(m)) {
		*ret = CMS(CMS_NO_NETWORK);
		return false;
	}
	int mr = (m->reference + 1) & 0xFF;
	if (network_accept(&m->network, m->sim.number, s, mr, pdu)) {
		log_error("modem.journal", "problem=write");
		*ret = CMS(CMS_NETWORK_FAILED);
		return false;
	}
	m->reference = mr;
	*ret_mr = mr;
	*ret = (struct outcome){ OUTCOME_OK, 0 };
	return true;
}

static void answer(struct modem *m, struct outcome o, int mr)
{
	if (o.kind == OUTCOME_OK)
		modem_say(m, "+CMGS: %d", mr);
	command_answer(m, o);
}

struct late_answer {
	struct outcome outcome;
	int mr;
};

static void answer_late(struct modem *m, void *data)
{
	const struct late_answer *late = data;
	answer(m, late->outcome, late->mr);
	line_ready(m);
}

void sending_forget(struct modem *m)
{
	timers_cancel(&m->timers, answer_late);
}

static void answer_after(struct modem *m, int after_ms, struct outcome o, int mr)
{
	struct late_answer *late = need(malloc(sizeof(*late)));
	*late = (struct late_answer){ .outcome = o, .mr = mr };
	timers_add(&m->timers, after_ms, answer_late, late);
}

/* What the client sees in place of the right answer o. */
static void answer_wrongly(struct modem *m, const struct fault *f, struct outcome o, int mr)
{
	switch (f->action) {
	case FAULT_CMS:
	case FAULT_CMS_AT_PROMPT:
		command_answer(m, CMS(f->code));
		break;
	case FAULT_CME:
		command_answer(m, (struct outcome){ OUTCOME_CME, f->code });
		break;
	case FAULT_ERROR:
		command_answer(m, (struct outcome){ OUTCOME_ERROR, 0 });
		break;
	case FAULT_SILENT:
	case FAULT_DROP:
	case FAULT_NO_PROMPT:
		break;
	case FAULT_HANG:
		modem_hang(m, f->ms);
		break;
	case FAULT_GARBAGE:
		modem_write(m, "\xff\x00\x91\x7fJ\r\n\x02\x80garb\x1f", 14);
		break;
	case FAULT_HALF:
		modem_write(m, "\r\n+CMG", 6);
		break;
	case FAULT_NO_OK:
		if (o.kind == OUTCOME_OK)
			modem_say(m, "+CMGS: %d", mr);
		else
			answer(m, o, mr);
		break;
	case FAULT_UNPLUG:
		modem_unplug(m);
		if (f->ms)
			modem_plug_later(m, f->ms);
		break;
	case FAULT_SLOW:
		answer_after(m, f->ms, o, mr);
		break;
	case FAULT_DUP_ANSWER:
		answer(m, o, mr);
		answer(m, o, mr);
		break;
	case FAULT_URC_INSIDE:
		modem_say(m, "%s", f->text);
		answer(m, o, mr);
		break;
	case FAULT_RESET:
		modem_reboot(m);
		break;
	case FAULT_PASS:
	case FAULT_REPORT_FIRST:
		answer(m, o, mr);
		break;
	}
}

static bool submit(struct modem *m, const struct submit *s, const char *pdu)
{
	struct fault fault = { .action = FAULT_PASS, .accept = true };
	bool faulty = faults_take(&m->faults, "cmgs", s->to, &fault);
	struct outcome o = { OUTCOME_OK, 0 };
	int mr = 0;
	bool accepted = fault.accept && accept(m, s, pdu, &o, &mr);
	if (accepted && s->report && fault.action == FAULT_REPORT_FIRST)
		inbox_report_now(m, s->to, mr);
	else if (accepted && s->report)
		inbox_expect_reports(m, s->to, mr);
	if (faulty)
		answer_wrongly(m, &fault, o, mr);
	else
		answer(m, o, mr);
	return fault.action != FAULT_SLOW;
}

bool sending_body(struct modem *m, const char *body)
{
	body += strspn(body, "\r\n ");
	if (m->sending.store) {
		store(m, body);
		return true;
	}
	struct submit s;
	int r = m->settings.cmgf ? read_text(m, body, &s) : tpdu_submit_parse(body, m->sending.length, &s);
	if (r)
		command_answer(m, CMS(CMS_BAD_PDU));
	else if (!*m->centre && !*s.centre)
		command_answer(m, CMS(CMS_NO_CENTRE));
	else
		return submit(m, &s, body);
	return true;
}
