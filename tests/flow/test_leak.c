/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two hundred telephone numbers go through a whole gateway: imported, written to, heard, stopped, refused. Nothing that is said to a role
 * which may not see numbers holds one of them, in no list and no single thing, no refusal, head, page, event, metric or export, and
 * neither do the log, the data folder and a backup; in any of the ways in which a number can be written down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/registry.h"
#include "tests/support/gateway.h"

#define LIMIT_MS 30000
#define NUMBERS 200
#define FIRST 973551000 /* without +84 */
#define HEARD 12	/* of them write something */
#define FORM_BYTES 64

/* ---- the ways to write a number down ---- */

/* Each writes the nine digits, as far as they do not depend on what stands beside them. */
static void plain(const char *digits, char *out)
{
	snprintf(out, FORM_BYTES, "%s", digits);
}

static void spaced(const char *digits, char *out)
{
	snprintf(out, FORM_BYTES, "%.3s %.3s %.3s", digits, digits + 3, digits + 6);
}

static void dotted(const char *digits, char *out)
{
	snprintf(out, FORM_BYTES, "%.3s.%.3s.%.3s", digits, digits + 3, digits + 6);
}

static void each_as(const char *digits, const char *format, char *out)
{
	for (size_t i = 0; i < 9; i++, out += strlen(out))
		snprintf(out, 8, format, (unsigned)digits[i]);
}

static void hex(const char *digits, char *out)
{
	each_as(digits, "%02x", out);
}

static void percent(const char *digits, char *out)
{
	each_as(digits, "%%%02X", out);
}

static void escaped(const char *digits, char *out)
{
	each_as(digits, "\\u%04x", out);
}

/* UTF-16 as hex; as bytes it is searched for with its zeros left out. */
static void wide_hex(const char *digits, char *out)
{
	each_as(digits, "00%02x", out);
}

static void base64_at(const char *digits, size_t skip, size_t n, char *out)
{
	sodium_bin2base64(out, FORM_BYTES, (const unsigned char *)digits + skip, n, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

static void base64_0(const char *digits, char *out)
{
	base64_at(digits, 0, 9, out);
}

static void base64_1(const char *digits, char *out)
{
	base64_at(digits, 2, 6, out);
}

static void base64_2(const char *digits, char *out)
{
	base64_at(digits, 1, 6, out);
}

static const struct form {
	const char *label;
	void (*write)(const char *digits, char *out);
} forms[] = {
	{ "plain", plain },	{ "spaced", spaced },	  { "dotted", dotted },	    { "hex", hex },	      { "percent", percent },
	{ "escaped", escaped }, { "wide", wide_hex },	  { "base64", base64_0 },   { "base64, 1 off", base64_1 }, { "base64, 2 off", base64_2 },
};

static void digits_of(int i, char ret[16])
{
	snprintf(ret, 16, "%d", FIRST + i);
}

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* What bytes are looked through as: without their zeros, in lower case. The caller's. */
static char *as_text(const char *data, size_t n)
{
	char *text = malloc(n + 1);
	size_t k = 0;
	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		if (data[i])
			text[k++] = (char)tolower((unsigned char)data[i]);
	text[k] = '\0';
	return text;
}

/* The first form in which nine characters stand in text; NULL = none. */
static const char *form_in(const char *text, const char *nine)
{
	for (size_t f = 0; f < COUNT_OF(forms); f++) {
		char form[FORM_BYTES];
		forms[f].write(nine, form);
		lower(form);
		if (strstr(text, form))
			return forms[f].label;
	}
	return NULL;
}

/* The first form of the first number in n bytes; NULL = none. Upper and lower case are one. */
static const char *found_in(const char *data, size_t n)
{
	OWN(mem) char *text = as_text(data, n);
	for (int i = 0; i < NUMBERS; i++) {
		char digits[16];
		digits_of(i, digits);
		const char *form = form_in(text, digits);
		if (form)
			return form;
	}
	return NULL;
}

static void scan_finds_a_number_in_every_form(void **state)
{
	(void)state;
	char digits[16], form[FORM_BYTES], text[200];
	digits_of(117, digits);
	for (size_t f = 0; f < COUNT_OF(forms); f++) {
		forms[f].write(digits, form);
		int n = snprintf(text, sizeof(text), "{\"a\":\"xx%syy\"}", form);
		if (!found_in(text, (size_t)n))
			fail_msg("%s", forms[f].label);
	}
	/* base64 of a whole text, wherever the number stands in it */
	for (size_t at = 0; at < 3; at++) {
		char whole[64];
		int n = snprintf(whole, sizeof(whole), "%.*s+84%s ok", (int)at, "abc", digits);
		sodium_bin2base64(text, sizeof(text), (const unsigned char *)whole, (size_t)n, sodium_base64_VARIANT_ORIGINAL);
		assert_non_null(found_in(text, strlen(text)));
	}
	for (size_t i = 0; i < 9; i++) {
		text[2 * i] = digits[i];
		text[2 * i + 1] = '\0';
	}
	assert_non_null(found_in(text, 18));
	assert_null(found_in("973550999 97355100 +84973551", 28));
}

/* ---- HTTP ---- */

struct world {
	struct gateway *g;
	char token[ROLE_COUNT][64];
	size_t n_answers, n_bytes;
};

static int call_web(const struct gateway *g)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	snprintf(at.sun_path, sizeof(at.sun_path), "%.96s/web.sock", g->dir);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* The whole answer, head and body. until: where to stop reading a stream; NULL = its end. */
static void request(const struct gateway *g, const char *method, const char *path, const char *token, const char *body, const char *until, struct buffer *ret)
{
	OWN(fd) int fd = call_web(g);
	char some[65536];
	OWN(buffer) struct buffer head = { 0 };
	assert_int_equal(buffer_printf(&head, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
				       method, path, token, strlen(body), body), 0);
	assert_int_equal(send(fd, buffer_text(&head), buffer_left(&head), MSG_NOSIGNAL), (ssize_t)buffer_left(&head));
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;
	while ((!until || !strstr(buffer_text(ret), until)) && poll(&p, 1, LIMIT_MS) > 0 && (n = recv(fd, some, sizeof(some), 0)) > 0)
		assert_int_equal(buffer_put(ret, some, (size_t)n), 0);
}

static void must_hold_none(struct world *w, const char *method, const char *path, const char *token, const char *body, const char *who)
{
	OWN(buffer) struct buffer answer = { 0 };
	request(w->g, method, path, token, body, NULL, &answer);
	const char *form = found_in(buffer_text(&answer), buffer_left(&answer));
	if (form)
		fail_msg("%s %s as %s holds a number (%s):\n%.3000s", method, path, who, form, buffer_text(&answer));
	assert_int_equal(strncmp(buffer_text(&answer), "HTTP/1.1 ", 9), 0);
	w->n_answers++;
	w->n_bytes += buffer_left(&answer);
}

/* ---- the world ---- */

static int64_t import_all(struct world *w)
{
	OWN(buffer) struct buffer csv = { 0 };
	assert_int_equal(buffer_puts(&csv, "phone,name,unit\n"), 0);
	for (int i = 0; i < NUMBERS; i++)
		assert_int_equal(buffer_printf(&csv, "0%d,Nguyen Van %c,02269\n", FIRST + i, 'A' + i % 26), 0);
	json_t *args = json_pack("{s:I,s:s,s:s}", "file", (json_int_t)gateway_upload(w->g, buffer_text(&csv), buffer_left(&csv)), "group", "thon", "basis", "hop thon");
	OWN(json) json_t *job = gateway_do(w->g, "contact.import", args);
	return json_int(job, "job", 0);
}

static int64_t import_refused(struct world *w)
{
	const char csv[] = "phone,name\n0973551007x,A\n0973551008 0973551009,B\n84973551010123,C\n";
	json_t *args = json_pack("{s:I,s:s,s:s}", "file", (json_int_t)gateway_upload(w->g, csv, sizeof(csv) - 1), "group", "sai", "basis", "hop thon");
	OWN(json) json_t *job = gateway_do(w->g, "contact.import", args);
	return json_int(job, "job", 0);
}

static void people_write(struct world *w)
{
	static const char *const texts[] = { "duong thon hong nang, de nghi xa sua", "TC", "ong truong thon thu tien sai", "hoi ve bao hiem y te" };
	for (int i = 0; i < HEARD; i++) {
		char number[20];
		snprintf(number, sizeof(number), "+84%d", FIRST + i);
		OWN(json) json_t *said = gateway_do(w->g, "loopback.say", json_pack("{s:s,s:s}", "from", number, "text", texts[i % (int)COUNT_OF(texts)]));
	}
	gateway_wait(w->g, "all heard", "SELECT count(*) >= 12 FROM inbound WHERE state = 'handled'", LIMIT_MS);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	*state = w;
	w->g = gateway_new(NULL);
	gateway_start(w->g);
	for (unsigned r = 0; r < ROLE_COUNT; r++) {
		char name[32];
		snprintf(name, sizeof(name), "%s-1", role_name((enum role)r));
		OWN(json) json_t *user = gateway_do(w->g, "user.add", json_pack("{s:s,s:s}", "name", name, "role", role_name((enum role)r)));
		OWN(json) json_t *token = gateway_do(w->g, "token.add", json_pack("{s:s}", "user", name));
		snprintf(w->token[r], sizeof(w->token[r]), "%s", json_str(token, "token", ""));
	}
	OWN(json) json_t *done = gateway_wait_job(w->g, import_all(w), LIMIT_MS);
	assert_string_equal(json_str(done, "state", ""), "done");
	OWN(json) json_t *refused = gateway_wait_job(w->g, import_refused(w), LIMIT_MS);
	assert_string_equal(json_str(refused, "state", ""), "failed");
	gateway_campaign(w->g, "thon", NULL, "Moi ba con di hop. Tu choi: soan TC", NUMBERS);
	people_write(w);
	gateway_do_id(w->g, "message.send", json_pack("{s:s,s:s}", "to", "+84973551199", "text", "Chao"));
	OWN(json) json_t *out = gateway_do(w->g, "consent.opt-out", json_pack("{s:s}", "number", "+84973551198"));
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	gateway_free(w->g);
	free(w);
	return 0;
}

/* ---- what is asked ---- */

struct asking {
	struct world *w;
	enum role role;
};

static const char *who(const struct asking *a)
{
	return role_name(a->role);
}

static void get(struct asking *a, const char *path)
{
	must_hold_none(a->w, "GET", path, a->w->token[a->role], "", who(a));
}

static bool takes_id(const struct verb *v)
{
	return v->n_args && v->args[0].rank == 1 && v->args[0].type != ARG_PHONE;
}

static int get_verb(void *arg, const struct verb *v)
{
	struct asking *a = arg;
	char path[120];
	const char *name = !strcmp(v->name, "list") ? "" : v->name;
	if (v->kind != VERB_QUERY || (v->n_args && v->args[0].type == ARG_PHONE && v->args[0].required))
		return 0;
	if (!takes_id(v)) {
		snprintf(path, sizeof(path), "/api/v1/%s%s%s%s", v->noun, *v->noun && *name ? "/" : "", name, v->list ? "?limit=1000" : "");
		get(a, path);
	}
	for (int id = 1; takes_id(v) && id <= 8; id++) {
		snprintf(path, sizeof(path), "/api/v1/%s/%d", v->noun, id);
		get(a, path);
	}
	return 0;
}

static void answers_to_roles_without_numbers_hold_none(void **state)
{
	struct world *w = *state;
	static const char *const more[] = {
		"/api/v1/contact?number=%2B84900000001", "/api/v1/message?to=0900000001", "/api/v1/consent/%2B84900000001", "/api/v1/case?topic=KHAC&limit=1000",
		"/api/v1/case?overdue=true", "/api/v1/inbox?newest=true&limit=1000", "/api/v1/message?state=delivered&limit=1000", "/api/v1/contact?group=thon&limit=1000",
		"/api/v1/group/thon", "/api/v1/channel/may-ao", "/api/v1/openapi.json", "/api/v1/case/999999", "/api/v1/nothing", "/", "/?lang=en", "/metrics", "/healthz",
	};
	static const enum role blind[] = { ROLE_APPROVER, ROLE_REVIEWER, ROLE_SECRETARY, ROLE_ADMINISTRATOR, ROLE_AUDITOR };
	for (size_t r = 0; r < COUNT_OF(blind); r++) {
		struct asking a = { .w = w, .role = blind[r] };
		registry_each(&caunoi_registry, get_verb, &a);
		for (size_t i = 0; i < COUNT_OF(more); i++)
			get(&a, more[i]);
	}
	print_message("%zu answers, %zu bytes\n", w->n_answers, w->n_bytes);
	assert_true(w->n_answers > 200 && w->n_bytes > 200000);
}

/* A reply to somebody whose number is not shown works; its answer and every refusal are looked at. */
static void commands_of_a_reviewer_answer_without_numbers(void **state)
{
	struct world *w = *state;
	static const char *const calls[][2] = {
		{ "/api/v1/case/1/reply", "{\"text\":\"Xa da nhan\"}" },      { "/api/v1/case/1/note", "{\"text\":\"da goi\"}" },
		{ "/api/v1/case/2/forward", "{\"to\":\"UBND xa\"}" },	      { "/api/v1/case/1/close", "{}" },
		{ "/api/v1/case/1/reply", "{\"text\":\"\",\"to\":\"x\"}" },   { "/api/v1/inbox/1/refile", "{\"kind\":\"question\"}" },
		{ "/api/v1/inbox/2/refile", "{\"kind\":\"none\"}" },	      { "/api/v1/message", "{\"to\":\"0900000001\",\"text\":\"x\"}" },
	};
	OWN(buffer) struct buffer answer = { 0 };
	request(w->g, "POST", calls[0][0], w->token[ROLE_REVIEWER], calls[0][1], NULL, &answer);
	assert_int_equal(strncmp(buffer_text(&answer), "HTTP/1.1 200", 12), 0);
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		must_hold_none(w, "POST", calls[i][0], w->token[ROLE_REVIEWER], calls[i][1], "reviewer");
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) > 0 FROM v_msg WHERE campaign IS NULL AND class = 'service'"), 1);
}

static void events_hold_no_number(void **state)
{
	struct world *w = *state;
	OWN(buffer) struct buffer seen = { 0 };
	OWN(json) json_t *said = gateway_do(w->g, "loopback.say", json_pack("{s:s,s:s}", "from", "+84973551150", "text", "hoi ve ho ngheo"));
	char head[128];
	snprintf(head, sizeof(head), "%s\r\nLast-Event-ID: 0", w->token[ROLE_REVIEWER]); /* all that is kept, so that none comes too early */
	request(w->g, "GET", "/api/v1/events", head, "", "\"inbox\"", &seen);
	assert_non_null(strstr(buffer_text(&seen), "\"inbox\""));
	assert_null(found_in(buffer_text(&seen), buffer_left(&seen)));
}

static void log_holds_no_number(void **state)
{
	struct world *w = *state;
	OWN(mem) char *log = gateway_log(w->g);
	assert_non_null(strstr(log, " info "));
	const char *form = found_in(log, strlen(log));
	if (form)
		fail_msg("%s in the log", form);
}

/* ---- what a thief of the disk has ---- */

/* A file whole; the caller's. */
static char *file_of(const char *path, size_t *ret_n)
{
	struct stat st;
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	char *data = malloc((size_t)st.st_size + 1);
	assert_non_null(data);
	*ret_n = fread(data, 1, (size_t)st.st_size, f);
	fclose(f);
	return data;
}

/* A few numbers, of those who wrote, were written to, stopped and were written to alone; and what opens the door. */
static void must_keep(const struct world *w, const char *path)
{
	static const int some[] = { 0, 2, HEARD - 1, 117, 198, 199 };
	size_t n;
	OWN(mem) char *data = file_of(path, &n);
	OWN(mem) char *text = as_text(data, n);
	for (size_t i = 0; i < COUNT_OF(some); i++) {
		char digits[16];
		digits_of(some[i], digits);
		const char *form = form_in(text, digits);
		if (form)
			fail_msg("%s holds a number (%s)", path, form);
	}
	const char *const doors[] = { w->g->login, w->token[ROLE_ADMINISTRATOR], w->token[ROLE_REVIEWER] };
	for (size_t i = 0; i < COUNT_OF(doors); i++)
		if (form_in(text, doors[i] + 5))
			fail_msg("%s holds a token (%s)", path, form_in(text, doors[i] + 5));
}

static void folder_and_backup_hold_no_number_and_no_token(void **state)
{
	struct world *w = *state;
	char path[GATEWAY_PATH_MAX + 256];
	size_t files = 0;
	snprintf(path, sizeof(path), "%s/stolen.backup", w->g->dir);
	OWN(json) json_t *backup = gateway_do(w->g, "backup", json_pack("{s:s}", "file", path));
	must_keep(w, path);
	DIR *d = opendir(w->g->data);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_type != DT_REG || !strcmp(e->d_name, "reserve"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", w->g->data, e->d_name);
		must_keep(w, path);
		files++;
	}
	closedir(d);
	assert_true(files >= 3);
}

/* Who may see numbers sees them: the scan looks where they are. */
static void outreach_sees_the_numbers(void **state)
{
	struct world *w = *state;
	static const char *const paths[] = { "/api/v1/contact?limit=1000", "/api/v1/message?limit=1000" };
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		OWN(buffer) struct buffer answer = { 0 };
		request(w->g, "GET", paths[i], w->token[ROLE_OUTREACH], "", NULL, &answer);
		assert_non_null(found_in(buffer_text(&answer), buffer_left(&answer)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scan_finds_a_number_in_every_form),
		cmocka_unit_test(answers_to_roles_without_numbers_hold_none),
		cmocka_unit_test(commands_of_a_reviewer_answer_without_numbers),
		cmocka_unit_test(events_hold_no_number),
		cmocka_unit_test(log_holds_no_number),
		cmocka_unit_test(folder_and_backup_hold_no_number_and_no_token),
		cmocka_unit_test(outreach_sees_the_numbers),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
