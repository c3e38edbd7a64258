/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receiving. Called when something arrives, when room was made, and when the modem is back on the network. */
#include "tests/simulators/modem/inbox.h"

#include <string.h>

#include "tests/simulators/modem/need.h"

struct pending_report {
	char to[TPDU_NUMBER_MAX];
	int mr, status;
	int64_t sent_ms;
};

enum { CNMI_MODE, CNMI_MT, CNMI_BM, CNMI_DS };

static bool put_into(struct modem *m, size_t memory, const char *pdu, const char *line, bool notify)
{
	struct slots *s = &m->memories[memory];
	int at = slots_put(s, pdu, SLOT_UNREAD);
	if (at < 0) {
		if (m->profile->full_line)
			modem_say(m, "%s", m->profile->full_line);
		return false;
	}
	if (notify && m->settings.cnmi[CNMI_MODE] > 0)
		modem_say(m, "%s: \"%s\",%d", line, s->name, at + m->profile->first_index);
	return true;
}

static void hand_over(struct modem *m, const char *head, const char *pdu)
{
	modem_say(m, "%s%zu\r\n%s", head, tpdu_length(pdu), pdu);
}

static bool take_message(struct modem *m, const struct incoming *in)
{
	int mt = m->settings.cnmi[CNMI_MT];
	if (m->settings.cnmi[CNMI_MODE] > 0 && mt >= 2) {
		hand_over(m, "+CMT: ,", in->pdu);
		return true;
	}
	return put_into(m, m->settings.memory[2], in->pdu, "+CMTI", in->notify && mt > 0);
}

static bool take_report(struct modem *m, const struct incoming *in)
{
	enum report_mode mode = m->reporting.mode;
	int ds = m->settings.cnmi[CNMI_MODE] > 0 ? m->settings.cnmi[CNMI_DS] : 0;
	if (mode == REPORT_BY_CNMI)
		mode = ds == 0 ? REPORT_NONE : ds == 1 ? REPORT_DIRECT : REPORT_STORED;
	switch (mode) {
	case REPORT_NONE:
	case REPORT_BY_CNMI:
		return true;
	case REPORT_DIRECT:
		hand_over(m, "+CDS: ", in->pdu);
		return true;
	case REPORT_STORED:
		return put_into(m, m->profile->has_sr && !m->reporting.in_sm ? MEMORY_SR : m->settings.memory[2], in->pdu, "+CDSI", true);
	}
	return true;
}

void inbox_collect(struct modem *m)
{
	while (m->network.n_waiting && port_plugged(&m->port) && !m->hung && modem_registered(m)) {
		struct incoming *in = &m->network.waiting[0];
		bool taken = in->report ? take_report(m, in) : take_message(m, in);
		if (!taken)
			return;
		network_taken(&m->network);
	}
}

static void arrive(struct modem *m, void *data)
{
	const struct pending_report *p = data;
	struct report r = {
		.centre = CENTRE_NUMBER,
		.to = p->to,
		.reference = p->mr,
		.status = p->status,
		.sent_ms = p->sent_ms,
		.done_ms = clock_now_ms(m->clock),
	};
	network_wait(&m->network, tpdu_report_format(&r), true, true);
	inbox_collect(m);
}

static struct pending_report *pending(const struct modem *m, const char *to, int mr, int status)
{
	struct pending_report *p = need(calloc(1, sizeof(*p)));
	*p = (struct pending_report){ .mr = mr, .status = status, .sent_ms = clock_now_ms(m->clock) };
	snprintf(p->to, sizeof(p->to), "%s", to);
	return p;
}

void inbox_expect_reports(struct modem *m, const char *to, int mr)
{
	for (int i = 0; i < m->reporting.n_status; i++)
		timers_add(&m->timers, (int64_t)m->reporting.after_ms * (i + 1), arrive, pending(m, to, mr, m->reporting.status[i]));
}

void inbox_report_now(struct modem *m, const char *to, int mr)
{
	struct pending_report *p = pending(m, to, mr, m->reporting.status[0]);
	arrive(m, p);
	free(p);
}
