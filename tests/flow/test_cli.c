/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program caunoi against a core and a query process that say what the test wants: exit codes, keys and their repetition,
 * files, pages, tickets, jobs, passwords. The sockets are played by a child of the test that writes down every frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/json.h"

#define PATH 200
#define WORDS 16

/* What the played side answers to a verb; the n-th frame of it takes the n-th row of that verb, the last one stays. */
struct answer {
	const char *verb;  /* "campaign.show", "put", "ticket" */
	const char *frame; /* without id; NULL = the connection is cut */
};

struct world {
	char dir[PATH], config[PATH], program[PATH], journal[PATH];
	pid_t played;
	char *out, *err;
};

/* ---- the played side ---- */

static int listen_at(const char *dir, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	snprintf(at.sun_path, sizeof(at.sun_path), "%.80s/%.20s", dir, name);
	unlink(at.sun_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) || listen(fd, 8))
		_exit(70);
	return fd;
}

static const struct answer *pick(const struct answer *answers, const char *verb, int nth)
{
	const struct answer *found = NULL;
	for (; answers->verb; answers++)
		if (strcmp(answers->verb, verb) == 0) {
			found = answers;
			if (nth-- == 0)
				break;
		}
	return found;
}

struct played {
	const struct answer *answers;
	FILE *journal;
	const char *verbs[64]; /* asked so far */
	int n;
};

static const char *name_of(const json_t *frame)
{
	if (strcmp(json_str(frame, "op", ""), "put") == 0)
		return "put";
	return json_str(frame, "ticket", NULL) ? "ticket" : json_str(frame, "verb", "?");
}

/* False: cut the connection. */
static bool serve_frame(struct played *p, int fd, const char *line, size_t n)
{
	OWN(json) json_t *frame = NULL;
	OWN(json) json_t *reply = NULL;
	OWN(buffer) struct buffer out = { 0 };
	if (json_parse(line, n, &frame))
		return false;
	fprintf(p->journal, "%.*s\n", (int)n, line);
	fflush(p->journal);
	int nth = 0;
	for (int i = 0; i < p->n; i++)
		nth += strcmp(p->verbs[i], name_of(frame)) == 0;
	const struct answer *a = pick(p->answers, name_of(frame), nth);
	if (p->n < 64)
		p->verbs[p->n++] = strdup(name_of(frame));
	if (!a || !a->frame || json_parse(a->frame, strlen(a->frame), &reply))
		return false;
	json_object_set(reply, "id", json_object_get(frame, "id"));
	return !json_put_line(&out, reply) && write(fd, buffer_text(&out), buffer_left(&out)) == (ssize_t)buffer_left(&out);
}

static void serve_client(struct played *p, int fd)
{
	static const char hello[] = "{\"op\":\"hello\",\"version\":1,\"schema\":1}\n";
	OWN(buffer) struct buffer in = { 0 };
	if (write(fd, hello, sizeof(hello) - 1) < 0)
		return;
	for (;;) {
		if (buffer_reserve(&in, 65536))
			return;
		ssize_t n = read(fd, in.data + in.n_bytes, 65536);
		if (n <= 0)
			return;
		in.n_bytes += (size_t)n;
		char *end;
		while (buffer_left(&in) && (end = memchr(buffer_text(&in), '\n', buffer_left(&in)))) {
			size_t length = (size_t)(end - buffer_text(&in));
			if (!serve_frame(p, fd, buffer_text(&in), length))
				return;
			buffer_take(&in, length + 1);
		}
	}
}

static void play(const struct world *w, const struct answer *answers, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	struct pollfd p[2] = { { .fd = listen_at(w->dir, "core.sock"), .events = POLLIN }, { .fd = listen_at(w->dir, "query.sock"), .events = POLLIN } };
	struct played state = { .answers = answers, .journal = fopen(w->journal, "w") };
	if (!state.journal || write(ready, "r", 1) != 1)
		_exit(70);
	while (poll(p, 2, -1) > 0)
		for (int i = 0; i < 2; i++)
			if (p[i].revents) {
				OWN(fd) int fd = accept4(p[i].fd, NULL, NULL, SOCK_CLOEXEC);
				serve_client(&state, fd);
			}
	_exit(0);
}

static void played_stop(struct world *w)
{
	if (w->played > 0) {
		kill(w->played, SIGKILL);
		waitpid(w->played, NULL, 0);
	}
	w->played = 0;
}

static void played_start(struct world *w, const struct answer *answers)
{
	int ready[2];
	char c;
	played_stop(w);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	w->played = fork();
	if (w->played == 0)
		play(w, answers, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
}

/* The n-th frame that was asked (from 0); the caller's. NULL = there was none. */
static json_t *asked(const struct world *w, int n)
{
	OWN(file) FILE *f = fopen(w->journal, "r");
	OWN(mem) char *line = NULL;
	size_t room = 0;
	json_t *frame = NULL;
	while (f && getline(&line, &room, f) > 0)
		if (n-- == 0) {
			assert_int_equal(json_parse(line, strlen(line), &frame), 0);
			return frame;
		}
	return NULL;
}

/* ---- the program ---- */

static char *read_file(const char *dir, const char *name)
{
	char path[PATH + 16];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	OWN(file) FILE *f = fopen(path, "r");
	char *text = calloc(1, 4 << 20);
	assert_non_null(f);
	assert_non_null(text);
	text[fread(text, 1, (4 << 20) - 1, f)] = '\0';
	return text;
}

static void put_file(const char *dir, const char *name, const char *text, size_t n)
{
	char path[PATH + 48];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	OWN(file) FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
}

static void become(const struct world *w, const char *const words[])
{
	const char *argv[WORDS + 4] = { "caunoi", "--config", w->config };
	for (int i = 0; words[i]; i++)
		argv[3 + i] = words[i];
	if (chdir(w->dir) || !freopen("in", "r", stdin) || !freopen("out", "w", stdout) || !freopen("err", "w", stderr))
		_exit(70);
	setenv("LANG", "C.UTF-8", 1);
	unsetenv("LC_ALL");
	alarm(60);
	execv(w->program, (char *const *)(uintptr_t)argv);
	_exit(71);
}

/* Runs caunoi with words and input; its exit code. What it printed stands in w->out and w->err. */
static int run_with(struct world *w, const char *input, const char *const words[])
{
	int status;
	free(w->out);
	free(w->err);
	put_file(w->dir, "in", input, strlen(input));
	pid_t pid = fork();
	if (pid == 0)
		become(w, words);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	w->out = read_file(w->dir, "out");
	w->err = read_file(w->dir, "err");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
#define RUN(w, ...) run_with(w, "", (const char *const[WORDS]){ __VA_ARGS__ })
#define RUN_IN(w, input, ...) run_with(w, input, (const char *const[WORDS]){ __VA_ARGS__ })

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const char *build = getenv("CAUNOI_BUILD"), *tmp = getenv("TMPDIR");
	assert_non_null(w);
	snprintf(w->dir, sizeof(w->dir), "%.60s/caunoi-cli-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->config, sizeof(w->config), "%.100s/caunoi.conf", w->dir);
	snprintf(w->journal, sizeof(w->journal), "%.100s/frames", w->dir);
	OWN(mem) char *real = realpath(build ? build : "build", NULL);
	assert_non_null(real);
	snprintf(w->program, sizeof(w->program), "%.180s/caunoi", real);
	static const char config[] = "data_dir = \"data\";\ncontrol = \"core.sock\";\n"
				     "organisation = { name = \"MTTQ\"; unit = \"02269\"; reply_number = \"+84912345678\"; };\n"
				     "channels = ( { name = \"may-ao\"; driver = \"loopback\"; } );\n";
	put_file(w->dir, "caunoi.conf", config, strlen(config));
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	static const char *const names[] = { "caunoi.conf", "frames", "in", "out", "err", "core.sock", "query.sock", "list.csv", "text.txt", "faulty.conf" };
	played_stop(w);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char path[PATH + 16];
		snprintf(path, sizeof(path), "%s/%s", w->dir, names[i]);
		unlink(path);
	}
	rmdir(w->dir);
	free(w->out);
	free(w->err);
	free(w);
	return 0;
}

/* ---- the laws ---- */

#define REFUSED(rule, status) "{\"op\":\"reply\",\"ok\":false,\"error\":{\"rule\":\"" rule "\",\"status\":" #status ",\"field\":\"\",\"args\":null,\"text\":\"No.\"}}"

static void refusals_become_exit_codes(void **state)
{
	struct world *w = *state;
	static const struct {
		struct answer answers[2];
		int code;
		const char *says;
	} cases[] = {
		{ { { "campaign.approve", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"id\":12,\"state\":\"approved\"}}" } }, 0, NULL },
		{ { { "campaign.approve", REFUSED("not_found", 404) } }, 3, "not_found" },
		{ { { "campaign.approve", REFUSED("two_person", 409) } }, 4, "two_person" },
		{ { { "campaign.approve", REFUSED("role", 403) } }, 4, "role" },
		{ { { "campaign.approve", REFUSED("wrong_type", 422) } }, 2, "wrong_type" },
		{ { { "campaign.approve", REFUSED("malformed", 400) } }, 2, "malformed" },
		{ { { "campaign.approve", REFUSED("disk_low", 503) } }, 5, "disk_low" },
		{ { { "campaign.approve", REFUSED("no_answer", 504) } }, 1, "no_answer" },
		{ { { "campaign.approve", "{\"op\":\"unsupported\"}" } }, 1, "" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		played_start(w, cases[i].answers);
		int code = RUN(w, "campaign", "approve", "12", "--json");
		if (code != cases[i].code || (cases[i].says && !strstr(w->err, cases[i].says)))
			fail_msg("case %zu: %d instead of %d: %s", i, code, cases[i].code, w->err);
		if (code == 0)
			assert_string_equal(w->out, "{\"id\":12,\"state\":\"approved\"}\n");
		else
			assert_string_equal(w->out, "");
	}
}

static void nobody_there_is_five(void **state)
{
	struct world *w = *state;
	played_stop(w);
	assert_int_equal(RUN(w, "campaign", "approve", "12"), 5);
	assert_int_equal(RUN(w, "campaign", "list", "--json"), 5);
	assert_string_equal(w->out, "");
	assert_int_equal(RUN(w, "status"), 5);
}

static void usage_needs_no_core(void **state)
{
	struct world *w = *state;
	played_stop(w);
	assert_int_equal(RUN(w, "campagin", "new"), 2);
	assert_non_null(strstr(w->err, "\"campaign\""));
	assert_int_equal(RUN(w, "campaign", "approve"), 2);
	assert_non_null(strstr(w->err, "id"));
	assert_int_equal(RUN(w, "campaign", "approve", "zwölf"), 2);
	assert_int_equal(RUN(w, "message", "send", "--to", "12", "--text", "x"), 2);
	assert_non_null(strstr(w->err, "bad_number"));
	assert_int_equal(RUN(w, NULL), 2);
	assert_int_equal(RUN(w, "help"), 0);
	assert_int_equal(RUN(w, "help", "campaign", "new"), 0);
	assert_non_null(strstr(w->out, "--name"));
	assert_int_equal(RUN(w, "help", "nothing"), 2);
	assert_int_equal(RUN(w, "campaign", "--help"), 0);
	assert_non_null(strstr(w->out, "approve"));
	assert_int_equal(RUN(w, "version"), 0);
	assert_int_equal(RUN(w, "check-config"), 0);
	assert_int_equal(RUN(w, "status", "--config", "nowhere.conf"), 2);
	assert_int_equal(RUN(w, "verbs", "--json"), 0);
	OWN(json) json_t *verbs = NULL;
	assert_int_equal(json_parse(w->out, strlen(w->out), &verbs), 0);
	assert_true(json_array_size(verbs) > 20);
}

static void help_is_one_value_for_programs(void **state)
{
	static const struct {
		const char *words[WORDS];
		size_t least, most;
	} cases[] = {
		{ { "help", "--json" }, 21, 1000 },
		{ { "help", "group", "--json" }, 2, 20 },
		{ { "help", "campaign", "new", "--json" }, 1, 1 },
		{ { "--json", "help", "version" }, 1, 1 },
	};
	struct world *w = *state;
	played_stop(w);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(json) json_t *verbs = NULL;
		assert_int_equal(run_with(w, "", cases[i].words), 0);
		if (json_parse(w->out, strlen(w->out), &verbs) || json_array_size(verbs) < cases[i].least || json_array_size(verbs) > cases[i].most)
			fail_msg("case %zu: %.60s", i, w->out);
	}
	assert_int_equal(RUN(w, "help", "nothing", "--json"), 2);
	assert_string_equal(w->out, "");
}

/* The program finds what its own release came with: the copy beside the configuration knows no machine's answers. */
static void what_an_older_copy_of_the_words_lacks_is_the_release_s(void **state)
{
	struct world *w = *state;
	char folder[PATH + 16], copy[PATH + 48];
	OWN(mem) char *words = read_file("tests/fixtures/config", "keywords_first.conf");
	snprintf(folder, sizeof(folder), "%s/keywords", w->dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	put_file(folder, "keywords.conf", words, strlen(words));
	assert_int_equal(RUN(w, "text", "classify", "Toi dang lai xe, se goi lai sau"), 0);
	assert_non_null(strstr(w->out, "automatic: "));
	assert_int_equal(RUN(w, "check-config"), 0);
	assert_non_null(strstr(w->out, "automatic: this copy is older"));
	snprintf(copy, sizeof(copy), "%s/keywords.conf", folder);
	unlink(copy);
	rmdir(folder);
}

/* What is right as text and wrong as words ends the next start, so it is told before. */
static void check_config_reads_the_words_as_a_start_does(void **state)
{
	static const char *const names[] = { "topics/weights.tsv", "keywords/accusation.conf" };
	static const char *const texts[] = { "nuoc\tNUOCSACH+3\n", "nobody = [ \"x\" ];\n" };
	struct world *w = *state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char folder[PATH + 16], path[PATH + 48];
		snprintf(folder, sizeof(folder), "%s/%.*s", w->dir, (int)strcspn(names[i], "/"), names[i]);
		snprintf(path, sizeof(path), "%s/%s", w->dir, names[i]);
		assert_int_equal(mkdir(folder, 0700), 0);
		put_file(w->dir, names[i], texts[i], strlen(texts[i]));
		assert_int_equal(RUN(w, "check-config"), 2);
		assert_non_null(strstr(w->out, names[i]));
		assert_null(strstr(w->out, "OK"));
		assert_int_equal(RUN(w, "check-config", "--json"), 2);
		assert_non_null(strstr(w->out, "\"ok\":false"));
		assert_int_equal(unlink(path), 0);
		assert_int_equal(rmdir(folder), 0);
	}
	assert_int_equal(RUN(w, "check-config"), 0);
}

/* Somebody is half-way through editing the file: the core has the old one, and can be asked. */
static void a_faulty_file_is_said_and_the_running_core_is_asked(void **state)
{
	struct world *w = *state;
	static const char *const faults[] = {
		"data_dir = \"data\";\ncontrol = \"core.sock\";\ncountry = \"VN\";\nsending = { quiet_hours = [ };\n",
		"data_dir = \"data\"; control = \"core.sock\";\nnonsense = 3;\n",
		"data_dir = \"data\";\n  control: \"core.sock\"\ncountry = \"XX\";\n",
	};
	static const struct answer answers[] = { { "campaign.approve", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"id\":12}}" },
						 { "message.send", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"id\":1}}" }, { NULL, NULL } };
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		put_file(w->dir, "faulty.conf", faults[i], strlen(faults[i]));
		played_start(w, answers);
		assert_int_equal(RUN(w, "campaign", "approve", "12", "--json", "--config", "faulty.conf"), 0);
		assert_non_null(strstr(w->err, "faulty.conf:"));
		assert_int_equal(RUN(w, "message", "send", "--to", "0912345678", "--text", "x", "--config", "faulty.conf"), 0);
		assert_int_equal(RUN(w, "check-config", "--config", "faulty.conf"), 2);
		played_stop(w);
		assert_int_equal(RUN(w, "campaign", "approve", "12", "--config", "faulty.conf"), 2);
	}
	static const char blind[] = "data_dir = \"data\";\nnonsense = 3;\n"; /* where the core is, it does not say */
	put_file(w->dir, "faulty.conf", blind, strlen(blind));
	assert_int_equal(RUN(w, "campaign", "approve", "12", "--config", "faulty.conf"), 2);
}

static void a_lost_reply_is_asked_again_under_the_same_key(void **state)
{
	struct world *w = *state;
	static const struct answer answers[] = {
		{ "campaign.approve", NULL },
		{ "campaign.approve", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"id\":12}}" },
		{ NULL, NULL },
	};
	played_start(w, answers);
	assert_int_equal(RUN(w, "campaign", "approve", "12", "--json"), 0);
	OWN(json) json_t *first = asked(w, 0);
	OWN(json) json_t *second = asked(w, 1);
	OWN(json) json_t *third = asked(w, 2);
	assert_true(strlen(json_str(first, "key", "")) >= 16);
	assert_string_equal(json_str(first, "key", ""), json_str(second, "key", "-"));
	assert_true(json_equal(json_object_get(first, "args"), json_object_get(second, "args")));
	assert_null(third);
}

static void a_reply_lost_twice_says_the_key(void **state)
{
	struct world *w = *state;
	static const struct answer answers[] = { { "campaign.approve", NULL }, { NULL, NULL } };
	played_start(w, answers);
	assert_int_equal(RUN(w, "campaign", "approve", "12", "--key", "mine-1"), 5);
	assert_non_null(strstr(w->err, "mine-1"));
	OWN(json) json_t *first = asked(w, 0);
	OWN(json) json_t *third = asked(w, 2);
	assert_string_equal(json_str(first, "key", ""), "mine-1");
	assert_null(third);
}

static void arguments_arrive_as_typed(void **state)
{
	struct world *w = *state;
	static const struct answer answers[] = { { "message.send", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"id\":1}}" }, { NULL, NULL } };
	played_start(w, answers);
	assert_int_equal(RUN(w, "message", "send", "--text=Chào bà, --to không phải tùy chọn", "--to", "0912345678"), 0);
	OWN(json) json_t *frame = asked(w, 0);
	const json_t *args = json_object_get(frame, "args");
	assert_string_equal(json_str(frame, "op", ""), "command");
	assert_string_equal(json_str(args, "text", ""), "Chào bà, --to không phải tùy chọn");
	assert_string_equal(json_str(args, "to", ""), "0912345678");
}

static void files_travel_in_chunks(void **state)
{
	struct world *w = *state;
	static const struct answer answers[] = {
		{ "put", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"upload\":7,\"bytes\":1}}" },
		{ "contact.import", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"job\":3}}" },
		{ NULL, NULL },
	};
	size_t n = 300000;
	OWN(mem) char *text = malloc(n);
	memset(text, 'a', n);
	put_file(w->dir, "list.csv", text, n);
	played_start(w, answers);
	assert_int_equal(RUN(w, "contact", "import", "list.csv", "--group", "thon-5", "--basis", "x", "--no-wait"), 0);
	assert_string_equal(w->out, "{\"job\":3}\n");
	int64_t bytes = 0;
	for (int i = 0; i < 3; i++) {
		OWN(json) json_t *put = asked(w, i);
		assert_string_equal(json_str(put, "op", ""), "put");
		assert_int_equal(json_int(put, "upload", -1), i ? 7 : 0);
		size_t b64 = strlen(json_str(put, "data", ""));
		assert_true(b64 <= 180 * 1024);
		bytes += (int64_t)(b64 / 4 * 3);
	}
	assert_true(bytes >= (int64_t)n && bytes < (int64_t)n + 9);
	OWN(json) json_t *command = asked(w, 3);
	assert_int_equal(json_int(json_object_get(command, "args"), "file", 0), 7);
	assert_int_equal(RUN(w, "contact", "import", "list.csv", "--group", "thon-5", "--basis", "x", "--no-wait", "--json"), 0);
	assert_string_equal(w->out, "{\"job\":3}\n");
	/* standard input is a file too */
	assert_int_equal(RUN_IN(w, "phone\n0912345678\n", "contact", "import", "-", "--group", "g", "--basis", "x", "--no-wait"), 0);
	assert_int_equal(RUN(w, "contact", "import", "absent.csv", "--group", "g", "--basis", "x"), 3);
	assert_non_null(strstr(w->err, "absent.csv"));
}

static void small_files_arrive_as_text(void **state)
{
	struct world *w = *state;
	static const struct answer answers[] = { { "campaign.new", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"id\":1}}" }, { NULL, NULL } };
	put_file(w->dir, "text.txt", "\xef\xbb\xbf" "Chào bà. TC\n", strlen("Chào bà. TC\n") + 3);
	played_start(w, answers);
	assert_int_equal(RUN(w, "campaign", "new", "--name", "a", "--group", "g", "--text-file", "text.txt"), 0);
	OWN(json) json_t *frame = asked(w, 0);
	assert_string_equal(json_str(json_object_get(frame, "args"), "text-file", ""), "Chào bà. TC");
	put_file(w->dir, "text.txt", "a\xff", 2);
	assert_int_equal(RUN(w, "campaign", "new", "--name", "a", "--group", "g", "--text-file", "text.txt"), 2);
}

#define JOB(state, rest) "{\"op\":\"rows\",\"rows\":[{\"id\":3,\"verb\":\"contact.import\",\"state\":\"" state "\",\"done\":1,\"total\":2," rest "}],\"more\":false,\"next\":null}"

static void long_work_is_waited_for(void **state)
{
	struct world *w = *state;
	static const struct answer answers[] = {
		{ "put", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"upload\":7,\"bytes\":1}}" },
		{ "contact.import", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"job\":3}}" },
		{ "job.show", JOB("running", "\"result\":null,\"error\":null") },
		{ "job.show", NULL },
		{ "job.show", JOB("running", "\"result\":null,\"error\":null") },
		{ "job.show", JOB("done", "\"result\":{\"rows\":2,\"added\":2},\"error\":null") },
		{ NULL, NULL },
	};
	put_file(w->dir, "list.csv", "phone\n", 6);
	played_start(w, answers);
	assert_int_equal(RUN(w, "contact", "import", "list.csv", "--group", "g", "--basis", "x", "--json"), 0);
	assert_string_equal(w->out, "{\"rows\":2,\"added\":2}\n");
}

static void a_refused_import_shows_its_refusals_and_is_one(void **state)
{
	struct world *w = *state;
	static const struct answer answers[] = {
		{ "put", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"upload\":7,\"bytes\":1}}" },
		{ "contact.import", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"job\":3}}" },
		{ "job.show", JOB("failed", "\"result\":{\"rows\":1,\"refused\":[{\"row\":2}]},\"error\":{\"rule\":\"import_refused\",\"status\":409,\"text\":\"No.\"}") },
		{ NULL, NULL },
	};
	put_file(w->dir, "list.csv", "phone\n", 6);
	played_start(w, answers);
	assert_int_equal(RUN(w, "contact", "import", "list.csv", "--group", "g", "--basis", "x", "--json"), 1);
	assert_string_equal(w->out, "{\"rows\":1,\"refused\":[{\"row\":2}]}\n");
	assert_non_null(strstr(w->err, "import_refused"));
}

static void lists_come_page_by_page(void **state)
{
	struct world *w = *state;
	static const struct answer answers[] = {
		{ "message.list", "{\"op\":\"rows\",\"rows\":[{\"id\":9},{\"id\":8}],\"more\":true,\"next\":8}" },
		{ "message.list", "{\"op\":\"rows\",\"rows\":[{\"id\":7}],\"more\":false,\"next\":null}" },
		{ NULL, NULL },
	};
	played_start(w, answers);
	assert_int_equal(RUN(w, "message", "list", "--json"), 0);
	OWN(json) json_t *all = NULL;
	assert_int_equal(json_parse(w->out, strlen(w->out), &all), 0);
	assert_int_equal(json_array_size(all), 3);
	OWN(json) json_t *second = asked(w, 1);
	assert_int_equal(json_int(json_object_get(second, "args"), "after", 0), 8);
	played_start(w, answers);
	assert_int_equal(RUN(w, "message", "list", "--jsonl"), 0);
	assert_string_equal(w->out, "{\"id\":9}\n{\"id\":8}\n{\"id\":7}\n");
	played_start(w, answers);
	assert_int_equal(RUN(w, "message", "list", "--json", "--limit", "2"), 0);
	assert_string_equal(w->out, "[{\"id\":9},\n{\"id\":8}]\n");
	OWN(json) json_t *none = asked(w, 1);
	assert_null(none);
}

static void an_empty_list_is_one(void **state)
{
	struct world *w = *state;
	static const struct answer answers[] = { { "message.list", "{\"op\":\"rows\",\"rows\":[],\"more\":false,\"next\":null}" }, { NULL, NULL } };
	played_start(w, answers);
	assert_int_equal(RUN(w, "message", "list", "--json"), 0);
	assert_string_equal(w->out, "[]\n");
	assert_int_equal(RUN(w, "message", "list"), 0);
	assert_string_equal(w->out, "");
}

static void one_thing_is_no_list(void **state)
{
	struct world *w = *state;
	static const struct answer answers[] = { { "message.show", "{\"op\":\"rows\",\"rows\":[{\"id\":9,\"state\":\"sent\"}],\"more\":false,\"next\":null}" }, { NULL, NULL } };
	played_start(w, answers);
	assert_int_equal(RUN(w, "message", "show", "9", "--json"), 0);
	assert_string_equal(w->out, "{\"id\":9,\"state\":\"sent\"}\n");
	assert_int_equal(RUN(w, "message", "show", "9"), 0);
	assert_string_equal(w->out, "id: 9\nstate: sent\n");
}

static void a_password_is_the_first_line_of_input(void **state)
{
	struct world *w = *state;
	static const struct answer answers[] = { { "user.add", "{\"op\":\"reply\",\"ok\":true,\"result\":{\"name\":\"lan\"}}" }, { NULL, NULL } };
	played_start(w, answers);
	assert_int_equal(RUN_IN(w, "một câu dài khó đoán\nsecond\n", "user", "add", "lan", "--role", "reviewer"), 0);
	OWN(json) json_t *frame = asked(w, 0);
	assert_string_equal(json_str(json_object_get(frame, "args"), "password", ""), "một câu dài khó đoán");
	assert_null(strstr(w->out, "khó"));
	assert_int_equal(RUN(w, "user", "add", "lan", "--role", "reviewer", "--password", "x"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_become_exit_codes),
		cmocka_unit_test(nobody_there_is_five),
		cmocka_unit_test(usage_needs_no_core),
		cmocka_unit_test(help_is_one_value_for_programs),
		cmocka_unit_test(what_an_older_copy_of_the_words_lacks_is_the_release_s),
		cmocka_unit_test(check_config_reads_the_words_as_a_start_does),
		cmocka_unit_test(a_faulty_file_is_said_and_the_running_core_is_asked),
		cmocka_unit_test(a_lost_reply_is_asked_again_under_the_same_key),
		cmocka_unit_test(a_reply_lost_twice_says_the_key),
		cmocka_unit_test(arguments_arrive_as_typed),
		cmocka_unit_test(files_travel_in_chunks),
		cmocka_unit_test(small_files_arrive_as_text),
		cmocka_unit_test(long_work_is_waited_for),
		cmocka_unit_test(a_refused_import_shows_its_refusals_and_is_one),
		cmocka_unit_test(lists_come_page_by_page),
		cmocka_unit_test(an_empty_list_is_one),
		cmocka_unit_test(one_thing_is_no_list),
		cmocka_unit_test(a_password_is_the_first_line_of_input),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
