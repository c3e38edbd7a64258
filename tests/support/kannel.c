/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting and ending Kannel. Called by the flow test of it and by measurements; knows nothing of the product. */
#include "tests/support/kannel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "tests/support/gateway.h"

#define BEARERBOX "/usr/sbin/bearerbox"
#define SMSBOX "/usr/sbin/smsbox"
#define WAIT_MS 120000

bool kannel_is_there(void)
{
	return !access(BEARERBOX, X_OK) && !access(SMSBOX, X_OK);
}

/* Ports that were free a moment ago, all of them bound at once so that they differ. */
static void find_ports(int *ports)
{
	int fds[KANNEL_PORTS];
	for (int i = 0; i < KANNEL_PORTS; i++) {
		struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		socklen_t n = sizeof(at);
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(fds[i], (const struct sockaddr *)&at, sizeof(at)), 0);
		assert_int_equal(getsockname(fds[i], (struct sockaddr *)&at, &n), 0);
		ports[i] = ntohs(at.sin_port);
	}
	for (int i = 0; i < KANNEL_PORTS; i++)
		close(fds[i]);
}

void kannel_init(struct kannel *k)
{
	*k = (struct kannel){ .smsc = -1 };
	find_ports(k->ports);
}

void kannel_configure(struct kannel *k, const char *dir, const char *inbound_url)
{
	char path[sizeof(k->dir) + 16];
	assert_true(snprintf(k->dir, sizeof(k->dir), "%s", dir) < (int)sizeof(k->dir));
	snprintf(path, sizeof(path), "%s/kannel.conf", dir);
	OWN(file) FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fchmod(fileno(f), 0600), 0);
	fprintf(f,
		 "group = core\nadmin-port = %d\nadmin-interface = 127.0.0.1\nadmin-password = none\nsmsbox-port = %d\nsmsbox-interface = 127.0.0.1\n"
		 "box-allow-ip = 127.0.0.1\nstore-type = file\nstore-location = \"%s/store\"\ndlr-storage = internal\nsms-resend-freq = 1\n\n"
		 "group = smsc\nsmsc = fake\nsmsc-id = F\nport = %d\nconnect-allow-ip = 127.0.0.1\n\n"
		 "group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = %d\nsendsms-interface = 127.0.0.1\nmo-recode = true\n"
		 "http-request-retry = 20\nhttp-queue-delay = 1\n\n"
		 "group = sendsms-user\nusername = " KANNEL_USER "\npassword = " KANNEL_PASSWORD "\nmax-messages = 10\nconcatenation = true\n\n"
		 "group = sms-service\nkeyword = default\ncatch-all = true\nmax-messages = 0\nget-url = "
		 "\"%s?id=%%I&from=%%p&to=%%P&text=%%b\"\n",
		 k->ports[KANNEL_ADMIN], k->ports[KANNEL_SMSBOX], k->dir, k->ports[KANNEL_SMSC], k->ports[KANNEL_SENDSMS], inbound_url);
	assert_int_equal(fflush(f), 0);
}

static int try_connect(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int must_connect(int port)
{
	for (int64_t end = gateway_mono_ms() + WAIT_MS; gateway_mono_ms() < end; gateway_pause_ms(20)) {
		int fd = try_connect(port);
		if (fd >= 0)
			return fd;
	}
	fail_msg("nobody listens on port %d", port);
	return -1;
}

static pid_t start(const char *program, const char *config)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	int null = open("/dev/null", O_RDWR);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	close_range(3, ~0u, 0);
	execl(program, program, config, (char *)NULL);
	_exit(127);
}

void kannel_start(struct kannel *k)
{
	char config[sizeof(k->dir) + 16];
	snprintf(config, sizeof(config), "%s/kannel.conf", k->dir);
	k->bearerbox = start(BEARERBOX, config);
	close(must_connect(k->ports[KANNEL_SMSBOX]));
	k->smsbox = start(SMSBOX, config);
	close(must_connect(k->ports[KANNEL_SENDSMS]));
	k->smsc = must_connect(k->ports[KANNEL_SMSC]);
	assert_int_equal(fcntl(k->smsc, F_SETFL, O_NONBLOCK), 0);
}

void kannel_kill(struct kannel *k)
{
	pid_t *const pids[] = { &k->smsbox, &k->bearerbox };
	for (size_t i = 0; i < COUNT_OF(pids); i++)
		if (*pids[i] > 0) {
			kill(*pids[i], SIGKILL);
			waitpid(*pids[i], NULL, 0);
			*pids[i] = 0;
		}
	if (k->smsc >= 0)
		close(k->smsc);
	k->smsc = -1;
}
