/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A provider that answers as a test says, byte for byte: over TCP or TLS on loopback, one thread a connection. The test's
 * function sees each whole request and gives the bytes to send and what happens to the connection then. */
#ifndef CAUNOI_TESTS_SCRIPTED_H
#define CAUNOI_TESTS_SCRIPTED_H

#include <stddef.h>

enum scripted_end { SCRIPTED_KEEP, SCRIPTED_CLOSE, SCRIPTED_RESET, SCRIPTED_HOLD, SCRIPTED_FLOOD };

struct scripted_reply {
	const char *bytes; /* copied before the function is called again; SCRIPTED_FLOOD: sent again and again until the peer leaves */
	size_t n_bytes;
	enum scripted_end end;
};
/* Called one at a time; request is NUL-terminated, headers and body. */
typedef void scripted_answer(void *self, const char *request, struct scripted_reply *ret);

/* How the TLS of a server is wrong. */
enum scripted_tls { SCRIPTED_PLAIN, SCRIPTED_GOOD, SCRIPTED_SELF_SIGNED, SCRIPTED_EXPIRED, SCRIPTED_OTHER_HOST, SCRIPTED_OLD_TLS, SCRIPTED_WEAK_KEY, SCRIPTED_OTHER_CA };

struct scripted;

/* ca_file: written, the certificate to trust (any kind but SCRIPTED_PLAIN). Fails the test when it cannot. */
struct scripted *scripted_start(enum scripted_tls tls, const char *ca_file, scripted_answer *answer, void *self);
int scripted_port(const struct scripted *s);
/* Whole requests seen, and bytes of them. */
int scripted_requests(struct scripted *s);
void scripted_stop(struct scripted *s);

#endif
