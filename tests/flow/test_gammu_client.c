/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debian's gammu, which knows nothing of us, works on sim-modem in each of its profiles: that the simulator is a modem
 * and not a mirror of our own driver. Skipped where there is no gammu. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/own.h"
#include "tests/support/simmodem.h"

#define GAMMU "/usr/bin/gammu"
#define OUTPUT_BYTES 65536

struct client {
	struct simmodem modem;
	char config[SIMMODEM_PATH_MAX + 16];
	char output[OUTPUT_BYTES];
};

static void start(struct client *c, const char *profile)
{
	if (access(GAMMU, X_OK))
		skip();
	simmodem_start(&c->modem, (const char *[]){ "--profile", profile, NULL });
	snprintf(c->config, sizeof(c->config), "%s/gammurc", c->modem.dir);
	FILE *f = fopen(c->config, "w");
	assert_non_null(f);
	fprintf(f, "[gammu]\ndevice=%s\nconnection=at\n", c->modem.link);
	fclose(f);
}

static void stop(struct client *c)
{
	unlink(c->config);
	simmodem_stop(&c->modem);
}

static void run_gammu(const struct client *c, int out, const char *const *arguments)
{
	const char *argv[16] = { GAMMU, "-c", c->config };
	char *const environment[] = { (char[]){ "LC_ALL=C.UTF-8" }, NULL };
	for (int n = 3; *arguments && n < 15; arguments++)
		argv[n++] = *arguments;
	int nothing = open("/dev/null", O_RDONLY);
	dup2(nothing, 0);
	dup2(out, 1);
	dup2(out, 2);
	execve(GAMMU, (char *const *)argv, environment);
	_exit(127);
}

/* Runs gammu with arguments, which must succeed; what it printed. */
static const char *gammu(struct client *c, const char *const *arguments)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		run_gammu(c, ends[1], arguments);
	close(ends[1]);
	size_t n = 0;
	for (ssize_t got; n < OUTPUT_BYTES - 1 && (got = read(ends[0], c->output + n, OUTPUT_BYTES - 1 - n)) > 0;)
		n += (size_t)got;
	c->output[n] = '\0';
	close(ends[0]);
	int status;
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("gammu %s: %s", arguments[0], c->output);
	return c->output;
}

#define RUN(c, ...) gammu(c, (const char *[]){ __VA_ARGS__, NULL })

static void expect_heard(struct client *c, const char *number, const char *text)
{
	char operation[128];
	snprintf(operation, sizeof(operation), "{\"op\":\"heard\",\"number\":\"%s\"}", number);
	json_t *answer = simmodem_ask(&c->modem, operation);
	json_t *texts = json_object_get(answer, "texts");
	assert_int_equal(json_array_size(texts), 1);
	assert_string_equal(json_string_value(json_array_get(texts, 0)), text);
	assert_int_equal(json_integer_value(json_object_get(answer, "incomplete")), 0);
	json_decref(answer);
}

static void identifies_and_sees_the_network(void **state)
{
	struct client c;
	start(&c, *state);
	assert_non_null(strstr(RUN(&c, "identify"), "359000000000001"));
	RUN(&c, "networkinfo");
	assert_non_null(strstr(c.output, "home network"));
	assert_non_null(strstr(c.output, "452 04"));
	stop(&c);
}

static void sends_long_and_unicode_texts(void **state)
{
	static const char longer[] =
		"Thong bao tiem chung: ba con dua tre tu 9 thang den 24 thang tuoi den tram y te xa vao sang thu bay tuan nay "
		"tu 7 gio den 11 gio, mang theo so tiem chung. {Lien he} [tram y te] de biet them chi tiet. Xin cam on!";
	static const char accents[] = "Ngày mai có mưa lớn, bà con ở vùng trũng chuyển lên nhà văn hoá xã trước 16 giờ. Xin cảm ơn! 😀";
	struct client c;
	start(&c, *state);
	RUN(&c, "sendsms", "TEXT", "+84912345678", "-len", "400", "-text", longer);
	RUN(&c, "sendsms", "TEXT", "+84912345679", "-len", "400", "-unicode", "-report", "-text", accents);
	expect_heard(&c, "+84912345678", longer);
	expect_heard(&c, "+84912345679", accents);
	assert_int_equal(simmodem_sent(&c.modem), 4);
	stop(&c);
}

static void reads_and_deletes_what_villagers_wrote(void **state)
{
	struct client c;
	start(&c, *state);
	simmodem_tell(&c.modem, "{\"op\":\"deliver\",\"from\":\"+84987654321\",\"text\":\"Chào bà con ở xã Đông Hà\"}");
	simmodem_tell(&c.modem, "{\"op\":\"deliver\",\"from\":\"VIETTEL\",\"text\":\"QC {x} 100%\"}");
	RUN(&c, "getallsms");
	assert_non_null(strstr(c.output, "Chào bà con ở xã Đông Hà"));
	assert_non_null(strstr(c.output, "\"+84987654321\""));
	assert_non_null(strstr(c.output, "QC {x} 100%"));
	assert_non_null(strstr(c.output, "\"VIETTEL\""));
	RUN(&c, "deletesms", "1", "1");
	json_t *storage = simmodem_ask(&c.modem, "{\"op\":\"storage\"}");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(storage, "SM"), "used")), 1);
	json_decref(storage);
	stop(&c);
}

static void asks_ussd(void **state)
{
	struct client c;
	start(&c, *state);
	assert_non_null(strstr(RUN(&c, "getussd", "*101#"), "Tai khoan goc: 25000d, HSD 31/12/2027."));
	simmodem_tell(&c.modem, "{\"op\":\"ussd\",\"code\":\"*101#\",\"reply\":\"Tài khoản gốc: 25.000đ\"}");
	assert_non_null(strstr(RUN(&c, "getussd", "*101#"), "Tài khoản gốc: 25.000đ"));
	stop(&c);
}

#define ON(profile, test) { #test " on " profile, test, NULL, NULL, (char[]){ profile } }

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON("generic", identifies_and_sees_the_network), ON("huawei", identifies_and_sees_the_network),
		ON("sim800", identifies_and_sees_the_network), ON("zte", identifies_and_sees_the_network),
		ON("quectel", identifies_and_sees_the_network), ON("quectel", sends_long_and_unicode_texts),
		ON("generic", sends_long_and_unicode_texts), ON("huawei", sends_long_and_unicode_texts),
		ON("sim800", sends_long_and_unicode_texts), ON("generic", reads_and_deletes_what_villagers_wrote),
		ON("huawei", reads_and_deletes_what_villagers_wrote), ON("sim800", reads_and_deletes_what_villagers_wrote),
		ON("generic", asks_ussd), ON("huawei", asks_ussd), ON("sim800", asks_ussd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
