/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debian's smstools, a second client that knows nothing of us and works quite otherwise than gammu, sends and receives on
 * sim-modem. Skipped where there is no smsd. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "tests/support/simmodem.h"

#define SMSD "/usr/sbin/smsd"
#define PATH_BYTES (SIMMODEM_PATH_MAX + 160)
#define LIMIT_MS 60000
#define STEP_MS 100

static const char *const folders[] = { "outgoing", "checked", "incoming", "sent", "failed" };

struct client {
	struct simmodem modem;
	pid_t smsd;
};

static void place(const struct client *c, const char *name, char ret[PATH_BYTES])
{
	snprintf(ret, PATH_BYTES, "%s/%s", c->modem.dir, name);
}

static void write_configuration(const struct client *c)
{
	char path[PATH_BYTES];
	place(c, "conf", path);
	OWN(file) FILE *f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "devices = GSM1\ndelaytime = 1\nerrorsleeptime = 1\n");
	for (size_t i = 0; i < COUNT_OF(folders); i++)
		fprintf(f, "%s = %s/%s\n", folders[i], c->modem.dir, folders[i]);
	fprintf(f, "logfile = %s/log\ninfofile = %s/info\npidfile = %s/pid\n", c->modem.dir, c->modem.dir, c->modem.dir);
	fprintf(f, "[GSM1]\ndevice = %s\nincoming = yes\npre_init = no\n", c->modem.link);
}

static void run_smsd(const struct client *c)
{
	char path[PATH_BYTES];
	char *const environment[] = { NULL };
	int nothing = open("/dev/null", O_RDWR);
	place(c, "conf", path);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	for (int i = 0; i < 3; i++)
		dup2(nothing, i);
	execve(SMSD, (char *const[]){ (char *)"smsd", (char *)"-t", (char *)"-c", path, NULL }, environment);
	_exit(127);
}

static void start(struct client *c, const char *profile)
{
	char path[PATH_BYTES];
	if (access(SMSD, X_OK))
		skip();
	simmodem_start(&c->modem, (const char *[]){ "--profile", profile, NULL });
	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		place(c, folders[i], path);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	write_configuration(c);
	c->smsd = fork();
	assert_true(c->smsd >= 0);
	if (!c->smsd)
		run_smsd(c);
}

static void empty_folder(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	char file[PATH_BYTES + 260];
	while (d && (e = readdir(d))) {
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		unlink(file);
	}
	if (d)
		closedir(d);
}

static void stop(struct client *c)
{
	static const char *const files[] = { "conf", "log", "info", "pid" };
	char path[PATH_BYTES];
	kill(-c->smsd, SIGKILL); /* it runs a process for each modem, in the group that the child made */
	waitpid(c->smsd, NULL, 0);
	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		place(c, folders[i], path);
		empty_folder(path);
		rmdir(path);
	}
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		place(c, files[i], path);
		unlink(path);
	}
	simmodem_stop(&c->modem);
}

static void pause_step(void)
{
	const struct timespec t = { .tv_nsec = STEP_MS * 1000000 };
	nanosleep(&t, NULL);
}

/* smsd takes a file once it has been closed for a moment; hence it is made elsewhere and moved in. */
static void hand_over(const struct client *c, const char *text)
{
	char made[PATH_BYTES], there[PATH_BYTES];
	place(c, "made", made);
	place(c, "outgoing/one", there);
	OWN(file) FILE *f = fopen(made, "w");
	assert_non_null(f);
	fprintf(f, "To: 84912345678\n\n%s\n", text);
	fflush(f);
	assert_int_equal(rename(made, there), 0);
}

static bool heard(struct client *c, const char *text)
{
	json_t *a = simmodem_ask(&c->modem, "{\"op\":\"heard\",\"number\":\"+84912345678\"}");
	json_t *texts = json_object_get(a, "texts");
	const char *got = json_string_value(json_array_get(texts, 0));
	bool found = json_array_size(texts) == 1 && got && !strncmp(got, text, strlen(text));
	json_decref(a);
	return found;
}

static bool is_in(const char *folder, const char *text)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	bool found = false;
	while (d && !found && (e = readdir(d))) {
		char file[PATH_BYTES + 260], line[512];
		snprintf(file, sizeof(file), "%s/%s", folder, e->d_name);
		OWN(file) FILE *f = e->d_name[0] == '.' ? NULL : fopen(file, "r");
		while (f && !found && fgets(line, sizeof(line), f))
			found = strstr(line, text) != NULL;
	}
	if (d)
		closedir(d);
	return found;
}

static void sends_and_receives(void **state)
{
	static const char said[] = "Thong bao hop thon toi nay", asked[] = "Toi muon hoi ve bao hiem";
	struct client c;
	char incoming[PATH_BYTES], operation[160];
	int waited = 0;
	start(&c, *state);
	hand_over(&c, said);
	for (; !heard(&c, said) && waited < LIMIT_MS; waited += STEP_MS)
		pause_step();
	assert_true(heard(&c, said));
	snprintf(operation, sizeof(operation), "{\"op\":\"deliver\",\"from\":\"+84987654321\",\"text\":\"%s\"}", asked);
	simmodem_tell(&c.modem, operation);
	place(&c, "incoming", incoming);
	for (; !is_in(incoming, asked) && waited < LIMIT_MS; waited += STEP_MS)
		pause_step();
	assert_true(is_in(incoming, asked));
	stop(&c);
}

#define ON(profile) { "smstools sends and receives on " profile, sends_and_receives, NULL, NULL, (char[]){ profile } }

int main(void)
{
	const struct CMUnitTest tests[] = { ON("generic"), ON("sim800"), ON("quectel") };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
