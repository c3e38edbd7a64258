/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the driver's side of the frames, over a real pair of sockets; and of the simulated phones' file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/drivers/driver.h"
#include "gateway/drivers/loopback/handset.h"

struct bench {
	struct driver *d;
	int core; /* the core's end */
	char log[4000];
	int hello_says;
};

static void note(struct bench *b, const char *what, const char *id)
{
	size_t n = strlen(b->log);
	snprintf(b->log + n, sizeof(b->log) - n, "%s:%s ", what, id);
}

static int on_hello(void *self, const char *channel, const json_t *config, const json_t *secrets)
{
	struct bench *b = self;
	assert_true(json_is_object(config) && json_is_object(secrets));
	note(b, "hello", channel);
	return b->hello_says;
}

static void on_submit(void *self, const struct submit *s)
{
	note(self, "submit", s->attempt);
}

static void on_stored(void *self, const char *id)
{
	note(self, "stored", id);
}

static void on_skip(void *self, const char *id)
{
	note(self, "skip", id);
}

static const struct driver_ops ops = { .hello = on_hello, .submit = on_submit, .stored = on_stored, .skip = on_skip };

static struct bench *bench_new(void)
{
	int fd[2];
	struct bench *b = calloc(1, sizeof(*b));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(driver_new(&ops, b, fd[0], fd[0], &b->d), 0);
	b->core = fd[1];
	return b;
}

static void bench_free(struct bench *b)
{
	close(driver_in_fd(b->d));
	close(b->core);
	driver_free(b->d);
	free(b);
}

static int tell(struct bench *b, const char *lines)
{
	assert_int_equal(write(b->core, lines, strlen(lines)), (ssize_t)strlen(lines));
	return driver_pump(b->d);
}

/* The next frame from the driver; the caller's. */
static json_t *heard(struct bench *b)
{
	char text[70000];
	size_t n = 0;
	assert_int_equal(driver_pump(b->d), 0);
	while (n < sizeof(text) - 1 && recv(b->core, text + n, 1, MSG_DONTWAIT) == 1 && text[n] != '\n')
		n++;
	json_t *f = NULL;
	if (n && json_parse(text, n, &f))
		fail_msg("no frame: %.*s", (int)n, text);
	return f;
}

#define HELLO "{\"op\":\"hello\",\"version\":1,\"channel\":\"sim1\",\"config\":{},\"secrets\":{}}\n"
#define SUBMIT(id) "{\"op\":\"submit\",\"attempt\":\"" id "\",\"to\":\"+84912345678\",\"text\":\"a\",\"part\":1,\"parts\":1}\n"

static void operations_are_called_in_the_order_of_their_frames(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	assert_int_equal(tell(b, HELLO SUBMIT("1") "{\"op\":\"stored\",\"id\":\"x\"}\n" SUBMIT(
					 "2") "{\"op\":\"skip\",\"id\":\"y\"}\n{\"op\":\"abort\",\"attempt\":\"1\"}\n"),
			 0);
	assert_string_equal(b->log, "hello:sim1 submit:1 stored:x submit:2 skip:y ");
	bench_free(b);
}

static void frame_cut_anywhere_is_one_frame(void **state)
{
	(void)state;
	static const char all[] = HELLO SUBMIT("1");
	for (size_t cut = 1; cut < strlen(all); cut += 7) {
		struct bench *b = bench_new();
		char first[400];
		snprintf(first, sizeof(first), "%.*s", (int)cut, all);
		assert_int_equal(tell(b, first), 0);
		assert_int_equal(tell(b, all + cut), 0);
		assert_string_equal(b->log, "hello:sim1 submit:1 ");
		bench_free(b);
	}
}

static void garbage_and_broken_frames_end_the_driver(void **state)
{
	(void)state;
	static const struct {
		const char *label, *lines;
		int want;
	} cases[] = {
		{ "no JSON", HELLO "x\n", E_PROTOCOL },
		{ "no object", HELLO "[]\n", E_PROTOCOL },
		{ "submit before hello", SUBMIT("1"), E_PROTOCOL },
		{ "another version", "{\"op\":\"hello\",\"version\":2,\"channel\":\"a\",\"config\":{}}\n", E_PROTOCOL },
		{ "no config", "{\"op\":\"hello\",\"version\":1,\"channel\":\"a\"}\n", E_PROTOCOL },
		{ "submit without number", HELLO "{\"op\":\"submit\",\"attempt\":\"1\",\"text\":\"a\"}\n", E_PROTOCOL },
		{ "submit without text", HELLO "{\"op\":\"submit\",\"attempt\":\"1\",\"to\":\"+84\"}\n", E_PROTOCOL },
		{ "part beyond parts", HELLO "{\"op\":\"submit\",\"attempt\":\"1\",\"to\":\"+84\",\"text\":\"a\",\"part\":2,\"parts\":1}\n",
		  E_PROTOCOL },
		{ "part 0", HELLO "{\"op\":\"submit\",\"attempt\":\"1\",\"to\":\"+84\",\"text\":\"a\",\"part\":0,\"parts\":1}\n",
		  E_PROTOCOL },
		{ "stop", HELLO "{\"op\":\"stop\"}\n", E_NOT_FOUND },
		{ "unknown fields and ops", HELLO "{\"op\":\"dance\",\"x\":1}\n", 0 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct bench *b = bench_new();
		print_message("%s\n", cases[i].label);
		assert_int_equal(tell(b, cases[i].lines), cases[i].want);
		bench_free(b);
	}
}

static void refusal_of_hello_ends_the_program(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	b->hello_says = E_CONFIG;
	assert_int_equal(tell(b, HELLO), E_CONFIG);
	bench_free(b);
}

static void core_that_left_ends_the_program(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	assert_int_equal(tell(b, HELLO), 0);
	assert_int_equal(shutdown(b->core, SHUT_RDWR), 0);
	assert_int_equal(driver_pump(b->d), E_NOT_FOUND);
	bench_free(b);
}

static void ping_is_answered_before_hello_too(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	assert_int_equal(tell(b, "{\"op\":\"ping\",\"n\":7}\n"), 0);
	OWN(json) json_t *f = heard(b);
	assert_string_equal(json_str(f, "op", ""), "pong");
	assert_int_equal(json_int(f, "n", 0), 7);
	bench_free(b);
}

static void unknown_op_is_answered_unsupported(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	assert_int_equal(tell(b, HELLO "{\"op\":\"ussd\",\"id\":\"1\",\"code\":\"*101#\"}\n"), 0);
	OWN(json) json_t *f = heard(b);
	assert_string_equal(json_str(f, "op", ""), "unsupported");
	bench_free(b);
}

static void words_of_the_outside_world_never_end_the_driver(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	assert_int_equal(tell(b, HELLO), 0);
	driver_result(b->d, &(struct driver_result){
				    .attempt = "1", .outcome = OUTCOME_ACCEPTED, .reference = "r\xff", .code = "\xc0", .detail = "d\x80" });
	driver_inbound(b->d, &(struct driver_inbound){ .id = "i\xfe", .from = "\xff", .to = "\xff", .text = "t\xff" });
	driver_receipt(
		b->d, &(struct driver_receipt){ .id = "i\xfe", .reference = "r\xff", .to = "\xff", .status = "delivered", .code = "\xff" });
	static const char *const ops_heard[] = { "result", "inbound", "receipt" };
	for (size_t i = 0; i < COUNT_OF(ops_heard); i++) {
		OWN(json) json_t *f = heard(b);
		assert_string_equal(json_str(f, "op", ""), ops_heard[i]);
	}
	bench_free(b);
}

static void absent_fields_are_left_out(void **state)
{
	(void)state;
	struct bench *b = bench_new();
	assert_int_equal(tell(b, HELLO), 0);
	driver_result(b->d, &(struct driver_result){ .attempt = "1", .outcome = OUTCOME_NOT_SENT });
	OWN(json) json_t *f = heard(b);
	assert_int_equal(json_object_size(f), 3);
	driver_result(b->d,
		      &(struct driver_result){ .attempt = "1", .outcome = OUTCOME_NOT_SENT, .fault = FAULT_CHANNEL, .retry_after_s = 30 });
	OWN(json) json_t *g = heard(b);
	assert_string_equal(json_str(g, "fault", ""), "channel");
	assert_int_equal(json_int(g, "retry_after_s", 0), 30);
	bench_free(b);
}

static void names_of_outcomes_and_faults_read_back(void **state)
{
	(void)state;
	static const char *const names[] = { "accepted", "refused", "not_sent", "unclear" };
	for (int i = 0; i < 4; i++) {
		enum outcome o = OUTCOME_UNCLEAR;
		assert_int_equal(outcome_parse(names[i], &o), 0);
		assert_string_equal(outcome_name(o), names[i]);
		assert_int_equal((int)o, i);
	}
	enum outcome o;
	assert_int_equal(outcome_parse("sent", &o), E_INVALID);
	assert_int_equal(outcome_parse(NULL, &o), E_INVALID);
	assert_int_equal(fault_parse("message"), FAULT_MESSAGE);
	assert_int_equal(fault_parse("recipient"), FAULT_RECIPIENT);
	assert_int_equal(fault_parse("channel"), FAULT_CHANNEL);
	assert_int_equal(fault_parse("x"), FAULT_NONE);
	assert_int_equal(fault_parse(NULL), FAULT_NONE);
}

/* ---- the simulated phones ---- */

static const char key[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

static void file_name(char ret[64])
{
	snprintf(ret, 64, "/tmp/caunoi-handset-%d", (int)getpid());
	unlink(ret);
}

static int deliver(struct handset *h, const char *number, const char *text, const char *message)
{
	return handset_deliver(
		h, &(struct handset_message){ .number = number, .text = text, .key = message, .channel = "c", .at_ms = 5, .parts = 1 });
}

static size_t count(struct handset *h, const char *number)
{
	OWN(json) json_t *list = NULL;
	assert_int_equal(handset_heard(h, number, &list), 0);
	return json_array_size(list);
}

static void phone_hears_a_key_once_also_after_a_restart(void **state)
{
	(void)state;
	char file[64];
	struct handset *h;
	file_name(file);
	for (int run = 0; run < 2; run++) {
		assert_int_equal(handset_open(file, key, &h), 0);
		assert_int_equal(deliver(h, "+84912345678", "xin chao", "i-1"), run ? E_EXISTS : 0);
		assert_int_equal(deliver(h, "+84912345678", "xin chao", run ? "i-3" : "i-2"), 0);
		assert_int_equal(count(h, "+84912345678"), run ? 3 : 2);
		assert_int_equal(count(h, "+84912345679"), 0);
		handset_close(h);
	}
	unlink(file);
}

static void record_cut_by_a_crash_is_cut_off(void **state)
{
	(void)state;
	char file[64];
	struct handset *h;
	struct stat one, two;
	file_name(file);
	assert_int_equal(handset_open(file, key, &h), 0);
	assert_int_equal(deliver(h, "+84912345678", "mot", "i-1"), 0);
	assert_int_equal(stat(file, &one), 0);
	assert_int_equal(deliver(h, "+84912345678", "hai", "i-2"), 0);
	assert_int_equal(stat(file, &two), 0);
	handset_close(h);
	for (off_t at = two.st_size - 1; at > one.st_size; at -= 9) {
		assert_int_equal(truncate(file, at), 0);
		assert_int_equal(handset_open(file, key, &h), 0);
		assert_int_equal(count(h, "+84912345678"), 1);
		assert_int_equal(deliver(h, "+84912345678", "hai", "i-2"), 0);
		assert_int_equal(count(h, "+84912345678"), 2);
		handset_close(h);
	}
	unlink(file);
}

static void record_that_did_not_fit_spoils_none_that_follow(void **state)
{
	(void)state;
	char file[64];
	struct handset *h;
	struct stat st;
	struct rlimit was;
	file_name(file);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(handset_open(file, key, &h), 0);
	assert_int_equal(deliver(h, "+84912345678", "mot", "i-1"), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ (rlim_t)st.st_size + 20, was.rlim_max }), 0);
	assert_int_equal(deliver(h, "+84912345678", "hai", "i-2"), E_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(deliver(h, "+84912345678", "hai", "i-2"), 0);
	assert_int_equal(count(h, "+84912345678"), 2);
	handset_close(h);
	assert_int_equal(handset_open(file, key, &h), 0);
	assert_int_equal(count(h, "+84912345678"), 2);
	handset_close(h);
	unlink(file);
}

static void words_and_numbers_are_not_readable_in_the_file(void **state)
{
	(void)state;
	char file[64], bytes[2000];
	struct handset *h;
	file_name(file);
	assert_int_equal(handset_open(file, key, &h), 0);
	assert_int_equal(deliver(h, "+84912345678", "bi mat", "i-1"), 0);
	handset_close(h);
	int fd = open(file, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof(bytes));
	close(fd);
	assert_true(n > 0);
	assert_null(memmem(bytes, (size_t)n, "bi mat", 6));
	assert_null(memmem(bytes, (size_t)n, "912345678", 9));
	unlink(file);
}

static void driver_takes_no_arguments(void **state)
{
	(void)state;
	char program[] = "caunoi-x", option[] = "--help";
	assert_false(driver_misused(1, (char *[]){ program, NULL }));
	assert_true(driver_misused(2, (char *[]){ program, option, NULL }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_are_called_in_the_order_of_their_frames),
		cmocka_unit_test(frame_cut_anywhere_is_one_frame),
		cmocka_unit_test(garbage_and_broken_frames_end_the_driver),
		cmocka_unit_test(refusal_of_hello_ends_the_program),
		cmocka_unit_test(core_that_left_ends_the_program),
		cmocka_unit_test(ping_is_answered_before_hello_too),
		cmocka_unit_test(unknown_op_is_answered_unsupported),
		cmocka_unit_test(words_of_the_outside_world_never_end_the_driver),
		cmocka_unit_test(absent_fields_are_left_out),
		cmocka_unit_test(names_of_outcomes_and_faults_read_back),
		cmocka_unit_test(phone_hears_a_key_once_also_after_a_restart),
		cmocka_unit_test(record_cut_by_a_crash_is_cut_off),
		cmocka_unit_test(record_that_did_not_fit_spoils_none_that_follow),
		cmocka_unit_test(words_and_numbers_are_not_readable_in_the_file),
		cmocka_unit_test(driver_takes_no_arguments),
	};
	return cmocka_run_group_tests_name("driver", tests, NULL, NULL);
}
