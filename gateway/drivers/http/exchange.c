/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One HTTP exchange. Called by engine.c and post.c. Knows libcurl's easy interface; never the loop, never what an answer
 * means. */
#include "gateway/drivers/http/exchange.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

#define HEADER_BYTES_MAX (64 * 1024)
#define KEEP_BYTES (16 * 1024)

/* ---- what libcurl calls back ---- */

static size_t on_body(char *data, size_t size, size_t n, void *self)
{
	struct exchange *x = self;
	if (buffer_left(&x->answer) + size * n > DOCUMENT_BYTES_MAX) {
		x->cut = "answer too big";
		return 0;
	}
	return buffer_put(&x->answer, data, size * n) ? 0 : size * n;
}

static size_t on_header(char *data, size_t size, size_t n, void *self)
{
	struct exchange *x = self;
	(void)data;
	x->header_bytes += size * n;
	if (x->header_bytes <= HEADER_BYTES_MAX)
		return size * n;
	x->cut = "answer's headers too big";
	return 0;
}

/* Called when a connection is there and the request is about to go. A second call would be libcurl's own repetition on
 * a dead kept connection: whether the first one arrived is not known, so that is for the core to decide. */
static int on_request(void *self, char *ip, char *local_ip, int port, int local_port)
{
	struct exchange *x = self;
	(void)ip, (void)local_ip, (void)port, (void)local_port;
	if (x->begun) {
		x->cut = "kept connection was lost";
		x->lost = true;
		return CURL_PREREQFUNC_ABORT;
	}
	x->begun = true;
	return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct exchange *x = self;
	if (purpose != CURLSOCKTYPE_IPCXN || !endpoint_allows(x->config->endpoint, &address->addr, x->config->plain)) {
		x->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
}

/* ---- set up ---- */

#define SET(option, value) (r = r ? r : curl_easy_setopt(x->easy, option, value))

static CURLcode set_limits(struct exchange *x)
{
	const struct exchange_config *c = x->config;
	CURLcode r = CURLE_OK;
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, c->plain ? "http" : "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTP_VERSION, (long)(c->plain ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
	SET(CURLOPT_PIPEWAIT, c->reuse && !c->plain ? 1L : 0L); /* one connection for many, where the provider can */
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_USERAGENT, "caunoi/1");
	SET(CURLOPT_BUFFERSIZE, 4096L);
	SET(CURLOPT_DNS_CACHE_TIMEOUT, 60L);
	SET(CURLOPT_QUICK_EXIT, 1L); /* never wait in the loop for a resolver thread that hangs */
	SET(CURLOPT_FRESH_CONNECT, c->reuse ? 0L : 1L);
	SET(CURLOPT_FORBID_REUSE, c->reuse ? 0L : 1L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=2"); /* no weak keys, wherever the system is more lenient */
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (*c->ca_file)
		SET(CURLOPT_CAINFO, c->ca_file);
	return r;
}

static CURLcode set_callbacks(struct exchange *x)
{
	CURLcode r = CURLE_OK;
	SET(CURLOPT_PRIVATE, x);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, x);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, x);
	SET(CURLOPT_PREREQFUNCTION, on_request);
	SET(CURLOPT_PREREQDATA, x);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, x);
	return r;
}

int exchange_init(struct exchange *x, const struct exchange_config *config, size_t batch)
{
	*x = (struct exchange){ .config = config, .easy = curl_easy_init(), .letters = calloc(batch, sizeof(struct letter *)) };
	if (!x->easy || !x->letters) {
		exchange_done(x);
		return E_NOMEM;
	}
	CURLcode r = set_limits(x);
	r = r ? r : set_callbacks(x);
	if (!r)
		return 0;
	exchange_done(x);
	return r == CURLE_OUT_OF_MEMORY ? E_NOMEM : E_CONFIG;
}

void exchange_done(struct exchange *x)
{
	curl_easy_cleanup(x->easy);
	curl_slist_free_all(x->headers);
	provider_request_done(&x->request);
	buffer_done(&x->url);
	buffer_done(&x->answer);
	free(x->letters);
	*x = (struct exchange){ 0 };
}

static int put_header(struct exchange *x, const char *text)
{
	struct curl_slist *grown = curl_slist_append(x->headers, text);
	if (!grown)
		return E_NOMEM;
	x->headers = grown;
	return 0;
}

static int set_headers(struct exchange *x)
{
	curl_slist_free_all(x->headers);
	x->headers = NULL;
	int r = put_header(x, "Expect:"); /* no 100-continue round trip */
	const char *text = buffer_text(&x->request.headers);
	for (int i = 0; !r && i < x->request.n_headers; i++, text += strlen(text) + 1)
		r = put_header(x, text);
	return r ? r : curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers) ? E_NOMEM : 0;
}

static int set_url(struct exchange *x)
{
	buffer_cut(&x->url, 0);
	int r = buffer_puts(&x->url, x->config->base_url);
	r = r ? r : buffer_puts(&x->url, buffer_text(&x->request.path));
	return r ? r : curl_easy_setopt(x->easy, CURLOPT_URL, buffer_text(&x->url)) ? E_NOMEM : 0;
}

static CURLcode set_method(struct exchange *x)
{
	const char *method = x->request.method;
	CURLcode r = CURLE_OK;
	if (!strcmp(method, "GET")) {
		SET(CURLOPT_HTTPGET, 1L);
		SET(CURLOPT_CUSTOMREQUEST, NULL);
		return r;
	}
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_CUSTOMREQUEST, strcmp(method, "PUT") ? NULL : "PUT");
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)buffer_left(&x->request.body));
	SET(CURLOPT_POSTFIELDS, buffer_text(&x->request.body));
	return r;
}

static CURLcode set_times(struct exchange *x)
{
	bool own = x->kind == EXCHANGE_SUBMIT && x->config->timeout_ms > 0;
	long whole_ms = own ? x->config->timeout_ms : (long)(x->request.timeout_s * 1000);
	CURLcode r = CURLE_OK;
	SET(CURLOPT_TIMEOUT_MS, whole_ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, whole_ms < 10000 ? whole_ms : 10000);
	return r;
}

int exchange_begin(struct exchange *x)
{
	CURLcode r = set_method(x);
	r = r ? r : set_times(x);
	int e = r ? E_NOMEM : set_url(x);
	e = e ? e : set_headers(x);
	x->begun = x->refused = x->lost = false;
	x->cut = NULL;
	x->header_bytes = 0;
	buffer_cut(&x->answer, 0);
	return e;
}

/* ---- what came of it ---- */

static const char *find_header(void *self, const char *name)
{
	struct exchange *x = self;
	struct curl_header *h = NULL;
	return curl_easy_header(x->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value : NULL;
}

const char *exchange_code(const struct exchange *x, CURLcode code)
{
	if (x->refused && !x->begun)
		return "address_refused";
	switch ((int)code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "dns";
	case CURLE_COULDNT_CONNECT:
		return "connect";
	case CURLE_OPERATION_TIMEDOUT:
		return "timeout";
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return "tls";
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
		return "connection_lost";
	case CURLE_WRITE_ERROR:
		return "answer_too_big";
	case CURLE_ABORTED_BY_CALLBACK:
		return x->lost ? "connection_lost" : "aborted";
	default:
		return x->begun ? "bad_answer" : "connect";
	}
}

const char *exchange_detail(const struct exchange *x, CURLcode code)
{
	return x->cut ? x->cut : curl_easy_strerror(code);
}

struct received exchange_received(struct exchange *x)
{
	long status = 0;
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	return (struct received){
		.status = (int)status,
		.body = buffer_text(&x->answer),
		.body_bytes = buffer_left(&x->answer),
		.header = find_header,
		.self = x,
		.now_ms = clock_now_ms(&x->config->clock),
	};
}

void exchange_clear(struct exchange *x)
{
	if (x->answer.room > KEEP_BYTES || (x->kind == EXCHANGE_TOKEN && x->answer.data)) {
		if (x->answer.data)
			explicit_bzero(x->answer.data, x->answer.n_bytes);
		buffer_done(&x->answer);
	}
	x->n_letters = 0;
	x->busy = false;
}
