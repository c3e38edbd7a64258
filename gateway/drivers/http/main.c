/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-http: a channel over an HTTP SMS API that a profile describes, or the program that tells one webhook what happens: hello says
 * which. Started by the core with frames on standard input and output; one thread, no files but the profile and the CA bundle, no
 * database. */
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/provider.h"
#include "config/settings.h"
#include "gateway/base/clock.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/drivers/driver.h"
#include "gateway/drivers/http/cell.h"
#include "gateway/drivers/http/endpoint.h"
#include "gateway/drivers/http/herald.h"
#include "gateway/drivers/http/post.h"

#define STOP_MS 10000
#define CREDIT_ONCE 8
#define CREDIT_MAX 512

struct program {
	struct driver *d;
	struct post *post;     /* NULL before hello, and in the other role */
	struct herald *herald; /* the same */
	struct exchange_config config;
	json_t *secrets;
	int64_t stop_at_ms; /* 0 = not stopping */
};

static int bad_config(const char *field, const char *why)
{
	log_error("http.config", "key=%s problem=\"%s\"", field, why);
	return E_CONFIG;
}

/* http or https, a host, no user, no query. */
static int read_url(struct program *p, const char *text)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *user = NULL, *query = NULL, *fragment = NULL;
	if (!url)
		return E_NOMEM;
	bool good = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		    (!strcmp(scheme, "https") || !strcmp(scheme, "http")) &&
		    curl_url_get(url, CURLUPART_USER, &user, 0) != CURLUE_OK &&
		    curl_url_get(url, CURLUPART_QUERY, &query, 0) != CURLUE_OK &&
		    curl_url_get(url, CURLUPART_FRAGMENT, &fragment, 0) != CURLUE_OK;
	p->config.plain = good && !strcmp(scheme, "http");
	curl_free(scheme);
	curl_free(user);
	curl_free(query);
	curl_free(fragment);
	curl_url_cleanup(url);
	if (!good)
		return bad_config("url", "must be https://host[:port][/path]");
	p->config.base_url = strdup(text);
	return p->config.base_url ? 0 : E_NOMEM;
}

/* The profile's path is put behind it. */
static int read_base_url(struct program *p, const char *text)
{
	int r = read_url(p, text);
	for (size_t n = strlen(text); !r && n && text[n - 1] == '/'; n--)
		p->config.base_url[n - 1] = '\0';
	return r;
}

static int read_provider(struct program *p, const json_t *config)
{
	struct complaint c = { 0 };
	const char *file = json_str(config, "provider_file", NULL), *missing;
	OWN(mem) char *found = NULL;
	OWN(mem) char *name = NULL;
	if (!file) {
		if (asprintf(&name, "providers/%s.conf", json_str(config, "provider", "")) < 0)
			return E_NOMEM;
		if (settings_find(NULL, name, &found))
			return bad_config("provider", "no such profile");
		file = found;
	}
	int r = provider_load(file, &p->config.provider, &c);
	if (r) {
		char text[1024];
		complaint_format(&c, text, sizeof(text));
		log_error("http.profile", "problem=\"%s\" error=\"%s\"", text, err_text(r));
		return r == E_NOMEM ? r : E_CONFIG;
	}
	missing = provider_missing_secret(p->config.provider, p->secrets);
	if (!missing)
		return 0;
	log_error("http.config", "key=secrets problem=\"the profile needs a secret of this name\" name=%s", missing);
	return E_CONFIG;
}

/* What both roles read. */
static int read_common(struct program *p, const json_t *config)
{
	struct exchange_config *c = &p->config;
	if (endpoint_new(json_object_get(config, "allow_private_endpoints"), &c->endpoint))
		return bad_config("allow_private_endpoints", "must hold addresses such as 127.0.0.1/32");
	c->secrets = p->secrets;
	c->ca_file = strdup(json_str(config, "ca_file", ""));
	c->sender = strdup(json_str(config, "sender", ""));
	c->receipt_url = strdup(json_str(config, "receipt_url", ""));
	return c->ca_file && c->sender && c->receipt_url ? 0 : E_NOMEM;
}

static int read_config(struct program *p, const json_t *config)
{
	int r = read_base_url(p, json_str(config, "base_url", ""));
	r = r ? r : read_provider(p, config);
	r = r ? r : read_common(p, config);
	if (r)
		return r;
	double timeout_s = json_num(config, "timeout", 0);
	timeout_s = timeout_s > 0 ? timeout_s : provider_timeout_s(p->config.provider);
	p->config.timeout_ms = (long)(timeout_s * 1000);
	p->config.reuse = provider_idempotent(p->config.provider);
	return 0;
}

static int in_flight(const struct program *p, const json_t *config)
{
	int64_t n = json_int(config, "in_flight", 32);
	int64_t most = p->config.reuse ? CREDIT_MAX : CREDIT_ONCE;
	return (int)(n < 1 ? 1 : n > most ? most : n);
}

/* Where keys are known, a connection that becomes free finds its next message here and need not wait for the core's commit. */
static int credit_of(const struct program *p, int in_flight)
{
	int batch = provider_batch(p->config.provider);
	int credit = p->config.reuse ? in_flight * (batch > 4 ? batch : 4) : batch > 1 ? CREDIT_ONCE : in_flight;
	return credit > CREDIT_MAX ? CREDIT_MAX : credit;
}

static void say_ready(struct program *p, int credit)
{
	/* "submit": an attempt takes this long at the most; the core waits a little longer before it gives this program up */
	OWN(json) json_t *limits_s = json_pack("{s:f}", "submit", post_limit_s(p->post));
	driver_ready(p->d, &(struct driver_ready){
				   .credit = credit,
				   .whole = true,
				   .idempotent = p->config.reuse,
				   .receipts = provider_has_receipt(p->config.provider),
				   .inbound = provider_has_inbound(p->config.provider),
				   .limits_s = limits_s,
			   });
}

static void enter_cell(struct program *p)
{
	if (!cell_enter(p->config.ca_file))
		return;
	OWN(json) json_t *fields = json_pack("{s:s}", "why", "this kernel lacks seccomp or Landlock");
	driver_log(p->d, "warn", "sandbox.partial", fields);
}

/* The receiver knows an event by its id: connections are kept. */
static int begin_webhook(struct program *p, const json_t *config)
{
	int n = (int)json_int(config, "in_flight", 8);
	int r = read_url(p, json_str(config, "url", ""));
	r = r ? r : read_common(p, config);
	if (r)
		return r;
	p->config.timeout_ms = (long)(json_num(config, "timeout", 10) * 1000);
	p->config.reuse = true;
	enter_cell(p);
	r = herald_new(&p->config, p->d, n, &p->herald);
	if (!r)
		driver_ready(p->d, &(struct driver_ready){ .credit = n });
	return r;
}

static int begin_channel(struct program *p, const json_t *config)
{
	int r = read_config(p, config);
	if (r)
		return r;
	enter_cell(p);
	int connections = in_flight(p, config), credit = credit_of(p, connections);
	const struct post_config post = {
		.exchange = &p->config,
		.in_flight = connections,
		.credit = credit,
		.balance_every_s = 3600 * json_num(json_object_get(config, "balance"), "every_h", 12),
	};
	r = post_new(&post, p->d, &p->post);
	if (!r)
		say_ready(p, credit);
	return r;
}

static int on_hello(void *self, const char *channel, const json_t *config, const json_t *secrets)
{
	struct program *p = self;
	(void)channel;
	if (p->secrets)
		return E_PROTOCOL;
	p->secrets = json_deep_copy(secrets);
	if (!p->secrets)
		return E_NOMEM;
	return strcmp(json_str(config, "role", ""), "webhook") ? begin_channel(p, config) : begin_webhook(p, config);
}

static void on_submit(void *self, const struct submit *s)
{
	struct program *p = self;
	if (!p->stop_at_ms && p->post) {
		post_submit(p->post, s);
		return;
	}
	driver_result(p->d, &(struct driver_result){ .attempt = s->attempt,
						     .outcome = OUTCOME_NOT_SENT,
						     .code = "stopping",
						     .fault = FAULT_CHANNEL });
}

static void on_abort(void *self, const char *attempt)
{
	struct program *p = self;
	if (p->post)
		post_abort(p->post, attempt);
}

/* The same channel with other secrets: what is open goes on, the next request carries the new ones. */
static bool take_secrets(struct program *p, const char *op, const json_t *frame)
{
	const json_t *secrets = json_object_get(frame, "secrets");
	if (strcmp(op, "secrets") != 0 || !json_is_object(secrets))
		return false;
	const char *missing = provider_missing_secret(p->config.provider, secrets);
	json_t *copy = missing ? NULL : json_deep_copy(secrets);
	if (!copy) {
		driver_log(p->d, "warn", "http.secrets_incomplete", NULL);
		return true;
	}
	json_decref(p->secrets);
	p->secrets = copy;
	p->config.secrets = copy;
	return true;
}

static bool on_other(void *self, const char *op, const json_t *frame)
{
	struct program *p = self;
	if (!p->herald)
		return take_secrets(p, op, frame);
	if (strcmp(op, "event"))
		return false;
	herald_event(p->herald, frame);
	return true;
}

static void on_stop(void *self)
{
	struct program *p = self;
	if (p->stop_at_ms)
		return;
	p->stop_at_ms = clock_mono_ms(&p->config.clock) + STOP_MS;
	if (p->post)
		post_stop(p->post);
}

/* Before hello there is nothing but the core to wait for. */
static int wait_for_hello(struct program *p)
{
	struct pollfd in = { .fd = driver_in_fd(p->d), .events = POLLIN };
	return poll(&in, 1, -1) < 0 ? E_IO : 0;
}

static bool has_stopped(struct program *p, int64_t *ret_left_ms)
{
	*ret_left_ms = -1;
	if (!p->stop_at_ms)
		return false;
	*ret_left_ms = p->stop_at_ms - clock_mono_ms(&p->config.clock);
	if (p->post && *ret_left_ms <= 0)
		post_abort_all(p->post, "the driver was stopped");
	return p->herald ? !herald_open(p->herald) || *ret_left_ms <= 0 : !p->post || !post_open(p->post);
}

static int step(struct program *p, int64_t left_ms)
{
	if (p->herald)
		return herald_step(p->herald, left_ms);
	return p->post ? post_step(p->post, left_ms) : wait_for_hello(p);
}

static int run(struct program *p)
{
	int64_t left_ms;
	while (!has_stopped(p, &left_ms)) {
		int r = step(p, left_ms);
		r = r ? r : driver_pump(p->d);
		if (r)
			return r;
	}
	driver_flush(p->d);
	return 0;
}

static void clear(struct program *p)
{
	post_free(p->post);
	herald_free(p->herald);
	driver_free(p->d);
	provider_free(p->config.provider);
	endpoint_free(p->config.endpoint);
	free(p->config.base_url);
	free(p->config.ca_file);
	free(p->config.sender);
	free(p->config.receipt_url);
	json_decref(p->secrets);
}

int main(int argc, char **argv)
{
	static const struct driver_ops ops = {
		.hello = on_hello,
		.submit = on_submit,
		.abort = on_abort,
		.stop = on_stop,
		.other = on_other,
	};
	struct program p = { .config.clock = clock_real() };
	log_init("caunoi-http", LOG_LEVEL_INFO);
	if (driver_misused(argc, argv))
		return 2;
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return 1;
	int r = driver_new(&ops, &p, 0, 1, &p.d);
	r = r ? r : run(&p);
	clear(&p);
	curl_global_cleanup();
	fflush(NULL);
	/* what runs at exit of its own accord (a sanitizer's search for leaks) may want processes, which the cell refuses */
	_exit(r && r != E_NOT_FOUND ? err_exit_code(r) : 0);
}
