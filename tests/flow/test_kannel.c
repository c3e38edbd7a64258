/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the gateway in front of a real Kannel (bearerbox and smsbox of Debian), whose SMSC is played here in the protocol
 * of its fake one: what we hand over arrives once, its reports come back, what people write comes in; and when Kannel is killed
 * in the middle of a campaign, no message is lost from our books and none is handed over twice. KANNEL_PEOPLE makes it larger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "tests/support/gateway.h"

#define BEARERBOX "/usr/sbin/bearerbox"
#define SMSBOX "/usr/sbin/smsbox"
#define PEOPLE 200
#define PEOPLE_MAX 5000
#define WAIT_MS 120000
#define TEXT "Lich hop thon: moi ba con du hop. Tu choi: TC"

enum port { PORT_ADMIN, PORT_SMSBOX, PORT_SMSC, PORT_SENDSMS, PORT_WEB, PORT_COUNT };

struct world {
	struct gateway *g;
	int ports[PORT_COUNT], people, smsc;
	pid_t bearerbox, smsbox;
	struct buffer lines;
	int arrived[PEOPLE_MAX], n_arrived; /* at the SMSC, by person; all */
};

/* ---- Kannel ---- */

/* Ports that were free a moment ago, all of them bound at once so that they differ. */
static void find_ports(int *ports)
{
	int fds[PORT_COUNT];
	for (int i = 0; i < PORT_COUNT; i++) {
		struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		socklen_t n = sizeof(at);
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(fds[i], (const struct sockaddr *)&at, sizeof(at)), 0);
		assert_int_equal(getsockname(fds[i], (struct sockaddr *)&at, &n), 0);
		ports[i] = ntohs(at.sin_port);
	}
	for (int i = 0; i < PORT_COUNT; i++)
		close(fds[i]);
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

static void kannel_start(struct world *w)
{
	char config[GATEWAY_PATH_MAX + 16];
	snprintf(config, sizeof(config), "%s/kannel.conf", w->g->dir);
	w->bearerbox = start(BEARERBOX, config);
	close(must_connect(w->ports[PORT_SMSBOX]));
	w->smsbox = start(SMSBOX, config);
	close(must_connect(w->ports[PORT_SENDSMS]));
	w->smsc = must_connect(w->ports[PORT_SMSC]);
	assert_int_equal(fcntl(w->smsc, F_SETFL, O_NONBLOCK), 0);
	buffer_cut(&w->lines, 0);
}

static void kannel_kill(struct world *w)
{
	pid_t *const pids[] = { &w->smsbox, &w->bearerbox };
	for (size_t i = 0; i < COUNT_OF(pids); i++)
		if (*pids[i] > 0) {
			kill(*pids[i], SIGKILL);
			waitpid(*pids[i], NULL, 0);
			*pids[i] = 0;
		}
	if (w->smsc >= 0)
		close(w->smsc);
	w->smsc = -1;
}

/* ---- the SMSC ---- */

/* "SENDER RECEIVER text WORDS" */
static void take_line(struct world *w, const char *line)
{
	const char *number = strstr(line, " +84900");
	int person = number ? (int)strtol(number + 7, NULL, 10) : -1;
	assert_true(person >= 0 && person < w->people);
	w->arrived[person]++;
	w->n_arrived++;
}

static void smsc_read(struct world *w)
{
	char some[4096];
	ssize_t n;
	while (w->smsc >= 0 && (n = read(w->smsc, some, sizeof(some))) > 0)
		assert_int_equal(buffer_put(&w->lines, some, (size_t)n), 0);
	for (;;) {
		const char *text = buffer_text(&w->lines), *end = buffer_left(&w->lines) ? memchr(text, '\n', buffer_left(&w->lines)) : NULL;
		if (!end)
			return;
		OWN(mem) char *line = strndup(text, (size_t)(end - text));
		assert_non_null(line);
		buffer_take(&w->lines, strlen(line) + 1);
		take_line(w, line);
	}
}

static void wait_for(struct world *w, const char *what, const char *sql, int64_t value)
{
	for (int64_t end = gateway_mono_ms() + WAIT_MS; gateway_mono_ms() < end; gateway_pause_ms(10)) {
		smsc_read(w);
		if (gateway_scalar(w->g, sql) >= value)
			return;
	}
	fail_msg("%s: %lld of %lld; %d at the SMSC", what, (long long)gateway_scalar(w->g, sql), (long long)value, w->n_arrived);
}

static void wait_arrived(struct world *w, int n)
{
	int64_t end = gateway_mono_ms() + WAIT_MS;
	for (; w->n_arrived < n && gateway_mono_ms() < end; gateway_pause_ms(2))
		smsc_read(w);
	if (w->n_arrived < n)
		fail_msg("%d of %d at the SMSC", w->n_arrived, n);
}

/* ---- the world ---- */

static void put_file(const struct world *w, const char *name, const char *text)
{
	char path[GATEWAY_PATH_MAX + 32];
	snprintf(path, sizeof(path), "%s/%s", w->g->dir, name);
	OWN(file) FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fchmod(fileno(f), 0600), 0);
}

static void configure_kannel(const struct world *w)
{
	char text[2048];
	snprintf(text, sizeof(text),
		 "group = core\nadmin-port = %d\nadmin-interface = 127.0.0.1\nadmin-password = none\nsmsbox-port = %d\nsmsbox-interface = 127.0.0.1\n"
		 "box-allow-ip = 127.0.0.1\nstore-type = file\nstore-location = \"%s/store\"\ndlr-storage = internal\nsms-resend-freq = 1\n\n"
		 "group = smsc\nsmsc = fake\nsmsc-id = F\nport = %d\nconnect-allow-ip = 127.0.0.1\n\n"
		 "group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = %d\nsendsms-interface = 127.0.0.1\nmo-recode = true\n"
		 "http-request-retry = 20\nhttp-queue-delay = 1\n\n"
		 "group = sendsms-user\nusername = mttq\npassword = 0123456789abcdef\nmax-messages = 10\nconcatenation = true\n\n"
		 "group = sms-service\nkeyword = default\ncatch-all = true\nmax-messages = 0\nget-url = "
		 "\"http://127.0.0.1:%d/hooks/kannel/hook-0123456789abcdef/inbound?id=%%I&from=%%p&to=%%P&text=%%b\"\n",
		 w->ports[PORT_ADMIN], w->ports[PORT_SMSBOX], w->g->dir, w->ports[PORT_SMSC], w->ports[PORT_SENDSMS], w->ports[PORT_WEB]);
	put_file(w, "kannel.conf", text);
}

static void make_gateway(struct world *w, const char *rate)
{
	char channels[512], more[256], secrets[GATEWAY_PATH_MAX + 16];
	snprintf(channels, sizeof(channels),
		 "{ name = \"kannel\"; driver = \"http\"; provider = \"kannel\"; base_url = \"http://127.0.0.1:%d\"; sender = \"MTTQ\"; "
		 "options = { username = \"mttq\"; }; secrets = { password = \"k.password\"; }; webhook_secret = \"k.hook\"; rate_per_second = %s; "
		 "in_flight = 8; retry = { first_s = 0.5; factor = 1; cap_s = 0.5; }; }",
		 w->ports[PORT_SENDSMS], rate);
	snprintf(more, sizeof(more), "web = { listen = \"127.0.0.1:%d\"; public_url = \"http://127.0.0.1:%d\"; };", w->ports[PORT_WEB], w->ports[PORT_WEB]);
	w->g = gateway_new(&(struct gateway_options){ .channels = channels, .more = more, .no_init = true });
	snprintf(secrets, sizeof(secrets), "%s/secrets", w->g->dir);
	assert_true(mkdir(secrets, 0700) == 0 || access(secrets, F_OK) == 0);
	put_file(w, "secrets/k.password", "0123456789abcdef");
	put_file(w, "secrets/k.hook", "hook-0123456789abcdef");
	gateway_init(w->g);
}

static int world_new(void **state)
{
	if (access(BEARERBOX, X_OK) || access(SMSBOX, X_OK)) {
		print_message("Kannel is not installed: nothing of it is tried\n");
		*state = NULL;
		return 0;
	}
	struct world *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	const char *people = getenv("KANNEL_PEOPLE");
	w->people = people ? (int)strtol(people, NULL, 10) : PEOPLE;
	assert_true(w->people >= 100 && w->people <= PEOPLE_MAX);
	w->smsc = -1;
	*state = w;
	find_ports(w->ports);
	make_gateway(w, w->people > PEOPLE ? "500" : "80");
	configure_kannel(w);
	kannel_start(w);
	gateway_start(w->g);
	gateway_people(w->g, "dan", 0, w->people);
	return 0;
}

static int world_free(void **state)
{
	struct world *w = *state;
	if (!w)
		return 0;
	kannel_kill(w);
	gateway_free(w->g);
	buffer_done(&w->lines);
	free(w);
	return 0;
}

/* ---- laws ---- */

static void everything_arrives_once_and_its_reports_come_back(void **state)
{
	struct world *w = *state;
	if (!w)
		skip();
	gateway_campaign(w->g, "dan", "kannel", TEXT, w->people);
	wait_for(w, "delivered", "SELECT count(*) FROM v_msg WHERE state = 'delivered'", w->people);
	smsc_read(w);
	assert_int_equal(w->n_arrived, w->people);
	for (int i = 0; i < w->people; i++)
		assert_int_equal(w->arrived[i], 1);
	static const char mo[] = "+84900000003 8088 text Cho toi hoi ve the BHYT\n";
	assert_int_equal(write(w->smsc, mo, sizeof(mo) - 1), sizeof(mo) - 1);
	wait_for(w, "inbound", "SELECT count(*) FROM v_inbound WHERE channel = 'kannel' AND state = 'handled'", 1);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM v_inbound"), 1);
}

static void a_kannel_killed_in_the_middle_loses_nothing_of_ours_and_doubles_nothing(void **state)
{
	struct world *w = *state;
	if (!w)
		skip();
	gateway_campaign(w->g, "dan", "kannel", TEXT, w->people);
	wait_arrived(w, w->people / 4);
	kannel_kill(w);
	gateway_pause_ms(300); /* some requests meet a closed port: certainly not sent, tried again */
	kannel_start(w);
	json_decref(gateway_do(w->g, "channel.resume", json_pack("{s:s}", "name", "kannel"))); /* the breaker would rest half a minute */
	wait_for(w, "decided", "SELECT count(*) FROM v_msg WHERE state IN ('sent', 'delivered', 'unclear')", w->people);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM v_msg"), w->people);
	/* handed over at most once each: what the SMSC has twice, Kannel doubled out of its store */
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM (SELECT msg_id FROM v_attempt WHERE outcome IN ('accepted', 'unclear') "
					      "GROUP BY msg_id HAVING count(*) > 1) AS twice"), 0);
	int64_t doubt = gateway_scalar(w->g, "SELECT count(*) FROM v_msg WHERE state = 'unclear'");
	assert_true(doubt <= 8); /* what was in flight when it died */
	wait_arrived(w, w->people / 2);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything_arrives_once_and_its_reports_come_back, world_new, world_free),
		cmocka_unit_test_setup_teardown(a_kannel_killed_in_the_middle_loses_nothing_of_ours_and_doubles_nothing, world_new, world_free),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
