/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header. Called by flow tests of the HTTP driver. */
#include "tests/support/httprig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define WAIT_MS 60000

void httprig_folder(struct httprig *d, const char *profile)
{
	*d = (struct httprig){ .folder = "/tmp/test-zoo-XXXXXX" };
	assert_non_null(mkdtemp(d->folder));
	snprintf(d->profile, sizeof(d->profile), "%s/p.conf", d->folder);
	snprintf(d->ca_file, sizeof(d->ca_file), "%s/ca.pem", d->folder);
	OWN(file) FILE *f = fopen(d->profile, "w");
	assert_non_null(f);
	assert_true(fputs(profile, f) >= 0);
}

void httprig_send(struct httprig *d, json_t *frame)
{
	struct buffer line = { 0 };
	assert_int_equal(json_put_line(&line, frame), 0);
	assert_int_equal(write(d->in, buffer_text(&line), buffer_left(&line)), (ssize_t)buffer_left(&line));
	buffer_done(&line);
	json_decref(frame);
}

json_t *httprig_read(struct httprig *d)
{
	char some[65536];
	json_t *frame = NULL;
	for (;;) {
		const char *text = buffer_text(&d->lines), *end = memchr(text, '\n', buffer_left(&d->lines));
		if (end) {
			assert_int_equal(json_parse(text, (size_t)(end - text), &frame), 0);
			buffer_take(&d->lines, (size_t)(end - text) + 1);
			return frame;
		}
		struct pollfd p = { .fd = d->out, .events = POLLIN };
		ssize_t n = poll(&p, 1, WAIT_MS) > 0 ? read(d->out, some, sizeof(some)) : 0;
		if (n <= 0)
			fail_msg("the driver says nothing");
		assert_int_equal(buffer_put(&d->lines, some, (size_t)n), 0);
	}
}

json_t *httprig_start(struct httprig *d, const char *url, const char *ca_file, double timeout_s, double every_h)
{
	int in[2], out[2];
	char path[512];
	const char *build = getenv("CAUNOI_BUILD");
	snprintf(path, sizeof(path), "%s/caunoi-http", build ? build : "build");
	assert_int_equal(pipe(in) | pipe(out), 0);
	d->pid = fork();
	if (d->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		for (int fd = 3; fd < 256; fd++)
			close(fd);
		execl(path, "caunoi-http", NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	d->in = in[1];
	d->out = out[0];
	httprig_send(d, json_pack("{s:s,s:i,s:s,s:{s:s,s:s,s:i,s:f,s:s,s:[s,s],s:{s:f}},s:{s:s}}", "op", "hello", "version", 1, "channel", "z", "config",
				  "base_url", url, "provider_file", d->profile, "in_flight", 8, "timeout", timeout_s, "ca_file", ca_file,
				  "allow_private_endpoints", "127.0.0.1/32", "::1/128", "balance", "every_h", every_h, "secrets", "mac",
				  "0123456789abcdef"));
	json_t *ready = httprig_read(d);
	assert_string_equal(json_str(ready, "op", ""), "ready");
	return ready;
}

void httprig_end(struct httprig *d)
{
	int status = 0;
	close(d->in);
	waitpid(d->pid, &status, 0);
	close(d->out);
	buffer_done(&d->lines);
	unlink(d->profile);
	unlink(d->ca_file);
	rmdir(d->folder);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void httprig_submit(struct httprig *d, int attempt, const char *to, const char *text)
{
	char id[16], key[16];
	snprintf(id, sizeof(id), "%d", attempt);
	snprintf(key, sizeof(key), "k%d", attempt);
	httprig_send(d, json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:s,s:s}", "op", "submit", "attempt", id, "to", to, "text", text, "encoding", "gsm7",
				"part", 1, "parts", 1, "key", key, "sender", "MTTQ"));
}
