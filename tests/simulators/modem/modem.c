/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modem's life: power, hanging, saying, registration. Called by commands, faults, control and main. */
#include "tests/simulators/modem/modem.h"

#include <string.h>

#include "tests/simulators/modem/command.h"
#include "tests/simulators/modem/inbox.h"
#include "tests/simulators/modem/line.h"
#include "tests/simulators/modem/need.h"
#include "tests/simulators/modem/sending.h"

#define PHONE_SLOTS 50
#define REPORT_SLOTS 20

static struct settings first_settings(void)
{
	return (struct settings){ .cfun = 1, .cops_format = 0, .charset = "IRA" };
}

void modem_set_iccid(struct modem *m, const char *iccid)
{
	size_t n = strlen(iccid);
	snprintf(m->sim.iccid, sizeof(m->sim.iccid), "%s", iccid);
	snprintf(m->sim.imsi, sizeof(m->sim.imsi), "45204%010lu", strtoul(iccid + (n > 10 ? n - 10 : 0), NULL, 10) % 10000000000);
}

int modem_init(struct modem *m, const struct clock *clock, const struct modem_options *o)
{
	*m = (struct modem){
		.clock = clock,
		.profile = o->profile,
		.delays = o->delays,
		.timers = { .clock = clock },
		.port = port_init(o->link),
		.line = { .echo = true },
		.settings = first_settings(),
		.sim = { .pin = "1234", .puk = "12345678", .pin_left = 3, .puk_left = 10 },
		.registration = 1,
		.signal = 70,
		.centre = CENTRE_NUMBER,
		.memories = { [MEMORY_SM] = slots_init("SM", o->n_slots), [MEMORY_ME] = slots_init("ME", PHONE_SLOTS),
			[MEMORY_SR] = slots_init("SR", REPORT_SLOTS) },
		.reporting = { .n_status = 1, .after_ms = o->report_after_ms },
		.ussd = ussd_init(),
	};
	modem_set_iccid(m, o->iccid);
	snprintf(m->sim.number, sizeof(m->sim.number), "%s", o->number);
	return network_open(&m->network, clock, o->journal);
}

void modem_done(struct modem *m)
{
	port_unplug(&m->port);
	timers_done(&m->timers);
	buffer_done(&m->line.in);
	buffer_done(&m->line.text);
	for (size_t i = 0; i < MEMORIES; i++)
		slots_done(&m->memories[i]);
	faults_done(&m->faults);
	ussd_done(&m->ussd);
	network_close(&m->network);
}

void modem_write(struct modem *m, const void *data, size_t n_bytes)
{
	if (!m->hung && !m->muted)
		port_write(&m->port, data, n_bytes);
}

void modem_say(struct modem *m, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	va_start(ap, fmt);
	int n = vasprintf(&text, fmt, ap);
	va_end(ap);
	must(n < 0 ? E_NOMEM : 0);
	modem_write(m, "\r\n", 2);
	modem_write(m, text, (size_t)n);
	modem_write(m, "\r\n", 2);
	free(text);
}

static void say_boot_lines(struct modem *m, void *data)
{
	(void)data;
	for (size_t i = 0; i < COUNT_OF(m->profile->boot) && m->profile->boot[i]; i++)
		modem_say(m, "%s", m->profile->boot[i]);
	inbox_collect(m);
}

/* All that the modem had begun; what the network has to do goes on. */
static void forget_work(struct modem *m)
{
	line_reset(m);
	command_forget(m);
	sending_forget(m);
	general_forget(m);
	timers_cancel(&m->timers, say_boot_lines);
}

static void restart(struct modem *m)
{
	m->settings = first_settings();
	if (m->sim.state == SIM_READY && m->sim.pin_asked)
		m->sim.state = SIM_PIN;
	m->hung = false;
	ussd_cancel(&m->ussd);
	forget_work(m);
	timers_add(&m->timers, m->delays.boot_ms, say_boot_lines, NULL);
}

int modem_plug(struct modem *m)
{
	if (port_plugged(&m->port))
		return 0;
	int r = port_plug(&m->port);
	if (!r) {
		restart(m);
		m->line.echo = true;
	}
	return r;
}

void modem_unplug(struct modem *m)
{
	forget_work(m);
	port_flush(&m->port);
	port_unplug(&m->port);
}

static void plug_now(struct modem *m, void *data)
{
	(void)data;
	int r = modem_plug(m);
	if (r)
		log_error("modem.plug", "problem=%s", err_text(r));
}

void modem_plug_later(struct modem *m, int after_ms)
{
	timers_add(&m->timers, after_ms, plug_now, NULL);
}

void modem_reboot(struct modem *m)
{
	restart(m);
	m->line.echo = false;
}

static void release_now(struct modem *m, void *data)
{
	(void)data;
	modem_release(m);
}

void modem_hang(struct modem *m, int release_after_ms)
{
	m->hung = true;
	if (release_after_ms > 0)
		timers_add(&m->timers, release_after_ms, release_now, NULL);
}

void modem_release(struct modem *m)
{
	timers_cancel(&m->timers, release_now);
	if (!m->hung)
		return;
	m->hung = false;
	line_reset(m);
	inbox_collect(m);
}

bool modem_registered(const struct modem *m)
{
	int stat = modem_registration(m);
	return stat == 1 || stat == 5;
}

int modem_registration(const struct modem *m)
{
	return m->sim.state == SIM_READY && m->settings.cfun == 1 ? m->registration : 0;
}

void modem_set_registration(struct modem *m, int stat)
{
	m->registration = stat;
	if (m->settings.creg)
		modem_say(m, "+CREG: %d", modem_registration(m));
	if (m->settings.cgreg)
		modem_say(m, "+CGREG: %d", modem_registration(m));
	inbox_collect(m);
}
