/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-gammu against the simulated modem, over real pipes and a real pseudo terminal. Programs are taken from the folder
 * in CAUNOI_BUILD, else build/. What counts is what the handset got, not what the driver says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/json.h"

#define HANDSET "+84912345678"
#define VILLAGER "+84987654321"

struct rig {
	char dir[64], tty[96], control[96];
	pid_t modem, driver;
	int to, from;
	struct buffer in;
	json_t *frames; /* all so far */
	int n_attempts;
	bool mute;	/* do not answer stored */
};

/* ---- the rig -------------------------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void pause_ms(long ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
	nanosleep(&t, NULL);
}

static pid_t start(const char *program, char *const argv[], int in, int out)
{
	char path[512];
	const char *build = getenv("CAUNOI_BUILD");
	snprintf(path, sizeof(path), "%s/%s", build ? build : "build", program);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (in >= 0)
		dup2(in, 0);
	if (out >= 0)
		dup2(out, 1);
	execv(path, argv);
	_exit(127);
}

static json_t *control(struct rig *r, json_t *request)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", r->control);
	for (int i = 0; i < 50 && connect(fd, (struct sockaddr *)&a, sizeof(a)); i++)
		pause_ms(100);
	struct buffer b = { 0 };
	assert_int_equal(json_put_line(&b, request), 0);
	json_decref(request);
	assert_int_equal(write(fd, b.data, b.n_bytes), (ssize_t)b.n_bytes);
	buffer_done(&b);
	char chunk[4096];
	ssize_t n;
	do {
		n = read(fd, chunk, sizeof(chunk));
		assert_true(n > 0);
		assert_int_equal(buffer_put(&b, chunk, (size_t)n), 0);
	} while (chunk[n - 1] != '\n');
	close(fd);
	json_t *answer = NULL;
	assert_int_equal(json_parse(b.data, b.n_bytes, &answer), 0);
	buffer_done(&b);
	if (!json_flag(answer, "ok", false))
		fail_msg("simulator: %s", json_str(answer, "error", "?"));
	return answer;
}

static void tell(struct rig *r, json_t *request)
{
	json_decref(control(r, request));
}

static void say(struct rig *r, json_t *frame)
{
	struct buffer b = { 0 };
	assert_int_equal(json_put_line(&b, frame), 0);
	json_decref(frame);
	assert_int_equal(write(r->to, b.data, b.n_bytes), (ssize_t)b.n_bytes);
	buffer_done(&b);
}

static void take_line(struct rig *r, const char *line, size_t n)
{
	json_t *f = NULL;
	assert_int_equal(json_parse(line, n, &f), 0);
	const char *op = json_str(f, "op", "");
	if (!r->mute && (!strcmp(op, "inbound") || !strcmp(op, "receipt")))
		say(r, json_pack("{s:s,s:s}", "op", "stored", "id", json_str(f, "id", "")));
	json_array_append_new(r->frames, f);
}

/* Reads for at most for_ms. */
static void listen_ms(struct rig *r, int64_t for_ms)
{
	struct pollfd p = { .fd = r->from, .events = POLLIN };
	if (poll(&p, 1, (int)for_ms) <= 0)
		return;
	char chunk[65536];
	ssize_t n = read(r->from, chunk, sizeof(chunk));
	if (n <= 0)
		fail_msg("the driver ended");
	assert_int_equal(buffer_put(&r->in, chunk, (size_t)n), 0);
	for (const char *end; (end = memchr(buffer_text(&r->in), '\n', buffer_left(&r->in)));) {
		size_t length = (size_t)(end - buffer_text(&r->in));
		take_line(r, buffer_text(&r->in), length);
		buffer_take(&r->in, length + 1);
	}
}

static bool fits(const json_t *frame, const char *op, const char *key, const char *value)
{
	return !strcmp(json_str(frame, "op", ""), op) && (!key || !strcmp(json_str(frame, key, ""), value));
}

static size_t count(struct rig *r, const char *op, const char *key, const char *value)
{
	size_t n = 0, i;
	json_t *f;
	json_array_foreach(r->frames, i, f)
		n += fits(f, op, key, value);
	return n;
}

/* The first such frame from index `from` on, waiting for_ms; borrowed. */
static json_t *expect(struct rig *r, size_t from, const char *op, const char *key, const char *value, int64_t for_ms)
{
	int64_t until = now_ms() + for_ms;
	for (;;) {
		for (size_t i = from; i < json_array_size(r->frames); i++)
			if (fits(json_array_get(r->frames, i), op, key, value))
				return json_array_get(r->frames, i);
		if (now_ms() >= until)
			fail_msg("no frame %s %s=%s in %lld ms", op, key ? key : "", value ? value : "", (long long)for_ms);
		listen_ms(r, until - now_ms() < 200 ? until - now_ms() : 200);
	}
}

static void expect_credit(struct rig *r, size_t from, int credit, int64_t for_ms)
{
	int64_t until = now_ms() + for_ms;
	for (;;) {
		for (size_t i = from; i < json_array_size(r->frames); i++) {
			const json_t *f = json_array_get(r->frames, i);
			if (fits(f, "ready", NULL, NULL) && json_int(f, "credit", -1) == credit)
				return;
		}
		if (now_ms() >= until)
			fail_msg("no credit %d in %lld ms", credit, (long long)for_ms);
		listen_ms(r, 100);
	}
}

static void start_driver(struct rig *r)
{
	int in[2], out[2];
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	char *const argv[] = { (char *)"caunoi-gammu", NULL };
	r->driver = start("caunoi-gammu", argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	r->to = in[1];
	r->from = out[0];
	size_t from = json_array_size(r->frames);
	say(r, json_pack("{s:s,s:i,s:s,s:{s:s,s:s},s:{}}", "op", "hello", "version", 1, "channel", "sim1", "config", "device", r->tty,
			 "connection", "at115200", "secrets"));
	expect_credit(r, from, 1, 30000);
}

static int rig_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	snprintf(r->dir, sizeof(r->dir), "/tmp/gammu-driver-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->tty, sizeof(r->tty), "%s/tty", r->dir);
	snprintf(r->control, sizeof(r->control), "%s/control", r->dir);
	char *const argv[] = { (char *)"sim-modem", (char *)"--link", r->tty, (char *)"--control", r->control, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	r->modem = start("sim-modem", argv, null, null);
	close(null);
	r->frames = json_array();
	tell(r, json_pack("{s:s}", "op", "status"));
	start_driver(r);
	*state = r;
	return 0;
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int rig_down(void **state)
{
	struct rig *r = *state;
	end_process(r->driver);
	end_process(r->modem);
	close(r->to);
	close(r->from);
	unlink(r->tty);
	unlink(r->control);
	rmdir(r->dir);
	buffer_done(&r->in);
	json_decref(r->frames);
	free(r);
	return 0;
}

/* ---- sending -------------------------------------------------------------------------------------------------- */

struct message {
	const char *text, *encoding;
	int part, parts, ref;
	bool receipt;
};

static json_t *submit_to(struct rig *r, const char *to, const struct message *m, int64_t for_ms)
{
	char attempt[16];
	snprintf(attempt, sizeof(attempt), "a%d", ++r->n_attempts);
	size_t from = json_array_size(r->frames);
	say(r, json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:i,s:s,s:s,s:i,s:b,s:b}", "op", "submit", "attempt", attempt, "to", to, "text",
			 m->text, "encoding", m->encoding, "part", m->part, "parts", m->parts, "udh_ref", m->ref, "key", "k", "sender",
			 "", "validity_s", 86400, "receipt", m->receipt, "flash", 0));
	return expect(r, from, "result", "attempt", attempt, for_ms);
}

static json_t *submit(struct rig *r, const char *text, const char *encoding)
{
	return submit_to(r, HANDSET, &(struct message){ text, encoding, 1, 1, 0, false }, 70000);
}

static void assert_outcome(const json_t *result, const char *outcome)
{
	assert_string_equal(json_str(result, "outcome", ""), outcome);
}

static size_t sent_count(struct rig *r)
{
	json_t *a = control(r, json_pack("{s:s}", "op", "sent"));
	size_t n = (size_t)json_int(a, "count", -1);
	json_decref(a);
	return n;
}

/* How often the handset has shown exactly this text. */
static int heard(struct rig *r, const char *text)
{
	json_t *a = control(r, json_pack("{s:s,s:s}", "op", "heard", "number", HANDSET)), *t;
	int n = 0;
	size_t i;
	json_array_foreach(json_object_get(a, "texts"), i, t)
		n += !strcmp(json_string_value(t), text);
	json_decref(a);
	return n;
}

static int64_t used(struct rig *r, const char *memory)
{
	json_t *a = control(r, json_pack("{s:s}", "op", "storage"));
	int64_t n = json_int(json_object_get(a, memory), "used", -1);
	json_decref(a);
	return n;
}

static void wait_empty(struct rig *r, int64_t for_ms)
{
	for (int64_t until = now_ms() + for_ms; used(r, "SM") + used(r, "SR");) {
		if (now_ms() > until)
			fail_msg("the modem still holds messages");
		listen_ms(r, 100);
	}
}

static void script(struct rig *r, json_t *fault)
{
	tell(r, json_pack("{s:s,s:b,s:[o]}", "op", "script", "clear", 1, "faults", fault));
}

static void driver_sends_single_messages_exactly(void **state)
{
	struct rig *r = *state;
	static const char *const texts[][2] = {
		{ "hello {x} @ \xe2\x82\xac ~", "gsm7" },
		{ "Xin ch\xc3\xa0o b\xc3\xa0 con ~ ~~ \xf0\x9f\x98\x80", "ucs2" },
		{ "", "gsm7" },
	};
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		json_t *result = submit(r, texts[i][0], texts[i][1]);
		assert_outcome(result, "accepted");
		assert_true(!strncmp(json_str(result, "reference", ""), "mr:", 3));
		assert_int_equal(heard(r, texts[i][0]), 1);
	}
}

static void driver_parts_are_joined_by_our_reference(void **state)
{
	struct rig *r = *state;
	char text[3][160] = { "", "", "end" }, whole[500];
	memset(text[0], 'A', 153);
	memset(text[1], 'B', 153);
	snprintf(whole, sizeof(whole), "%s%s%s", text[0], text[1], text[2]);
	for (int i = 0; i < 3; i++)
		assert_outcome(submit_to(r, HANDSET, &(struct message){ text[i], "gsm7", i + 1, 3, 177, false }, 70000), "accepted");
	assert_int_equal(heard(r, whole), 1);
}

static void driver_what_is_no_number_never_reaches_the_modem(void **state)
{
	struct rig *r = *state;
	static const char *const numbers[] = { "+84\"\rAT+CMGD=1,4", "+84912\x1a", "", "113 4" };
	size_t before = sent_count(r);
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		json_t *result = submit_to(r, numbers[i], &(struct message){ "x", "gsm7", 1, 1, 0, false }, 5000);
		assert_outcome(result, "refused");
		assert_string_equal(json_str(result, "fault", ""), "recipient");
	}
	assert_int_equal(sent_count(r), before);
}

static const struct {
	int code;
	const char *outcome, *fault;
} errors[] = {
	{ 21, "refused", "message" },  { 30, "refused", "recipient" }, { 38, "not_sent", "channel" }, { 41, "not_sent", "channel" },
	{ 42, "not_sent", "channel" }, { 50, "refused", "message" },   { 304, "refused", "message" }, { 322, "not_sent", "channel" },
	{ 330, "refused", "channel" }, { 332, "unclear", "" },	       { 500, "unclear", "" },	      { 512, "not_sent", "channel" },
	{ 515, "not_sent", "channel" }, { 777, "unclear", "" },
};

static void driver_errors_follow_the_table_and_are_not_repeated(void **state)
{
	struct rig *r = *state;
	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		char code[16];
		size_t before = sent_count(r);
		snprintf(code, sizeof(code), "cms:%d", errors[i].code);
		script(r, json_pack("{s:s,s:s,s:i,s:i}", "on", "cmgs", "action", "cms", "code", errors[i].code, "times", 1));
		json_t *result = submit(r, "table", "gsm7");
		assert_outcome(result, errors[i].outcome);
		assert_string_equal(json_str(result, "fault", ""), errors[i].fault);
		assert_string_equal(json_str(result, "code", ""), code);
		assert_int_equal(sent_count(r), before);
	}
	script(r, json_pack("{s:s,s:s,s:i,s:i}", "on", "cmgs", "action", "cms_at_prompt", "code", 302, "times", 1));
	assert_outcome(submit(r, "at the prompt", "gsm7"), "not_sent");
	assert_int_equal(heard(r, "at the prompt"), 0);
	assert_outcome(submit(r, "after the table", "gsm7"), "accepted");
}

/* ---- receiving ------------------------------------------------------------------------------------------------ */

static void driver_parts_come_singly_and_are_deleted_when_stored(void **state)
{
	struct rig *r = *state;
	r->mute = true;
	size_t from = json_array_size(r->frames);
	tell(r, json_pack("{s:s,s:s,s:s,s:s}", "op", "deliver", "from", VILLAGER, "encoding", "ucs2", "text",
			  "T\xc3\xb4i mu\xe1\xbb\x91n \xc4\x91\xc4\x83ng k\xc3\xbd b\xe1\xba\xa3o hi\xe1\xbb\x83m y t\xe1\xba\xbf cho c\xe1\xba\xa3 "
			  "nh\xc3\xa0, g\xe1\xbb\x93m n\xc4\x83m ng\xc6\xb0\xe1\xbb\x9di, xin h\xc6\xb0\xe1\xbb\x9bng d\xe1\xba\xabn"));
	expect(r, from, "inbound", NULL, NULL, 5000);
	listen_ms(r, 1500);
	listen_ms(r, 500);
	const json_t *parts[2] = { NULL };
	size_t n = 0;
	for (size_t i = from; i < json_array_size(r->frames) && n < 2; i++)
		if (fits(json_array_get(r->frames, i), "inbound", NULL, NULL))
			parts[n++] = json_array_get(r->frames, i);
	assert_int_equal(n, 2);
	for (int i = 0; i < 2; i++) {
		const json_t *udh = json_object_get(parts[i], "udh");
		assert_int_equal(json_int(udh, "total", 0), 2);
		assert_int_equal(json_int(udh, "part", 0), i + 1);
		assert_int_equal(json_int(udh, "bits", 0), 8);
		assert_string_equal(json_str(parts[i], "from", ""), VILLAGER);
		assert_true(*json_str(parts[i], "raw", ""));
	}
	assert_int_equal(used(r, "SM"), 2);
	for (int i = 0; i < 2; i++)
		say(r, json_pack("{s:s,s:s}", "op", "stored", "id", json_str(parts[i], "id", "")));
	r->mute = false;
	wait_empty(r, 5000);
}

#define PDU "07914889200030F0040B914889674523F1000062112270955082"

static void driver_the_same_message_is_offered_once(void **state)
{
	struct rig *r = *state;
	size_t from = json_array_size(r->frames);
	for (int i = 0; i < 3; i++)
		tell(r, json_pack("{s:s,s:s}", "op", "deliver_pdu", "pdu", PDU "05E8329BFD06"));
	const char *id = json_str(expect(r, from, "inbound", "text", "hello", 5000), "id", "");
	wait_empty(r, 10000);
	assert_int_equal(count(r, "inbound", "id", id), 1);
}

static void driver_a_bad_pdu_is_kept_raw_and_stops_nothing(void **state)
{
	struct rig *r = *state;
	static const char *const bad[] = { "07914889200030F004FF914889674523F1", "00", "ABC", "ZZZZ", PDU "FFE832" };
	size_t from = json_array_size(r->frames), before = count(r, "inbound", "text", "");
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		tell(r, json_pack("{s:s,s:s}", "op", "deliver_pdu", "pdu", bad[i]));
	tell(r, json_pack("{s:s,s:s,s:s}", "op", "deliver", "from", VILLAGER, "text", "behind them"));
	expect(r, from, "inbound", "text", "behind them", 25000);
	wait_empty(r, 10000);
	assert_int_equal(count(r, "inbound", "text", "") - before, COUNT_OF(bad));
}

static void check_report(struct rig *r, const char *mode, int status, const char *expected)
{
	tell(r, json_pack("{s:s,s:s,s:i,s:i}", "op", "report", "mode", mode, "status", status, "after_ms", 300));
	size_t from = json_array_size(r->frames);
	json_t *result = submit_to(r, HANDSET, &(struct message){ "with a report", "gsm7", 1, 1, 0, true }, 30000);
	assert_outcome(result, "accepted");
	json_t *receipt = expect(r, from, "receipt", "reference", json_str(result, "reference", ""), 25000);
	assert_string_equal(json_str(receipt, "to", ""), HANDSET);
	assert_string_equal(json_str(receipt, "status", ""), expected);
	wait_empty(r, 5000);
}

static void driver_reports_come_by_either_way(void **state)
{
	struct rig *r = *state;
	check_report(r, "cds", 0, "delivered");
	check_report(r, "cdsi", 0, "delivered");
	check_report(r, "cds", 70, "failed");
	check_report(r, "cdsi", 48, "buffered");
	tell(r, json_pack("{s:s,s:s,s:i}", "op", "report", "mode", "cnmi", "status", 0));
	size_t from = json_array_size(r->frames);
	script(r, json_pack("{s:s,s:s,s:i,s:b}", "on", "cmgs", "action", "report_first", "times", 1, "accept", 1));
	json_t *result = submit_to(r, HANDSET, &(struct message){ "report first", "gsm7", 1, 1, 0, true }, 30000);
	expect(r, from, "receipt", "reference", json_str(result, "reference", "?"), 25000);
	for (size_t i = from; i < json_array_size(r->frames) && json_array_get(r->frames, i) != result; i++)
		assert_false(fits(json_array_get(r->frames, i), "receipt", "reference", json_str(result, "reference", "")));
}

static void driver_ussd_menus_work(void **state)
{
	struct rig *r = *state;
	tell(r, json_pack("{s:s,s:s,s:s,s:b}", "op", "ussd", "code", "*101#", "reply", "1. S\xe1\xbb\x91 d\xc6\xb0", "more", 1));
	tell(r, json_pack("{s:s,s:s,s:s}", "op", "ussd", "code", "*101#>1", "reply", "12345 dong"));
	size_t from = json_array_size(r->frames);
	say(r, json_pack("{s:s,s:s,s:s}", "op", "ussd", "id", "u1", "code", "*101#"));
	json_t *menu = expect(r, from, "ussd_text", "id", "u1", 20000);
	assert_string_equal(json_str(menu, "text", ""), "1. S\xe1\xbb\x91 d\xc6\xb0");
	assert_true(json_flag(menu, "more", false));
	from = json_array_size(r->frames);
	say(r, json_pack("{s:s,s:s,s:s}", "op", "ussd_reply", "id", "u1", "text", "1"));
	json_t *end = expect(r, from, "ussd_text", "id", "u1", 20000);
	assert_string_equal(json_str(end, "text", ""), "12345 dong");
	assert_false(json_flag(end, "more", true));
}

/* ---- faults of the modem -------------------------------------------------------------------------------------- */

static void driver_no_prompt_is_not_sent_and_heals(void **state)
{
	struct rig *r = *state;
	size_t from = json_array_size(r->frames);
	script(r, json_pack("{s:s,s:s,s:i}", "on", "cmgs", "action", "no_prompt", "times", 1));
	assert_outcome(submit(r, "no prompt", "gsm7"), "not_sent");
	expect_credit(r, from, 1, 30000);
	assert_int_equal(heard(r, "no prompt"), 0);
	assert_outcome(submit(r, "after no prompt", "gsm7"), "accepted");
}

static void driver_a_lost_answer_is_unclear_and_never_sent_twice(void **state)
{
	struct rig *r = *state;
	size_t from = json_array_size(r->frames);
	script(r, json_pack("{s:s,s:s,s:i,s:b}", "on", "cmgs", "action", "silent", "times", 1, "accept", 1));
	char attempt[16];
	snprintf(attempt, sizeof(attempt), "a%d", r->n_attempts + 1);
	json_t *result = submit(r, "answer lost", "gsm7");
	assert_outcome(result, "unclear");
	expect_credit(r, from, 1, 30000);
	assert_outcome(submit(r, "after the lost answer", "gsm7"), "accepted");
	assert_int_equal(heard(r, "answer lost"), 1);
	assert_int_equal(count(r, "result", "attempt", attempt), 1);
}

static void driver_answers_ping_while_the_modem_hangs(void **state)
{
	struct rig *r = *state;
	size_t from = json_array_size(r->frames);
	tell(r, json_pack("{s:s}", "op", "hang"));
	say(r, json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i}", "op", "submit", "attempt", "hung", "to", HANDSET, "text", "hung", "encoding",
			 "gsm7", "part", 1, "parts", 1));
	int64_t until = now_ms() + 500;
	while (now_ms() < until)
		listen_ms(r, 50);
	int64_t asked = now_ms();
	say(r, json_pack("{s:s,s:i}", "op", "ping", "n", 7));
	json_t *pong = expect(r, from, "pong", NULL, NULL, 1000);
	assert_true(now_ms() - asked < 1000);
	assert_string_equal(json_str(pong, "busy", ""), "cmgs");
	assert_string_equal(json_str(pong, "attempt", ""), "hung");
	assert_outcome(expect(r, from, "result", "attempt", "hung", 60000), "not_sent");
	tell(r, json_pack("{s:s}", "op", "release"));
	expect_credit(r, from, 1, 60000);
	assert_outcome(submit(r, "after the hang", "gsm7"), "accepted");
}

static void driver_unplug_in_the_middle_is_unclear_and_reopens(void **state)
{
	struct rig *r = *state;
	size_t from = json_array_size(r->frames);
	script(r, json_pack("{s:s,s:s,s:i,s:i,s:b}", "on", "cmgs", "action", "unplug", "times", 1, "ms", 2000, "accept", 1));
	int64_t asked = now_ms();
	assert_outcome(submit(r, "unplugged", "gsm7"), "unclear");
	assert_true(now_ms() - asked < 5000);
	expect_credit(r, from, 0, 5000);
	expect_credit(r, json_array_size(r->frames) - 1, 1, 30000);
	assert_outcome(submit(r, "after the unplug", "gsm7"), "accepted");
	assert_int_equal(heard(r, "unplugged"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(driver_sends_single_messages_exactly),
		cmocka_unit_test(driver_parts_are_joined_by_our_reference),
		cmocka_unit_test(driver_what_is_no_number_never_reaches_the_modem),
		cmocka_unit_test(driver_errors_follow_the_table_and_are_not_repeated),
		cmocka_unit_test(driver_parts_come_singly_and_are_deleted_when_stored),
		cmocka_unit_test(driver_the_same_message_is_offered_once),
		cmocka_unit_test(driver_a_bad_pdu_is_kept_raw_and_stops_nothing),
		cmocka_unit_test(driver_reports_come_by_either_way),
		cmocka_unit_test(driver_ussd_menus_work),
		cmocka_unit_test(driver_no_prompt_is_not_sent_and_heals),
		cmocka_unit_test(driver_a_lost_answer_is_unclear_and_never_sent_twice),
		cmocka_unit_test(driver_answers_ping_while_the_modem_hangs),
		cmocka_unit_test(driver_unplug_in_the_middle_is_unclear_and_reopens),
	};
	return cmocka_run_group_tests(tests, rig_up, rig_down);
}
