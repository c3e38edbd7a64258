/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-gammu --probe: what it finds on a modem of each make, and the sentence it has for each port that is no use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/simmodem.h"
#include "tests/support/stick.h"
#include "tests/support/stranger.h"

#define REPORT_BYTES 65536

/* Ports of a stick, which only the program sees; NULL = none. */
struct stick {
	char folder[64];
	const char *ports[3];
};
#define NO_STICK 77

static void run_program(const struct stick *stick, const char *device, const char *format, int out)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < 2; i++)
		*strrchr(path, '/') = '\0';
	snprintf(path + strlen(path), sizeof(path) - strlen(path), "/caunoi-gammu");
	dup2(out, 1);
	if (stick && stick_plug_in(stick->folder, stick->ports, COUNT_OF(stick->ports)))
		_exit(NO_STICK);
	execl(path, "caunoi-gammu", "--probe", device, format, NULL);
	_exit(127);
}

/* What the program wrote, the caller's; *ret_status its exit code. */
static char *probe(const struct stick *stick, const char *device, const char *format, int *ret_status)
{
	int ends[2], status = 0;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		run_program(stick, device, format, ends[1]);
	close(ends[1]);
	char *text = calloc(1, REPORT_BYTES);
	assert_non_null(text);
	for (size_t n = 0; n < REPORT_BYTES - 1;) {
		ssize_t got = read(ends[0], text + n, REPORT_BYTES - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	close(ends[0]);
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	*ret_status = WEXITSTATUS(status);
	return text;
}

static json_t *report_of(const char *device, int expected_status)
{
	int status;
	OWN(mem) char *text = probe(NULL, device, "--json", &status);
	json_t *report = NULL;
	assert_int_equal(json_parse(text, strlen(text), &report), 0);
	assert_int_equal(status, expected_status);
	return report;
}

static void assert_problem(const char *label, const json_t *report, const char *words)
{
	if (!strstr(json_str(report, "problem", ""), words))
		fail_msg("%s: \"%s\" does not say \"%s\"", label, json_str(report, "problem", ""), words);
	assert_true(strlen(json_str(report, "advice", "")) > 10);
	assert_false(json_flag(report, "usable", true));
}

static const struct {
	const char *profile, *manufacturer, *model;
} makes[] = {
	{ "generic", "Cau Noi", "SIMULATOR" },
	{ "huawei", "huawei", "E173" },
	{ "sim800", "SIMCOM_Ltd", "SIMCOM_SIM800L" },
	{ "zte", "ZTE INCORPORATED", "MF180" },
	{ "quectel", "Quectel", "EC25" },
};

static void probe_knows_each_make_and_writes_the_configuration(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(makes); i++) {
		struct simmodem m;
		simmodem_start(&m, (const char *[]){ "--profile", makes[i].profile, NULL });
		OWN(json) json_t *r = report_of(m.link, 0);
		assert_true(json_flag(r, "usable", false));
		assert_string_equal(json_str(r, "manufacturer", ""), makes[i].manufacturer);
		assert_string_equal(json_str(r, "model", ""), makes[i].model);
		assert_string_equal(json_str(r, "iccid", ""), "8984049000000000001");
		assert_string_equal(json_str(r, "imei", ""), "359000000000001");
		assert_string_equal(json_str(r, "registration", ""), "home");
		assert_string_equal(json_str(r, "operator", ""), "Viettel Mobile");
		assert_int_equal(json_int(json_array_get(json_object_get(r, "storage"), 0), "size", 0), 20);
		assert_non_null(strstr(json_str(r, "configuration", ""), m.link));
		assert_non_null(strstr(json_str(r, "configuration", ""), "networks = [ \"viettel\" ]"));
		assert_int_equal(simmodem_sent(&m), 0);
		simmodem_stop(&m);
	}
}

static const struct {
	const char *label, *operation, *problem, *sim;
} states[] = {
	{ "PIN", "{\"op\":\"sim\",\"pin\":\"1234\"}", "PIN", "pin" },
	{ "PUK", "{\"op\":\"sim\",\"puk\":\"12345678\"}", "PUK", "puk" },
	{ "no SIM", "{\"op\":\"sim\",\"absent\":true}", "no SIM", "absent" },
	{ "searching", "{\"op\":\"registration\",\"stat\":2}", "has not found its network", "ready" },
	{ "denied", "{\"op\":\"registration\",\"stat\":3}", "refuses this SIM", "ready" },
};

static void probe_says_what_keeps_a_modem_from_sending(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(states); i++) {
		struct simmodem m;
		simmodem_start(&m, NULL);
		simmodem_tell(&m, states[i].operation);
		OWN(json) json_t *r = report_of(m.link, 1);
		assert_problem(states[i].label, r, states[i].problem);
		assert_string_equal(json_str(r, "sim", ""), states[i].sim);
		json_t *sim = simmodem_ask(&m, "{\"op\":\"sim\"}");
		assert_int_equal(json_int(sim, "pin_tried", -1), 0);
		json_decref(sim);
		simmodem_stop(&m);
	}
}

/* A port that says the same for ever, whatever it is asked; a child, whose terminal is at name. */
static pid_t babble(const char *text, size_t n, char name[64])
{
	const struct timespec moment = { .tv_nsec = 50000000 };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	assert_true(master >= 0 && !grantpt(master) && !unlockpt(master) && !ptsname_r(master, name, 64));
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid) {
		close(master);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (char heard[256];; nanosleep(&moment, NULL)) {
		(void)!read(master, heard, sizeof(heard));
		(void)!write(master, text, n);
	}
}

static void end(pid_t child)
{
	assert_true(!kill(child, SIGKILL) && waitpid(child, NULL, 0) == child);
}

#define DIAGNOSIS "\x7e\x13\x01OK\x0d\x7e+CMGS\x7e"
#define POSITION "$GPGGA,075905,2101.7,N,10551.0,E,1,05,1.0,11,M,,,,*6B\r\n"

static void probe_says_what_a_port_is_that_is_no_modem(void **state)
{
	static const char *const paths[][2] = {
		{ "/nonexistent/ttyUSB0", "no such device" }, { "/etc/passwd/ttyUSB0", "no such device" },
		{ "/etc/passwd", "no serial port" },	      { "/dev/null", "no serial port" }, { "/dev", "no serial port" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		OWN(json) json_t *r = report_of(paths[i][0], 1);
		assert_problem(paths[i][0], r, paths[i][1]);
	}
	char name[64];
	pid_t diagnosis = babble(DIAGNOSIS, sizeof(DIAGNOSIS) - 1, name);
	OWN(json) json_t *r = report_of(name, 1);
	assert_problem("another port of the stick", r, "nothing on this port answers");
	end(diagnosis);
}

static void probe_leaves_a_modem_that_another_program_uses(void **state)
{
	struct simmodem m;
	(void)state;
	simmodem_start(&m, NULL);
	int held = open(m.link, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(held >= 0 && !flock(held, LOCK_EX | LOCK_NB));
	OWN(json) json_t *r = report_of(m.link, 1);
	assert_problem("held", r, "another program uses the device");
	close(held);
	simmodem_stop(&m);
}

static void probe_tells_a_person_in_lines(void **state)
{
	struct simmodem m;
	int status;
	(void)state;
	simmodem_start(&m, NULL);
	OWN(mem) char *good = probe(NULL, m.link, NULL, &status);
	assert_non_null(strstr(good, "For the configuration"));
	simmodem_stop(&m);
	OWN(mem) char *bad = probe(NULL, "/nonexistent/ttyUSB0", NULL, &status);
	assert_non_null(strstr(bad, "What to do: plug the modem in"));
	assert_int_equal(status, 1);
}

/* ---- a stick of three ports ----------------------------------------------------------------------------------- */

static void probe_finds_the_right_port_of_a_stick(void **state)
{
	static const struct stranger_manner manner = { .label = "the right port" };
	(void)state;
	char diagnosis[64], position[64];
	int status;
	struct stick stick = { .folder = "/tmp/stick-XXXXXX" };
	struct stranger modem;
	stranger_start(&modem, &manner);
	pid_t babblers[] = { babble(DIAGNOSIS, sizeof(DIAGNOSIS) - 1, diagnosis), babble(POSITION, sizeof(POSITION) - 1, position) };
	assert_non_null(mkdtemp(stick.folder));
	stick.ports[0] = modem.link;
	stick.ports[1] = diagnosis;
	stick.ports[2] = position;
	OWN(mem) char *text = probe(&stick, "/dev/ttyUSB2", "--json", &status);
	end(babblers[0]);
	end(babblers[1]);
	stranger_stop(&modem);
	rmdir(stick.folder);
	if (status == NO_STICK)
		skip();
	OWN(json) json_t *r = NULL;
	assert_int_equal(json_parse(text, strlen(text), &r), 0);
	assert_int_equal(status, 0);
	assert_true(json_flag(r, "usable", false));
	assert_string_equal(json_str(r, "device", ""), "/dev/ttyUSB0");
	assert_string_equal(json_str(r, "model", ""), "S1");
	assert_non_null(strstr(json_str(r, "configuration", ""), "device = \"/dev/ttyUSB0\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probe_knows_each_make_and_writes_the_configuration),
		cmocka_unit_test(probe_says_what_keeps_a_modem_from_sending),
		cmocka_unit_test(probe_says_what_a_port_is_that_is_no_modem),
		cmocka_unit_test(probe_leaves_a_modem_that_another_program_uses),
		cmocka_unit_test(probe_finds_the_right_port_of_a_stick),
		cmocka_unit_test(probe_tells_a_person_in_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
