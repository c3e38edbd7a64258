/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the shipped profiles: every case of tests/fixtures/providers/NAME.cases (requests, answers and callbacks as the
 * provider documents them) gets what the provider's documentation means, and none takes a page of something else, an empty
 * answer or a broken one for a message that was taken.
 *
 *     secrets: {"api_key": "…"}
 *     === request|answer|receipt|inbound: label
 *     HTTP 200            (answer; then its headers)     text: …, sender: … (request)     GET ?a=b, POST TYPE (callback)
 *     to: +84… +84…       (request, answer: the messages, one or many, under the keys ab12-7, ab12-8 …)
 *
 *     body
 *     --- what must come of it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config/provider.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define NOW_MS INT64_C(1795305600000) /* 2026-11-22 00:00:00 UTC */
#define HEADERS_MAX 16
#define PEOPLE_MAX 4

struct test_case {
	char *kind, *label, *head, *body, *expected; /* parts of the file's text */
	int line;
};
struct casefile {
	char *text;
	json_t *secrets;
	struct test_case *cases;
	size_t n_cases;
};

/* ---- the file ---- */

static char *read_file(const char *path)
{
	OWN(file) FILE *f = fopen(path, "r");
	if (!f)
		fail_msg("%s is missing: a shipped profile needs its cases", path);
	char *all = NULL;
	size_t room = 0;
	ssize_t n = getdelim(&all, &room, 0, f);
	assert_true(n > 0);
	return all;
}

/* Cuts text at the next occurrence of mark; what is behind it, NULL = none. */
static char *cut(char *text, const char *mark)
{
	char *at = strstr(text, mark);
	if (!at)
		return NULL;
	*at = '\0';
	return at + strlen(mark);
}

static void chomp(char *text)
{
	size_t n = strlen(text);
	while (n && (text[n - 1] == '\n' || text[n - 1] == ' '))
		text[--n] = '\0';
}

static void read_case(const char *path, char *text, int line, struct test_case *ret)
{
	char *rest = cut(text, "\n---");
	if (!rest)
		fail_msg("%s:%d: no expectation", path, line);
	*ret = (struct test_case){ .kind = text, .expected = rest + strspn(rest, " \n"), .line = line };
	chomp(ret->expected);
	ret->head = cut(text, "\n");
	ret->label = cut(text, ": ");
	assert_non_null(ret->label);
	ret->body = ret->head ? cut(ret->head, "\n\n") : NULL;
	ret->head = ret->head ? ret->head : ret->expected + strlen(ret->expected);
	ret->body = ret->body ? ret->body : ret->expected + strlen(ret->expected);
}

static int line_of(const char *text, size_t offset)
{
	int line = 1;
	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

static void read_cases(const char *path, struct casefile *ret)
{
	*ret = (struct casefile){ .text = read_file(path) };
	OWN(mem) char *whole = strdup(ret->text);
	assert_non_null(whole);
	char *next = cut(ret->text, "\n=== "), *secrets = strstr(ret->text, "secrets: ");
	if (!secrets || json_parse(secrets + 9, strlen(secrets + 9), &ret->secrets))
		fail_msg("%s: no line \"secrets: {…}\" before the first case", path);
	while (next) {
		char *text = next;
		int line = line_of(whole, (size_t)(text - ret->text));
		next = cut(text, "\n=== ");
		ret->cases = realloc(ret->cases, (ret->n_cases + 1) * sizeof(*ret->cases));
		assert_non_null(ret->cases);
		read_case(path, text, line, &ret->cases[ret->n_cases++]);
	}
	assert_true(ret->n_cases > 0);
}

static void casefile_done(struct casefile *f)
{
	free(f->text);
	free(f->cases);
	json_decref(f->secrets);
}

/* ---- heads ---- */

struct head {
	char *names[HEADERS_MAX], *values[HEADERS_MAX];
	size_t n;
};

static void read_head(char *text, struct head *ret)
{
	ret->n = 0;
	for (char *line = text; line && *line && ret->n < HEADERS_MAX;) {
		char *next = cut(line, "\n"), *value = cut(line, ": ");
		ret->names[ret->n] = line;
		ret->values[ret->n++] = value ? value : line + strlen(line);
		line = next;
	}
}

static const char *find_header(void *self, const char *name)
{
	const struct head *h = self;
	for (size_t i = 0; i < h->n; i++)
		if (!strcasecmp(h->names[i], name))
			return h->values[i];
	return NULL;
}

static const char *value_of(const struct head *h, const char *name, const char *otherwise)
{
	const char *value = find_header((void *)h, name);
	return value ? value : otherwise;
}

/* ---- what came of it, as text ---- */

#define say(...) assert_int_equal(buffer_printf(__VA_ARGS__), 0)

static void put_pair(struct buffer *out, const char *name, const char *value)
{
	if (value)
		say(out, " %s=%s", name, value);
}

/* The messages of a case: "to" of its head, one behind the other. */
struct people {
	char *to[PEOPLE_MAX];
	char keys[PEOPLE_MAX][32];
	size_t n;
};

static void read_people(const struct head *h, struct people *ret)
{
	*ret = (struct people){ 0 };
	for (char *at = (char *)value_of(h, "to", ""); at && *at && ret->n < PEOPLE_MAX;) {
		ret->to[ret->n++] = at;
		at = cut(at, " ");
	}
	ret->n = ret->n ? ret->n : 1;
	for (size_t i = 0; i < ret->n; i++)
		snprintf(ret->keys[i], sizeof(ret->keys[i]), "ab12-%zu", 7 + i);
}

static const char *person(const struct people *p, size_t i)
{
	return p->to[i] ? p->to[i] : "+84912345678";
}

static void run_request(const struct provider *p, const struct casefile *f, struct test_case *c, struct buffer *out)
{
	struct head h;
	struct provider_request q = { 0 };
	struct provider_refusal why = { 0 };
	struct people people;
	struct provider_message m[PEOPLE_MAX];
	read_head(c->head, &h);
	read_people(&h, &people);
	for (size_t i = 0; i < people.n; i++)
		m[i] = (struct provider_message){ .to = person(&people, i),
						  .text = value_of(&h, "text", "Thong bao"),
						  .sender = value_of(&h, "sender", "MTTQ"),
						  .key = people.keys[i],
						  .attempt = "9",
						  .receipt_url = value_of(&h, "receipt_url", ""),
						  .now_ms = NOW_MS,
						  .parts = 1,
						  .unicode = !strcmp(value_of(&h, "unicode", "0"), "1") };
	assert_true(people.n <= (size_t)provider_batch(p));
	int r = provider_requests(p, m, people.n, f->secrets, &q, &why);
	if (r == E_REFUSED) {
		say(out, "refused %s %s", why.fault, why.rule);
	} else {
		assert_int_equal(r, 0);
		say(out, "%s %s\n", provider_method(p), buffer_text(&q.path));
		const char *header = buffer_text(&q.headers);
		for (int i = 0; i < q.n_headers; i++, header += strlen(header) + 1)
			say(out, "%s\n", header);
		say(out, "\n%s", buffer_text(&q.body));
	}
	provider_request_done(&q);
}

static void put_answer(struct buffer *out, const struct provider_answer *a)
{
	if (buffer_left(out))
		say(out, "\n");
	say(out, "%s", a->outcome);
	put_pair(out, "fault", a->fault);
	put_pair(out, "id", a->reference);
	if (a->segments)
		say(out, " segments=%d", a->segments);
	put_pair(out, "price", a->price);
	put_pair(out, "code", a->code);
	if (a->retry_after_s)
		say(out, " retry=%lld", (long long)a->retry_after_s);
}

static void run_answer(const struct provider *p, struct test_case *c, struct buffer *out)
{
	struct head h;
	struct people people;
	struct provider_message m[PEOPLE_MAX];
	struct provider_answer a[PEOPLE_MAX];
	read_head(c->head, &h);
	read_people(&h, &people);
	struct received in = { .body = c->body, .body_bytes = strlen(c->body), .header = find_header, .self = &h, .now_ms = NOW_MS };
	assert_true(h.n > 0);
	assert_int_equal(sscanf(h.names[0], "HTTP %d", &in.status), 1);
	in.content_type = value_of(&h, "Content-Type", "");
	for (size_t i = 0; i < people.n; i++)
		m[i] = (struct provider_message){ .to = person(&people, i), .key = people.keys[i] };
	assert_int_equal(provider_answers(p, m, people.n, &in, a), 0);
	for (size_t i = 0; i < people.n; i++) {
		put_answer(out, &a[i]);
		provider_answer_done(&a[i]);
	}
}

static void read_callback(struct test_case *c, struct head *h, struct received *ret)
{
	read_head(c->head, h);
	assert_true(h->n > 0);
	char *method = h->names[0], *rest = cut(method, " ");
	*ret = (struct received){ .method = method, .query = "", .content_type = "", .url = "https://caunoi.example.vn/hooks/x/y/z",
				  .body = c->body, .body_bytes = strlen(c->body), .header = find_header, .self = h, .now_ms = NOW_MS };
	if (!strcmp(method, "GET"))
		ret->query = rest && *rest == '?' ? rest + 1 : "";
	else
		ret->content_type = rest ? rest : "";
}

static void put_event(struct buffer *out, const struct provider_event *e)
{
	if (buffer_left(out))
		say(out, "\n");
	if (e->is_receipt) {
		say(out, "%s", e->receipt.status);
		put_pair(out, "id", e->receipt.reference);
		put_pair(out, "code", e->receipt.code);
		put_pair(out, "to", e->receipt.to);
		return;
	}
	say(out, "message");
	put_pair(out, "id", e->inbound.id);
	put_pair(out, "from", e->inbound.from);
	put_pair(out, "to", e->inbound.to);
	if (e->inbound.total)
		say(out, " part=%d/%d of %d", e->inbound.part, e->inbound.total, e->inbound.ref);
	put_pair(out, "text", e->inbound.text);
}

static void run_callback(const struct provider *p, bool is_receipt, struct test_case *c, struct buffer *out)
{
	struct head h;
	struct received in;
	struct provider_events events = { 0 };
	read_callback(c, &h, &in);
	const char *why = NULL;
	int r = provider_events(p, is_receipt, &in, &events, &why);
	assert_true(r == 0 || r == E_INVALID);
	for (size_t i = 0; i < events.n; i++)
		if (!events.at[i].malformed)
			put_event(out, &events.at[i]);
	if (r)
		say(out, "malformed %s", why);
	else if (events.n_malformed)
		say(out, "\nmalformed %zu", events.n_malformed);
	else if (!events.n)
		say(out, "nothing");
	provider_events_done(&events);
}

static void run_case(const char *path, const struct provider *p, const struct casefile *f, struct test_case *c)
{
	OWN(buffer) struct buffer out = { 0 };
	if (!strcmp(c->kind, "request"))
		run_request(p, f, c, &out);
	else if (!strcmp(c->kind, "answer"))
		run_answer(p, c, &out);
	else if (!strcmp(c->kind, "receipt"))
		run_callback(p, true, c, &out);
	else if (!strcmp(c->kind, "inbound"))
		run_callback(p, false, c, &out);
	else
		fail_msg("%s:%d: unknown kind %s", path, c->line, c->kind);
	OWN(mem) char *got = strdup(buffer_text(&out));
	assert_non_null(got);
	chomp(got);
	if (strcmp(got, c->expected) != 0)
		fail_msg("%s:%d: %s: %s\n  expected %s\n  got      %s", path, c->line, c->kind, c->label, c->expected, got);
}

/* ---- all of them ---- */

static struct provider *must_load(const char *path)
{
	struct provider *p = NULL;
	struct complaint c = { 0 };
	int r = provider_load(path, &p, &c);
	if (r)
		fail_msg("%s:%d: %s: %s (%s)", path, c.line, c.field, c.text, err_text(r));
	return p;
}

static const char *name_of(const char *path, char *out, size_t room)
{
	const char *base = strrchr(path, '/') + 1;
	snprintf(out, room, "%.*s", (int)(strlen(base) - strlen(".conf")), base);
	return out;
}

static void each_of(const char *pattern, size_t least, void (*fn)(const char *path, const char *name, struct provider *p))
{
	glob_t found;
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= least);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char name[64];
		struct provider *p = must_load(found.gl_pathv[i]);
		fn(found.gl_pathv[i], name_of(found.gl_pathv[i], name, sizeof(name)), p);
		provider_free(p);
	}
	globfree(&found);
}

static void each_profile(void (*fn)(const char *path, const char *name, struct provider *p))
{
	each_of("config/providers/*.conf", 15, fn);
}

static bool has_kind(const struct casefile *f, const char *kind)
{
	for (size_t i = 0; i < f->n_cases; i++)
		if (!strcmp(f->cases[i].kind, kind))
			return true;
	return false;
}

static void check_in(const char *folder, const char *profile, const char *name, struct provider *p)
{
	char path[128];
	struct casefile f;
	snprintf(path, sizeof(path), "tests/fixtures/%s/%s.cases", folder, name);
	read_cases(path, &f);
	if (strcmp(provider_name(p), name) != 0)
		fail_msg("%s calls itself %s", profile, provider_name(p));
	if (!has_kind(&f, "request") || !has_kind(&f, "answer") || has_kind(&f, "receipt") != provider_has_receipt(p) ||
	    has_kind(&f, "inbound") != provider_has_inbound(p))
		fail_msg("%s: cases are missing for something that the profile has", path);
	assert_null(provider_missing_secret(p, f.secrets));
	for (size_t i = 0; i < f.n_cases; i++)
		run_case(path, p, &f, &f.cases[i]);
	casefile_done(&f);
}

static void check_cases(const char *profile, const char *name, struct provider *p)
{
	check_in("providers", profile, name, p);
}

static void check_stranger(const char *profile, const char *name, struct provider *p)
{
	check_in("strangers", profile, name, p);
}

/* Not shipped: written by docs/providers.md alone, to see whether that is enough. */
static void profiles_written_by_the_documentation_alone_do_what_their_pages_say(void **state)
{
	(void)state;
	each_of("tests/fixtures/strangers/providers/*.conf", 2, check_stranger);
}

static void every_documented_case_gets_what_the_documentation_means(void **state)
{
	(void)state;
	each_profile(check_cases);
}

/* What any server, proxy or portal may say instead of the API. */
static const struct {
	const char *label;
	int status;
	const char *type, *body, *outcome;
} strangers[] = {
	{ "empty 200", 200, "", "", "unclear" },
	{ "blanks", 200, "text/plain", " \r\n ", "unclear" },
	{ "a captive portal's page", 200, "text/html", "<html><body><h1>Login</h1><p>0: 100 Success OK</p></body></html>", "unclear" },
	{ "an error page", 502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>", "unclear" },
	{ "an error page of a proxy that ran out of time", 504, "text/html", "<html>504 Gateway Time-out</html>", "unclear" },
	{ "a server's own failure", 500, "", "", "unclear" },
	{ "a redirect", 302, "text/html", "<a href=\"https://example.org/\">Found</a>", "unclear" },
	{ "JSON cut short", 200, "application/json", "{\"status\":\"success\",\"code\":\"00\",\"CodeResult\":\"100\",\"sid\":\"SM1\",\"id\":\"1", "unclear" },
	{ "JSON of nothing", 200, "application/json", "{}", "unclear" },
	{ "a list", 200, "application/json", "[]", "unclear" },
	{ "null", 200, "application/json", "null", "unclear" },
	{ "too many requests", 429, "text/plain", "Too Many Requests", "not_sent" },
};

static void check_strangers(const char *profile, const char *name, struct provider *p)
{
	(void)name;
	static const char *const pair[] = { "Retry-After", "17" };
	struct head h = { .names = { (char *)pair[0] }, .values = { (char *)pair[1] }, .n = 1 };
	for (size_t i = 0; i < COUNT_OF(strangers); i++) {
		struct provider_answer a = { 0 };
		struct received in = { .status = strangers[i].status, .content_type = strangers[i].type, .body = strangers[i].body,
				       .body_bytes = strlen(strangers[i].body), .header = find_header, .self = &h, .key = "ab12-7", .now_ms = NOW_MS };
		assert_int_equal(provider_answer(p, &in, &a), 0);
		if (strcmp(a.outcome, strangers[i].outcome) != 0)
			fail_msg("%s: %s: %s", profile, strangers[i].label, a.outcome);
		if (in.status == 429) {
			assert_string_equal(a.fault, "channel");
			assert_int_equal(a.retry_after_s, 17);
		}
		provider_answer_done(&a);
	}
}

static void nothing_but_the_api_is_ever_taken_for_an_acceptance(void **state)
{
	(void)state;
	each_profile(check_strangers);
}

/* The n-th profile of the documentation, as a file. */
static struct provider *documented(int n)
{
	char file[] = "/tmp/test-profiles-XXXXXX";
	struct complaint c = { 0 };
	struct provider *p = NULL;
	OWN(mem) char *page = read_file("docs/providers.md");
	char *profile = page;
	for (int i = 0; i <= n; i++) {
		profile = cut(profile, "\n```\nprovider = {");
		assert_non_null(profile);
	}
	assert_non_null(cut(profile, "\n```\n"));
	int fd = mkstemp(file);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "provider = {%s", profile) > 0);
	close(fd);
	int r = provider_load(file, &p, &c);
	unlink(file);
	if (r)
		fail_msg("docs/providers.md: profile %d, line %d: %s: %s", n + 1, c.line, c.field, c.text);
	return p;
}

struct documented_row {
	int status;
	const char *body, *outcome;
};

static void check_documented(int n, const struct documented_row *rows, size_t n_rows)
{
	struct provider *p = documented(n);
	for (size_t i = 0; i < n_rows; i++) {
		struct provider_answer a;
		struct provider_message m = { .to = "+84912345678", .key = "k" };
		struct received in = { .status = rows[i].status, .body = rows[i].body, .body_bytes = strlen(rows[i].body), .content_type = "", .key = "k" };
		assert_int_equal(provider_answers(p, &m, 1, &in, &a), 0);
		if (strcmp(a.outcome, rows[i].outcome))
			fail_msg("profile %d: %s: %s", n + 1, rows[i].body, a.outcome);
		provider_answer_done(&a);
	}
	provider_free(p);
}

static void the_documentation_s_examples_are_profiles_that_work(void **state)
{
	(void)state;
	static const struct documented_row tinxa[] = { { 200, "{\"rc\":0,\"sid\":\"A81\"}", "accepted" }, { 200, "{\"rc\":0}", "unclear" },
						       { 200, "{\"rc\":7}", "accepted" }, { 200, "{\"rc\":2}", "refused" }, { 200, "{\"rc\":8}", "unclear" } };
	static const struct documented_row oauth[] = { { 200, "{\"messages\":[{\"ref\":\"k\",\"id\":\"1\",\"state\":\"queued\"}]}", "accepted" },
						       { 200, "{\"messages\":[{\"ref\":\"j\",\"id\":\"1\",\"state\":\"queued\"}]}", "unclear" },
						       { 200, "{\"error\":{\"code\":\"no_credit\"}}", "refused" }, { 401, "{}", "not_sent" }, { 500, "{}", "unclear" } };
	static const struct documented_row words[] = { { 200, "success | 84912345678 | 1234-5", "accepted" }, { 200, "success | 84912345678 | ", "unclear" },
						       { 200, "error | 102 | no credit", "refused" }, { 200, "<html>success</html>", "unclear" } };
	check_documented(0, tinxa, COUNT_OF(tinxa));
	check_documented(1, oauth, COUNT_OF(oauth));
	check_documented(2, words, COUNT_OF(words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_written_by_the_documentation_alone_do_what_their_pages_say),
		cmocka_unit_test(every_documented_case_gets_what_the_documentation_means),
		cmocka_unit_test(the_documentation_s_examples_are_profiles_that_work),
		cmocka_unit_test(nothing_but_the_api_is_ever_taken_for_an_acceptance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
