/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rig of the modem driver's flows. A driver that ends is started again, as the core does it. */
#include "tests/support/modemrig.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"

#define READ_BYTES 65536
#define STEP_MS 200
#define AGAIN_MS 200 /* before a driver that ended is started again */

int64_t modemrig_now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the driver ----------------------------------------------------------------------------------------------- */

/* build/tests/test_x → build/caunoi-gammu */
static void program_path(char ret[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	assert_true(n > 0);
	self[n] = '\0';
	for (int i = 0; i < 2; i++)
		*strrchr(self, '/') = '\0';
	assert_true(snprintf(ret, PATH_MAX, "%s/caunoi-gammu", self) < PATH_MAX);
}

static void run_program(int in, int out)
{
	char path[PATH_MAX];
	char *const argv[] = { (char *)"caunoi-gammu", NULL };
	program_path(path);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(in, 0);
	dup2(out, 1);
	execv(path, argv);
	_exit(127);
}

static json_t *hello(const struct modemrig *r)
{
	json_t *config = r->config ? json_deep_copy(r->config) : json_object();
	assert_non_null(config);
	assert_int_equal(json_set_str(config, "device", r->device), 0);
	return json_pack("{s:s,s:i,s:s,s:o,s:o}", "op", "hello", "version", 1, "channel", "sim1", "config", config, "secrets",
			 r->secrets ? json_deep_copy(r->secrets) : json_object());
}

void modemrig_start_driver(struct modemrig *r)
{
	int in[2], out[2];
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	r->driver = fork();
	assert_true(r->driver >= 0);
	if (!r->driver)
		run_program(in[0], out[1]);
	close(in[0]);
	close(out[1]);
	r->to = in[1];
	r->from = out[0];
	r->n_starts++;
	modemrig_say(r, hello(r));
}

static void reap(struct modemrig *r)
{
	waitpid(r->driver, &r->status, 0);
	close(r->to);
	close(r->from);
	buffer_done(&r->in);
	r->driver = 0;
}

void modemrig_kill_driver(struct modemrig *r)
{
	if (r->driver <= 0)
		return;
	kill(r->driver, SIGKILL);
	reap(r);
}

void modemrig_start_at(struct modemrig *r, const char *device, json_t *config, json_t *secrets)
{
	signal(SIGPIPE, SIG_IGN);
	*r = (struct modemrig){ .modem = r->modem, .frames = json_array(), .config = config, .secrets = secrets };
	snprintf(r->device, sizeof(r->device), "%s", device);
	modemrig_start_driver(r);
}

void modemrig_start(struct modemrig *r, const char *const *modem_arguments, json_t *config, json_t *secrets)
{
	simmodem_start(&r->modem, modem_arguments);
	modemrig_start_at(r, r->modem.link, config, secrets);
	modemrig_expect_credit(r, 0, 1);
}

void modemrig_stop(struct modemrig *r)
{
	modemrig_kill_driver(r);
	if (r->modem.pid)
		simmodem_stop(&r->modem);
	json_decref(r->frames);
	json_decref(r->config);
	json_decref(r->secrets);
}

int modemrig_set_up(void **state)
{
	struct modemrig *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	modemrig_start(r, NULL, json_pack("{s:s,s:i}", "connection", "at115200", "submit_deadline_s", MODEMRIG_DEADLINE_S), NULL);
	*state = r;
	return 0;
}

int modemrig_tear_down(void **state)
{
	modemrig_stop(*state);
	free(*state);
	return 0;
}

/* ---- frames --------------------------------------------------------------------------------------------------- */

void modemrig_say(struct modemrig *r, json_t *frame)
{
	struct buffer b = { 0 };
	assert_int_equal(json_put_line(&b, frame), 0);
	json_decref(frame);
	ssize_t n = write(r->to, b.data, b.n_bytes);
	if (n < 0 && errno == EPIPE)
		n = (ssize_t)b.n_bytes; /* its driver has just ended; whoever waits for an answer sees the next one start */
	assert_int_equal(n, b.n_bytes);
	buffer_done(&b);
}

json_t *modemrig_ask(struct modemrig *r, json_t *operation)
{
	char *text = json_text(operation);
	assert_non_null(text);
	json_t *answer = simmodem_ask(&r->modem, text);
	free(text);
	json_decref(operation);
	return answer;
}

void modemrig_tell(struct modemrig *r, json_t *operation)
{
	json_decref(modemrig_ask(r, operation));
}

void modemrig_script(struct modemrig *r, json_t *fault)
{
	modemrig_tell(r, json_pack("{s:s,s:b,s:[o]}", "op", "script", "clear", 1, "faults", fault));
}

static void take_line(struct modemrig *r, const char *line, size_t n)
{
	json_t *f = NULL;
	assert_int_equal(json_parse(line, n, &f), 0);
	const char *op = json_str(f, "op", "");
	if (!r->mute && (!strcmp(op, "inbound") || !strcmp(op, "receipt")))
		modemrig_say(r, json_pack("{s:s,s:s}", "op", "stored", "id", json_str(f, "id", "")));
	json_array_append_new(r->frames, f);
}

static void start_again(struct modemrig *r)
{
	const struct timespec t = { .tv_nsec = AGAIN_MS * 1000000 };
	reap(r);
	if (r->alone)
		return;
	if (!WIFEXITED(r->status))
		fail_msg("the driver was ended by signal %d", WTERMSIG(r->status));
	nanosleep(&t, NULL);
	modemrig_start_driver(r);
}

void modemrig_listen(struct modemrig *r, int64_t for_ms)
{
	struct pollfd p = { .fd = r->driver > 0 ? r->from : -1, .events = POLLIN };
	if (poll(&p, 1, (int)for_ms) <= 0)
		return;
	char *chunk = malloc(READ_BYTES);
	assert_non_null(chunk);
	ssize_t n = read(r->from, chunk, READ_BYTES);
	if (n > 0)
		assert_int_equal(buffer_put(&r->in, chunk, (size_t)n), 0);
	free(chunk);
	for (const char *end; (end = memchr(buffer_text(&r->in), '\n', buffer_left(&r->in)));) {
		size_t length = (size_t)(end - buffer_text(&r->in));
		take_line(r, buffer_text(&r->in), length);
		buffer_take(&r->in, length + 1);
	}
	if (n <= 0)
		start_again(r);
}

size_t modemrig_n(const struct modemrig *r)
{
	return json_array_size(r->frames);
}

bool modemrig_fits(const json_t *frame, const char *op, const char *key, const char *value)
{
	return !strcmp(json_str(frame, "op", ""), op) && (!key || !strcmp(json_str(frame, key, ""), value));
}

size_t modemrig_count(const struct modemrig *r, const char *op, const char *key, const char *value)
{
	size_t n = 0, i;
	json_t *f;
	json_array_foreach(r->frames, i, f)
		n += modemrig_fits(f, op, key, value);
	return n;
}

json_t *modemrig_expect(struct modemrig *r, size_t from, const char *op, const char *key, const char *value)
{
	for (int64_t until = modemrig_now_ms() + MODEMRIG_LIMIT_MS;; modemrig_listen(r, STEP_MS)) {
		for (size_t i = from; i < modemrig_n(r); i++)
			if (modemrig_fits(json_array_get(r->frames, i), op, key, value))
				return json_array_get(r->frames, i);
		if (modemrig_now_ms() >= until)
			fail_msg("no frame %s %s=%s", op, key ? key : "", value ? value : "");
	}
}

void modemrig_expect_credit(struct modemrig *r, size_t from, int credit)
{
	for (int64_t until = modemrig_now_ms() + MODEMRIG_LIMIT_MS;; modemrig_listen(r, STEP_MS)) {
		for (size_t i = from; i < modemrig_n(r); i++) {
			const json_t *f = json_array_get(r->frames, i);
			if (modemrig_fits(f, "ready", NULL, NULL) && json_int(f, "credit", -1) == credit)
				return;
		}
		if (modemrig_now_ms() >= until)
			fail_msg("no credit %d", credit);
	}
}

/* ---- messages ------------------------------------------------------------------------------------------------- */

json_t *modemrig_submit(struct modemrig *r, const char *to, const struct modemrig_message *m)
{
	char attempt[16];
	snprintf(attempt, sizeof(attempt), "a%d", ++r->n_attempts);
	size_t from = modemrig_n(r);
	modemrig_say(r, json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:i,s:s,s:s,s:i,s:b,s:b}", "op", "submit", "attempt", attempt, "to", to,
				  "text", m->text, "encoding", m->encoding, "part", m->part, "parts", m->parts, "udh_ref", m->ref, "key",
				  "k", "sender", "", "validity_s", 86400, "receipt", m->receipt, "flash", 0));
	return modemrig_expect(r, from, "result", "attempt", attempt);
}

json_t *modemrig_submit_text(struct modemrig *r, const char *text)
{
	return modemrig_submit(r, HANDSET, &(struct modemrig_message){ text, "gsm7", 1, 1, 0, false });
}

size_t modemrig_sent(struct modemrig *r)
{
	return (size_t)simmodem_sent(&r->modem);
}

int modemrig_heard(struct modemrig *r, const char *text)
{
	json_t *a = modemrig_ask(r, json_pack("{s:s,s:s}", "op", "heard", "number", HANDSET)), *t;
	int n = 0;
	size_t i;
	json_array_foreach(json_object_get(a, "texts"), i, t)
		n += !strcmp(json_string_value(t), text);
	json_decref(a);
	return n;
}

int64_t modemrig_used(struct modemrig *r, const char *memory)
{
	json_t *a = modemrig_ask(r, json_pack("{s:s}", "op", "storage"));
	int64_t n = json_int(json_object_get(a, memory), "used", -1);
	json_decref(a);
	return n;
}

void modemrig_wait_empty(struct modemrig *r)
{
	for (int64_t until = modemrig_now_ms() + MODEMRIG_LIMIT_MS; modemrig_used(r, "SM") + modemrig_used(r, "SR");) {
		if (modemrig_now_ms() > until)
			fail_msg("the modem still holds messages");
		modemrig_listen(r, 50);
	}
}
