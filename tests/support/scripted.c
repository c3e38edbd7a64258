/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scripted provider: sockets, threads, certificates made on the spot. Called by tests of the HTTP driver. */
#include "tests/support/scripted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_BYTES (256 * 1024)

struct scripted {
	int fd, port, n_requests, n_open;
	SSL_CTX *tls; /* NULL = plain */
	scripted_answer *answer;
	void *self;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t gone;
	int fds[64];
};
struct visit {
	struct scripted *s;
	int fd;
	SSL *ssl;
};

/* ---- certificates ---- */

static X509 *make_certificate(EVP_PKEY *key, EVP_PKEY *signer, X509 *issuer, const char *host, long from_s, long to_s)
{
	X509 *x = X509_new();
	X509V3_CTX context;
	char names[64];
	assert_non_null(x);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), host ? 2 : 1);
	X509_gmtime_adj(X509_getm_notBefore(x), from_s);
	X509_gmtime_adj(X509_getm_notAfter(x), to_s);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)(host ? host : "Test CA"), -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	X509V3_set_ctx(&context, issuer ? issuer : x, x, NULL, NULL, 0);
	snprintf(names, sizeof(names), "IP:%s", host ? host : "127.0.0.1");
	X509_EXTENSION *e = host ? X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, names) :
				   X509V3_EXT_conf_nid(NULL, &context, NID_basic_constraints, "critical,CA:TRUE");
	assert_non_null(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	assert_true(X509_sign(x, signer, EVP_sha256()) > 0);
	return x;
}

static void write_certificate(const char *file, X509 *x)
{
	FILE *f = fopen(file, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, x), 1);
	fclose(f);
}

static SSL_CTX *make_tls(enum scripted_tls kind, const char *ca_file)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *other_key = EVP_EC_gen("P-256");
	EVP_PKEY *key = kind == SCRIPTED_WEAK_KEY ? EVP_RSA_gen(1024) : EVP_EC_gen("P-256");
	assert_true(tls && ca_key && other_key && key);
	X509 *ca = make_certificate(ca_key, ca_key, NULL, NULL, -86400, 86400);
	X509 *other = make_certificate(other_key, other_key, NULL, NULL, -86400, 86400);
	bool expired = kind == SCRIPTED_EXPIRED, alone = kind == SCRIPTED_SELF_SIGNED, stranger = kind == SCRIPTED_OTHER_CA;
	X509 *leaf = make_certificate(key, alone ? key : stranger ? other_key : ca_key, alone ? NULL : stranger ? other : ca,
				      kind == SCRIPTED_OTHER_HOST ? "127.0.0.9" : "127.0.0.1", -86400, expired ? -3600 : 86400);
	write_certificate(ca_file, ca);
	SSL_CTX_set_cipher_list(tls, "ALL@SECLEVEL=0");
	if (kind == SCRIPTED_OLD_TLS) {
		SSL_CTX_set_min_proto_version(tls, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(tls, TLS1_1_VERSION);
	}
	assert_int_equal(SSL_CTX_use_certificate(tls, leaf), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
	X509_free(ca);
	X509_free(other);
	X509_free(leaf);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(other_key);
	EVP_PKEY_free(key);
	return tls;
}

/* ---- connections ---- */

static ssize_t get_some(struct visit *v, char *to, size_t room)
{
	return v->ssl ? SSL_read(v->ssl, to, (int)room) : recv(v->fd, to, room, 0);
}

static bool put_all(struct visit *v, const char *bytes, size_t n)
{
	while (n) {
		ssize_t w = v->ssl ? SSL_write(v->ssl, bytes, (int)n) : send(v->fd, bytes, n, MSG_NOSIGNAL);
		if (w <= 0)
			return false;
		bytes += w;
		n -= (size_t)w;
	}
	return true;
}

/* Length of the whole request in text; 0 = not there yet. */
static size_t request_bytes(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *length = strcasestr(text, "\r\ncontent-length:");
	if (!end)
		return 0;
	return (size_t)(end - text) + 4 + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
}

static bool read_request(struct visit *v, char *text)
{
	size_t n = 0;
	for (text[0] = '\0'; !request_bytes(text) || n < request_bytes(text);) {
		ssize_t more = n < REQUEST_BYTES - 1 ? get_some(v, text + n, REQUEST_BYTES - 1 - n) : 0;
		if (more <= 0)
			return false;
		n += (size_t)more;
		text[n] = '\0';
	}
	return true;
}

static bool serve(struct visit *v, char *text)
{
	struct scripted_reply reply = { .bytes = "" };
	char byte;
	if (!read_request(v, text))
		return false;
	pthread_mutex_lock(&v->s->mutex);
	v->s->n_requests++;
	v->s->answer(v->s->self, text, &reply);
	char *bytes = malloc(reply.n_bytes + 1); /* the test may write the next reply over it */
	if (!bytes)
		abort();
	memcpy(bytes, reply.bytes, reply.n_bytes);
	pthread_mutex_unlock(&v->s->mutex);
	bool good = put_all(v, bytes, reply.n_bytes);
	while (good && reply.end == SCRIPTED_FLOOD)
		good = put_all(v, bytes, reply.n_bytes);
	free(bytes);
	if (good && reply.end == SCRIPTED_HOLD)
		while (get_some(v, &byte, 1) > 0)
			;
	if (reply.end == SCRIPTED_RESET)
		setsockopt(v->fd, SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 }, sizeof(struct linger));
	return good && reply.end == SCRIPTED_KEEP;
}

static void forget(struct scripted *s, int fd)
{
	pthread_mutex_lock(&s->mutex);
	for (size_t i = 0; i < sizeof(s->fds) / sizeof(s->fds[0]); i++)
		if (s->fds[i] == fd)
			s->fds[i] = -1;
	close(fd);
	s->n_open--;
	pthread_cond_signal(&s->gone);
	pthread_mutex_unlock(&s->mutex);
}

static void *on_connection(void *self)
{
	struct visit *v = self;
	char *text = malloc(REQUEST_BYTES);
	bool good = text != NULL;
	if (v->s->tls) {
		v->ssl = SSL_new(v->s->tls);
		SSL_set_fd(v->ssl, v->fd);
		good = good && SSL_accept(v->ssl) == 1;
	}
	while (good)
		good = serve(v, text);
	SSL_free(v->ssl);
	free(text);
	forget(v->s, v->fd);
	free(v);
	return NULL;
}

static bool remember(struct scripted *s, int fd)
{
	bool found = false;
	pthread_mutex_lock(&s->mutex);
	for (size_t i = 0; !found && i < sizeof(s->fds) / sizeof(s->fds[0]); i++)
		if (s->fds[i] < 0) {
			s->fds[i] = fd;
			s->n_open++;
			found = true;
		}
	pthread_mutex_unlock(&s->mutex);
	return found;
}

static void *on_server(void *self)
{
	struct scripted *s = self;
	for (int fd = accept(s->fd, NULL, NULL); fd >= 0; fd = accept(s->fd, NULL, NULL)) {
		pthread_t thread;
		struct visit *v = remember(s, fd) ? malloc(sizeof(*v)) : NULL;
		if (!v) {
			close(fd);
			continue;
		}
		*v = (struct visit){ .s = s, .fd = fd };
		if (pthread_create(&thread, NULL, on_connection, v))
			abort();
		pthread_detach(thread);
	}
	return NULL;
}

/* ---- from outside ---- */

struct scripted *scripted_start(enum scripted_tls tls, const char *ca_file, scripted_answer *answer, void *self)
{
	struct scripted *s = calloc(1, sizeof(*s));
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	assert_non_null(s);
	*s = (struct scripted){ .answer = answer, .self = self, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	memset(s->fds, 0xFF, sizeof(s->fds));
	pthread_mutex_init(&s->mutex, NULL);
	pthread_cond_init(&s->gone, NULL);
	s->tls = tls == SCRIPTED_PLAIN ? NULL : make_tls(tls, ca_file);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, n) | listen(s->fd, 64) | getsockname(s->fd, (struct sockaddr *)&at, &n), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, on_server, s), 0);
	return s;
}

int scripted_port(const struct scripted *s)
{
	return s->port;
}

int scripted_requests(struct scripted *s)
{
	pthread_mutex_lock(&s->mutex);
	int n = s->n_requests;
	pthread_mutex_unlock(&s->mutex);
	return n;
}

void scripted_stop(struct scripted *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	pthread_mutex_lock(&s->mutex);
	for (size_t i = 0; i < sizeof(s->fds) / sizeof(s->fds[0]); i++)
		if (s->fds[i] >= 0)
			shutdown(s->fds[i], SHUT_RDWR);
	while (s->n_open)
		pthread_cond_wait(&s->gone, &s->mutex);
	pthread_mutex_unlock(&s->mutex);
	SSL_CTX_free(s->tls);
	free(s);
}
