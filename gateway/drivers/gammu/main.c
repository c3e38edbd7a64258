/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-gammu: the driver program of one modem, started by the core with frames on standard input and output. */
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/drivers/gammu/modem.h"

int main(void)
{
	log_init("caunoi-gammu", LOG_LEVEL_INFO);
	setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	struct clock clock = clock_real();
	int r = modem_run(&clock, STDIN_FILENO, STDOUT_FILENO);
	if (r)
		log_error("driver.end", "reason=\"%s\"", err_text(r));
	/* The worker may be inside the library: nothing it holds has to be given back before the kernel does it. */
	_exit(err_exit_code(r));
}
