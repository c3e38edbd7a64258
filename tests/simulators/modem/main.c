/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim-modem: an AT modem on a pseudo terminal with a network behind it, for tests, for `make run` and by hand. Reads the
 * options and runs one loop over the port, the control socket and what is due. Never talks to anything real. */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/simulators/modem/control.h"
#include "tests/simulators/modem/line.h"
#include "tests/simulators/modem/modem.h"
#include "tests/simulators/modem/need.h"

#define POLLED_MAX (CONTROL_CLIENTS_MAX + 4)

static const char usage[] =
	"sim-modem --link PATH [--control SOCKET] [--journal FILE] [--profile generic|huawei|sim800|zte|quectel]\n"
	"          [--number +84...] [--iccid DIGITS] [--storage N] [--latency-ms N] [--prompt-ms N] [--send-ms N]\n"
	"          [--boot-ms N] [--report-delay-ms N]\n"
	"A simulated AT modem on a pseudo terminal. Send {\"op\":\"help\"} to the control socket for what it can do.\n";

enum option_name {
	OPTION_LINK = 1, OPTION_CONTROL, OPTION_PROFILE, OPTION_NUMBER, OPTION_ICCID, OPTION_LATENCY, OPTION_PROMPT,
	OPTION_SEND, OPTION_BOOT, OPTION_STORAGE, OPTION_REPORT, OPTION_JOURNAL, OPTION_HELP,
};

static const struct option options[] = {
	{ "link", required_argument, NULL, OPTION_LINK },
	{ "control", required_argument, NULL, OPTION_CONTROL },
	{ "profile", required_argument, NULL, OPTION_PROFILE },
	{ "number", required_argument, NULL, OPTION_NUMBER },
	{ "iccid", required_argument, NULL, OPTION_ICCID },
	{ "latency-ms", required_argument, NULL, OPTION_LATENCY },
	{ "prompt-ms", required_argument, NULL, OPTION_PROMPT },
	{ "send-ms", required_argument, NULL, OPTION_SEND },
	{ "boot-ms", required_argument, NULL, OPTION_BOOT },
	{ "storage", required_argument, NULL, OPTION_STORAGE },
	{ "report-delay-ms", required_argument, NULL, OPTION_REPORT },
	{ "journal", required_argument, NULL, OPTION_JOURNAL },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static bool read_number(const char *text, int *ret)
{
	char *end;
	long value = strtol(text, &end, 10);
	if (*end || end == text || value < 0 || value > 10000000)
		return false;
	*ret = (int)value;
	return true;
}

/* One option into o; false when its value is wrong. */
static bool take_option(int name, struct modem_options *o, const char **ret_control)
{
	int n = 0;
	switch (name) {
	case OPTION_LINK: o->link = optarg; return true;
	case OPTION_CONTROL: *ret_control = optarg; return true;
	case OPTION_PROFILE: o->profile = profile_find(optarg); return o->profile != NULL;
	case OPTION_NUMBER: o->number = optarg; return true;
	case OPTION_ICCID: o->iccid = optarg; return true;
	case OPTION_LATENCY: return read_number(optarg, &o->delays.latency_ms);
	case OPTION_PROMPT: return read_number(optarg, &o->delays.prompt_ms);
	case OPTION_SEND: return read_number(optarg, &o->delays.send_ms);
	case OPTION_BOOT: return read_number(optarg, &o->delays.boot_ms);
	case OPTION_REPORT: return read_number(optarg, &o->report_after_ms);
	case OPTION_JOURNAL: o->journal = optarg; return true;
	case OPTION_STORAGE:
		if (!read_number(optarg, &n) || n < 1 || n > 10000)
			return false;
		o->n_slots = (size_t)n;
		return true;
	default: return false;
	}
}

static int watch_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* What a client wrote before it went counts: a message behind its Ctrl-Z is sent, whoever was killed since. */
static void serve_port(struct modem *m)
{
	char data[4096];
	bool went = port_noticed(&m->port), heard = false;
	for (size_t n; (n = port_read(&m->port, data, sizeof(data))) > 0; heard = true)
		line_feed(m, data, n);
	if (went) {
		line_hang_up(m);
		port_forget(&m->port);
	} else if (heard) {
		port_heard(&m->port);
	}
}

/* One round: waits, then lets everything happen that can. */
static void round_of(struct modem *m, struct control *c, int signals)
{
	struct pollfd p[POLLED_MAX] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = m->port.watch, .events = POLLIN },
		{ .fd = m->port.master, .events = (short)(POLLIN | (buffer_left(&m->port.out) ? POLLOUT : 0)) },
	};
	size_t n = control_poll(c, p + 3);
	if (poll(p, 3 + n, timers_wait_ms(&m->timers)) < 0)
		return;
	if (p[0].revents)
		m->quit = true;
	if (p[1].revents || p[2].revents & POLLIN)
		serve_port(m);
	control_serve(c, m, p + 3, n);
	timers_run(&m->timers, m);
	port_flush(&m->port);
}

static void program_balance(struct modem *m)
{
	json_t *answer = need(json_pack("{s:s, s:s}", "code", "*101#", "reply", "Tai khoan goc: 25000d, HSD 31/12/2027."));
	must(ussd_program(&m->ussd, answer));
	json_decref(answer);
}

static int run(struct modem *m, const char *control_path)
{
	struct control c;
	int signals = watch_signals();
	int r = control_open(&c, control_path);
	if (!r)
		r = modem_plug(m);
	if (r) {
		log_error("modem.start", "problem=%s", err_text(r));
		control_close(&c);
		return err_exit_code(r);
	}
	program_balance(m);
	printf("ready %s\n", m->port.link);
	fflush(stdout);
	while (!m->quit)
		round_of(m, &c, signals);
	port_flush(&m->port);
	control_close(&c);
	close(signals);
	return 0;
}

int main(int argc, char **argv)
{
	struct modem_options o = {
		.number = "+84961000001",
		.iccid = "8984049000000000001",
		.profile = profile_find("generic"),
		.delays = { .boot_ms = 300 },
		.n_slots = 20,
		.report_after_ms = 1000,
	};
	const char *control = NULL;
	log_init("sim-modem", LOG_LEVEL_INFO);
	for (int name; (name = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (!take_option(name, &o, &control)) {
			fputs(usage, name == OPTION_HELP ? stdout : stderr);
			return name == OPTION_HELP ? 0 : 1;
		}
	}
	if (!o.link || optind < argc) {
		fputs(usage, stderr);
		return 1;
	}
	struct clock clock = clock_real();
	struct modem m;
	int r = modem_init(&m, &clock, &o);
	if (r) {
		log_error("modem.start", "problem=journal");
		return err_exit_code(r);
	}
	int code = run(&m, control);
	modem_done(&m);
	return code;
}
