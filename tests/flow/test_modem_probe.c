/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-gammu --probe: what it finds on a modem of each make, and the sentence it has for each port that is no use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/simmodem.h"

#define REPORT_BYTES 65536

static void run_program(const char *device, const char *format, int out)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < 2; i++)
		*strrchr(path, '/') = '\0';
	snprintf(path + strlen(path), sizeof(path) - strlen(path), "/caunoi-gammu");
	dup2(out, 1);
	execl(path, "caunoi-gammu", "--probe", device, format, NULL);
	_exit(127);
}

/* What the program wrote, the caller's; *ret_status its exit code. */
static char *probe(const char *device, const char *format, int *ret_status)
{
	int ends[2], status = 0;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		run_program(device, format, ends[1]);
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
	OWN(mem) char *text = probe(device, "--json", &status);
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
	OWN(fd) int mute = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[64];
	assert_true(mute >= 0 && !grantpt(mute) && !unlockpt(mute) && !ptsname_r(mute, name, sizeof(name)));
	OWN(json) json_t *r = report_of(name, 1);
	assert_problem("mute port", r, "nothing on this port answers");
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
	OWN(mem) char *good = probe(m.link, NULL, &status);
	assert_non_null(strstr(good, "For the configuration"));
	simmodem_stop(&m);
	OWN(mem) char *bad = probe("/nonexistent/ttyUSB0", NULL, &status);
	assert_non_null(strstr(bad, "What to do: plug the modem in"));
	assert_int_equal(status, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probe_knows_each_make_and_writes_the_configuration),
		cmocka_unit_test(probe_says_what_keeps_a_modem_from_sending),
		cmocka_unit_test(probe_says_what_a_port_is_that_is_no_modem),
		cmocka_unit_test(probe_leaves_a_modem_that_another_program_uses),
		cmocka_unit_test(probe_tells_a_person_in_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
