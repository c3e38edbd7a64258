/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-gammu: the driver program of one modem, started by the core with frames on standard input and output. With
 * --probe it looks at a port and says what is there. */
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/drivers/gammu/modem.h"
#include "gateway/drivers/gammu/probe.h"

#define MAPPED_BYTES (128 * 1024)

enum { EXIT_USABLE = 0, EXIT_NOT_USABLE = 1, EXIT_USAGE = 2 };

static const char usage[] = "usage: caunoi-gammu                          (started by caunoid)\n"
			    "       caunoi-gammu --probe DEVICE [--json]\n";

static int drive(const struct clock *clock)
{
	int r = modem_run(clock, STDIN_FILENO, STDOUT_FILENO);
	if (r)
		log_error("driver.end", "reason=\"%s\"", err_text(r));
	return err_exit_code(r);
}

static int probe(const struct clock *clock, const char *device, bool as_json)
{
	OWN(json) json_t *report = NULL;
	int r = probe_run(clock, device, &report);
	OWN(mem) char *text = r ? NULL : as_json ? json_text(report) : probe_text(report);
	if (!text) {
		log_error("probe.failed", "reason=\"%s\"", err_text(r ? r : E_NOMEM));
		return err_exit_code(r ? r : E_NOMEM);
	}
	fputs(text, stdout);
	if (as_json)
		fputc('\n', stdout);
	return fflush(stdout) || !json_flag(report, "usable", false) ? EXIT_NOT_USABLE : EXIT_USABLE;
}

int main(int argc, char **argv)
{
	log_init("caunoi-gammu", LOG_LEVEL_INFO);
	setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	/* The library's state takes 6 MB, hardly touched. Left alone, malloc would keep the second connection's on its heap,
	 * cleared and so resident for ever; mapped, it is given back with each connection. */
	mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
	struct clock clock = clock_real();
	bool as_json = argc == 4 && !strcmp(argv[3], "--json");
	int status = EXIT_USAGE;
	if (argc == 1)
		status = drive(&clock);
	else if ((argc == 3 || as_json) && !strcmp(argv[1], "--probe"))
		status = probe(&clock, argv[2], as_json);
	else
		fputs(usage, stderr);
	/* The worker may be inside the library: nothing it holds has to be given back before the kernel does it. */
	_exit(status);
}
