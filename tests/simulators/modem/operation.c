/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operations of the control socket. Called for each line of a control client. */
#include "tests/simulators/modem/operation.h"

#include <string.h>

#include "gateway/base/json.h"
#include "tests/simulators/modem/inbox.h"
#include "tests/simulators/modem/need.h"
#include "tests/simulators/modem/villager.h"

struct operation {
	const char *name, *help;
	json_t *(*run)(struct modem *m, const json_t *request);
};

static json_t *done(void)
{
	return need(json_pack("{s:b}", "ok", 1));
}

static json_t *refused(const char *why)
{
	return need(json_pack("{s:b, s:s}", "ok", 0, "error", why));
}

static json_t *with_ok(json_t *answer)
{
	must(json_object_set_new(answer, "ok", json_true()) ? E_NOMEM : 0);
	return answer;
}

static json_t *op_deliver(struct modem *m, const json_t *request)
{
	int n = villager_write(m, request);
	return n < 0 ? refused("bad from, text or order") : need(json_pack("{s:b, s:i}", "ok", 1, "parts", n));
}

static json_t *op_deliver_pdu(struct modem *m, const json_t *request)
{
	const char *pdu = json_str(request, "pdu", "");
	if (!*pdu)
		return refused("pdu is missing");
	network_wait(&m->network, need(strdup(pdu)), json_flag(request, "report", false), json_flag(request, "notify", true));
	inbox_collect(m);
	return done();
}

static json_t *op_heard(struct modem *m, const json_t *request)
{
	return with_ok(handsets_report(&m->network.handsets, json_str(request, "number", "")));
}

static json_t *op_sent(struct modem *m, const json_t *request)
{
	json_t *list = need(json_array());
	size_t n = json_array_size(m->network.sent);
	int64_t since = json_int(request, "since", 0);
	for (size_t i = since < 0 ? 0 : (size_t)since; i < n; i++)
		must(json_array_append(list, json_array_get(m->network.sent, i)) ? E_NOMEM : 0);
	return need(json_pack("{s:b, s:I, s:o}", "ok", 1, "count", (json_int_t)n, "sent", list));
}

static json_t *op_script(struct modem *m, const json_t *request)
{
	if (json_flag(request, "clear", false))
		faults_clear(&m->faults);
	json_t *list = json_object_get(request, "faults"), *fault;
	size_t i;
	json_array_foreach(list, i, fault)
		if (faults_add(&m->faults, fault))
			return refused("a fault has no known action");
	return need(json_pack("{s:b, s:I}", "ok", 1, "left", (json_int_t)m->faults.n));
}

static json_t *op_unplug(struct modem *m, const json_t *request)
{
	modem_unplug(m);
	if (json_int(request, "ms", 0) > 0)
		modem_plug_later(m, (int)json_int(request, "ms", 0));
	return done();
}

static json_t *op_plug(struct modem *m, const json_t *request)
{
	(void)request;
	return modem_plug(m) ? refused("the port could not be made") : done();
}

static json_t *op_hang(struct modem *m, const json_t *request)
{
	modem_hang(m, (int)json_int(request, "ms", 0));
	return done();
}

static json_t *op_release(struct modem *m, const json_t *request)
{
	(void)request;
	modem_release(m);
	return done();
}

static json_t *op_reset(struct modem *m, const json_t *request)
{
	(void)request;
	modem_reboot(m);
	return done();
}

static void change_card(struct modem *m, const char *iccid, const char *number)
{
	modem_set_iccid(m, iccid);
	if (number)
		snprintf(m->sim.number, sizeof(m->sim.number), "%s", number);
	slots_clear(&m->memories[MEMORY_SM]);
	m->sim.state = SIM_READY;
	m->sim.pin_asked = false;
	m->sim.pin_left = 3;
}

static json_t *op_sim(struct modem *m, const json_t *request)
{
	static const char *const names[] = {
		[SIM_READY] = "ready", [SIM_PIN] = "pin", [SIM_PUK] = "puk", [SIM_ABSENT] = "absent"
	};
	struct sim *s = &m->sim;
	const char *iccid = json_str(request, "iccid", NULL), *pin = json_str(request, "pin", NULL);
	const char *puk = json_str(request, "puk", NULL);
	if (iccid)
		change_card(m, iccid, json_str(request, "number", NULL));
	if (pin) {
		snprintf(s->pin, sizeof(s->pin), "%s", pin);
		s->state = SIM_PIN;
		s->pin_asked = true;
		s->pin_left = (int)json_int(request, "left", 3);
	}
	if (puk) {
		snprintf(s->puk, sizeof(s->puk), "%s", puk);
		s->state = SIM_PUK;
		s->pin_left = 0;
	}
	if (json_flag(request, "absent", false))
		s->state = SIM_ABSENT;
	if (json_flag(request, "ready", false))
		s->state = SIM_READY;
	inbox_collect(m);
	return need(json_pack("{s:b, s:s, s:s, s:s, s:i, s:i, s:i}", "ok", 1, "state", names[s->state], "iccid", s->iccid, "imsi",
		s->imsi, "pin_left", s->pin_left, "puk_left", s->puk_left, "pin_tried", s->pin_tried));
}

static json_t *op_registration(struct modem *m, const json_t *request)
{
	int64_t stat = json_int(request, "stat", -1);
	if (stat < 0 || stat > 5)
		return refused("stat is 0 to 5");
	modem_set_registration(m, (int)stat);
	return done();
}

static json_t *op_signal(struct modem *m, const json_t *request)
{
	m->signal = (int)json_int(request, "percent", m->signal);
	return done();
}

static json_t *slot_report(const struct slot *slot, int index)
{
	json_t *report = need(json_pack("{s:i, s:i, s:s}", "index", index, "stat", (int)slot->stat, "pdu", slot->pdu));
	struct received got;
	if (tpdu_deliver_parse(slot->pdu, &got))
		return report;
	OWN(mem) char *text = part_text(&got.part);
	must(json_set_str(report, "from", got.from));
	must(json_set_str(report, "text", text));
	return report;
}

static json_t *memory_report(const struct modem *m, const struct slots *s)
{
	json_t *list = need(json_array());
	for (size_t i = 0; i < s->size; i++) {
		const struct slot *slot = &s->list[i];
		if (slot->pdu)
			must(json_array_append_new(list, slot_report(slot, (int)i + m->profile->first_index)) ? E_NOMEM : 0);
	}
	return need(json_pack("{s:I, s:I, s:o}", "used", (json_int_t)slots_used(s), "size", (json_int_t)s->size, "slots", list));
}

static json_t *op_storage(struct modem *m, const json_t *request)
{
	(void)request;
	json_t *answer = done();
	for (size_t i = 0; i < MEMORIES; i++)
		must(json_object_set_new(answer, m->memories[i].name, memory_report(m, &m->memories[i])) ? E_NOMEM : 0);
	must(json_set_int(answer, "waiting", (int64_t)m->network.n_waiting));
	return answer;
}

static json_t *op_fill(struct modem *m, const json_t *request)
{
	struct slots *s = &m->memories[MEMORY_SM];
	int64_t leave = json_int(request, "leave", 0);
	while (slots_used(s) < s->size && (int64_t)(s->size - slots_used(s)) > leave) {
		char *pdu = villager_old_message(m);
		int at = slots_put(s, pdu, SLOT_READ);
		free(pdu);
		if (at < 0)
			break;
	}
	return done();
}

static json_t *push_ussd(struct modem *m, const json_t *request)
{
	struct ussd_answer a;
	if (ussd_answer_parse(request, &a))
		return refused("unknown form");
	char *text = ussd_format(m->profile, m->settings.charset, &a);
	if (m->settings.cusd)
		modem_say(m, "+CUSD: %s", text);
	free(text);
	ussd_push(&m->ussd, &a);
	ussd_answer_done(&a);
	return done();
}

static json_t *op_ussd(struct modem *m, const json_t *request)
{
	if (json_flag(request, "push", false))
		return push_ussd(m, request);
	if (json_flag(request, "requests", false))
		return need(json_pack("{s:b, s:O}", "ok", 1, "requests", m->ussd.requests));
	return ussd_program(&m->ussd, request) ? refused("code or form is wrong") : done();
}

static int report_mode_of(const char *name)
{
	static const char *const names[] = {
		[REPORT_BY_CNMI] = "cnmi", [REPORT_DIRECT] = "cds", [REPORT_STORED] = "cdsi", [REPORT_NONE] = "none"
	};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return E_INVALID;
}

static json_t *op_report(struct modem *m, const json_t *request)
{
	struct reporting *r = &m->reporting;
	const char *mode = json_str(request, "mode", NULL);
	if (mode && report_mode_of(mode) < 0)
		return refused("mode is cnmi, cds, cdsi or none");
	if (mode)
		r->mode = (enum report_mode)report_mode_of(mode);
	r->after_ms = (int)json_int(request, "after_ms", r->after_ms);
	r->in_sm = json_flag(request, "in_sm", r->in_sm);
	json_t *status = json_object_get(request, "status");
	if (json_is_integer(status)) {
		r->status[0] = (int)json_integer_value(status);
		r->n_status = 1;
	} else if (json_is_array(status) && json_array_size(status) <= COUNT_OF(r->status)) {
		r->n_status = (int)json_array_size(status);
		for (int i = 0; i < r->n_status; i++)
			r->status[i] = (int)json_integer_value(json_array_get(status, (size_t)i));
	}
	return done();
}

static json_t *op_urc(struct modem *m, const json_t *request)
{
	const char *text = json_str(request, "text", "");
	int64_t times = json_int(request, "times", 1);
	for (int64_t i = 0; i < times; i++) {
		if (json_flag(request, "raw", false))
			modem_write(m, text, strlen(text));
		else
			modem_say(m, "%s", text);
	}
	return done();
}

static json_t *op_status(struct modem *m, const json_t *request)
{
	(void)request;
	return need(json_pack("{s:b, s:s, s:b, s:b, s:b, s:b, s:i, s:i, s:s, s:I, s:I, s:I, s:i}", "ok", 1, "profile", m->profile->name,
		"plugged", port_plugged(&m->port), "open", m->port.n_open > 0, "hung", m->hung, "echo", m->line.echo, "registration",
		modem_registration(m), "signal", m->signal, "number", m->sim.number, "sent",
		(json_int_t)json_array_size(m->network.sent), "waiting", (json_int_t)m->network.n_waiting, "faults",
		(json_int_t)m->faults.n, "twice", m->network.handsets.n_twice));
}

static json_t *op_quit(struct modem *m, const json_t *request)
{
	(void)request;
	m->quit = true;
	return done();
}

static json_t *op_help(struct modem *m, const json_t *request);

static const struct operation operations[] = {
	{ "deliver", "from, text [encoding gsm7|ucs2|auto, ref_bits, ref, order, notify, dcs, pid]", op_deliver },
	{ "deliver_pdu", "pdu [report, notify]", op_deliver_pdu },
	{ "heard", "number", op_heard },
	{ "sent", "[since]", op_sent },
	{ "script", "faults [clear]: {on, action, code, ms, times, to, accept, text}", op_script },
	{ "unplug", "[ms]", op_unplug },
	{ "plug", "", op_plug },
	{ "hang", "[ms]", op_hang },
	{ "release", "", op_release },
	{ "reset", "", op_reset },
	{ "sim", "[iccid, number] [pin, left] [puk] [absent] [ready]", op_sim },
	{ "registration", "stat", op_registration },
	{ "signal", "percent", op_signal },
	{ "storage", "", op_storage },
	{ "fill", "[leave]", op_fill },
	{ "ussd", "code, reply [more, status, form, after_ms, cme, silent] | push, reply | requests", op_ussd },
	{ "report", "[mode cnmi|cds|cdsi|none, status (or list), after_ms, in_sm]", op_report },
	{ "urc", "text [raw, times]", op_urc },
	{ "status", "", op_status },
	{ "help", "", op_help },
	{ "quit", "", op_quit },
};

static json_t *op_help(struct modem *m, const json_t *request)
{
	(void)m, (void)request;
	json_t *list = need(json_object());
	for (size_t i = 0; i < COUNT_OF(operations); i++)
		must(json_set_str(list, operations[i].name, operations[i].help));
	return need(json_pack("{s:b, s:o}", "ok", 1, "ops", list));
}

json_t *operation_run(struct modem *m, const json_t *request)
{
	const char *name = json_str(request, "op", "");
	for (size_t i = 0; i < COUNT_OF(operations); i++)
		if (!strcmp(operations[i].name, name))
			return operations[i].run(m, request);
	return refused("unknown op");
}
