/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of two channels of one provider: each sends with its own account and secret and never with the other's, and each knows its own
 * credit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "tests/support/gateway.h"
#include "tests/support/scripted.h"

#define WAIT_MS 60000
#define SECRET_A "khoa-cua-tai-khoan-a"
#define SECRET_B "khoa-cua-tai-khoan-b"
#define PROFILE                                                                                                                          \
	"provider = { name = \"twin\"; submit = { path = \"/send\"; body = \"account={{secret.account}}&key={{secret.key}}&text={{text|url}}\"; }; " \
	"answer = { format = \"json\"; id = \"/id\"; rules = ( { status = \"200\"; outcome = \"accepted\"; }, { outcome = \"unclear\"; } ); }; " \
	"balance = { path = \"/balance\"; body = \"key={{secret.key}}\"; format = \"json\"; value = \"/vnd\"; }; };\n"

struct world {
	struct gateway *g;
	struct scripted *s;
	atomic_int sent[2], mixed; /* by the account named in the request; with another account's secret */
	int ids;
	char reply[256];
};

static void answer(void *self, const char *request, struct scripted_reply *ret)
{
	struct world *w = self;
	char body[64];
	bool b = strstr(request, SECRET_B) != NULL;
	if (!strncmp(request, "POST /send ", 11)) {
		const char *account = strstr(request, "account=");
		bool names_b = account && !strncmp(account + 8, "xa-b&", 5);
		atomic_fetch_add(&w->sent[names_b], 1);
		atomic_fetch_add(&w->mixed, names_b != b || !strstr(request, b ? SECRET_B : SECRET_A));
		snprintf(body, sizeof(body), "{\"id\":\"T-%d\"}", ++w->ids);
	} else {
		snprintf(body, sizeof(body), "{\"vnd\":%d}", b ? 750000 : 40000);
	}
	int n = snprintf(w->reply, sizeof(w->reply), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(body), body);
	*ret = (struct scripted_reply){ .bytes = w->reply, .n_bytes = (size_t)n, .end = SCRIPTED_CLOSE };
}

static void put_file(const struct world *w, const char *name, const char *text)
{
	char path[GATEWAY_PATH_MAX + 32];
	snprintf(path, sizeof(path), "%s/%s", w->g->dir, name);
	OWN(file) FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
}

static int up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char channels[1024];
	assert_non_null(w);
	*state = w;
	w->s = scripted_start(SCRIPTED_PLAIN, NULL, answer, w);
	snprintf(channels, sizeof(channels),
		 "{ name = \"a\"; driver = \"http\"; provider = \"twin\"; base_url = \"http://127.0.0.1:%d\"; options = { account = \"xa-a\"; }; "
		 "secrets = { key = \"twin.a\"; }; balance = { low_vnd = 20000; }; }, "
		 "{ name = \"b\"; driver = \"http\"; provider = \"twin\"; base_url = \"http://127.0.0.1:%d\"; options = { account = \"xa-b\"; }; "
		 "secrets = { key = \"twin.b\"; }; balance = { low_vnd = 20000; }; }",
		 scripted_port(w->s), scripted_port(w->s));
	w->g = gateway_new(&(struct gateway_options){ .channels = channels, .no_init = true });
	gateway_secret(w->g, "twin.a", SECRET_A);
	gateway_secret(w->g, "twin.b", SECRET_B);
	put_file(w, "providers/twin.conf", PROFILE);
	gateway_init(w->g);
	gateway_start(w->g);
	return 0;
}

static int down(void **state)
{
	struct world *w = *state;
	gateway_free(w->g);
	scripted_stop(w->s);
	free(w);
	return 0;
}

static void each_channel_sends_with_its_own_account_and_knows_its_own_credit(void **state)
{
	struct world *w = *state;
	gateway_people(w->g, "thon-a", 1, 3);
	gateway_people(w->g, "thon-b", 100, 5);
	gateway_campaign(w->g, "thon-a", "a", "Moi ba con di hop. Tu choi: TC", 3);
	gateway_campaign(w->g, "thon-b", "b", "Moi ba con di hop. Tu choi: TC", 5);
	gateway_wait(w->g, "all sent", "SELECT count(*) = 8 FROM message WHERE state = 'sent'", WAIT_MS);
	gateway_wait(w->g, "both balances", "SELECT count(*) = 2 FROM channel WHERE balance_vnd IS NOT NULL", WAIT_MS);
	assert_int_equal(atomic_load(&w->sent[0]), 3);
	assert_int_equal(atomic_load(&w->sent[1]), 5);
	assert_int_equal(atomic_load(&w->mixed), 0);
	assert_int_equal(gateway_scalar(w->g, "SELECT balance_vnd FROM channel WHERE name = 'a'"), 40000);
	assert_int_equal(gateway_scalar(w->g, "SELECT balance_vnd FROM channel WHERE name = 'b'"), 750000);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_channel_sends_with_its_own_account_and_knows_its_own_credit, up, down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
