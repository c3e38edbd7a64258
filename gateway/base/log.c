/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes log lines. The one place in the project with file-scope state: a process has one standard error. */
#include "gateway/base/log.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOG_LINE_BYTES 4096

static struct {
	const char *program;
	enum log_level most;
	int journal;
	uint64_t dropped;
} log_state = { .program = "caunoi", .most = LOG_LEVEL_INFO };

/* Whoever was started without the three gets them, so that no file, lock or line of a modem is taken for the log. */
static void fill_standard(void)
{
	int fd;
	while ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 && fd <= STDERR_FILENO)
		fcntl(fd, F_SETFD, 0);
	if (fd >= 0)
		close(fd);
}

void log_init(const char *program, enum log_level most)
{
	fill_standard();
	log_state.program = program;
	log_state.most = most;
	log_state.journal = getenv("JOURNAL_STREAM") != NULL;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a log that may not grow loses its lines, not the program */
}

uint64_t log_dropped(void)
{
	return log_state.dropped;
}

/* Controls, line breaks and changes of direction are written out: bytes of the one at in, 0 = it is none. */
static size_t control_at(const char *in, unsigned *ret)
{
	const unsigned char *b = (const unsigned char *)in;
	*ret = b[0];
	if (b[0] < 0x20 || b[0] == 0x7f)
		return 1;
	*ret = b[1];
	if (b[0] == 0xc2 && b[1] >= 0x80 && b[1] < 0xa0)
		return 2;
	bool breaks = b[0] == 0xe2 && b[1] == 0x80 && b[2] >= 0xa8 && b[2] <= 0xae;
	bool isolates = b[0] == 0xe2 && b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9;
	if (!breaks && !isolates)
		return 0;
	*ret = 0x2000u | (b[1] & 0x3fu) << 6 | (b[2] & 0x3fu);
	return 3;
}

static size_t escape(char *out, size_t room, const char *in)
{
	size_t n = 0;
	while (*in && n + 8 < room) {
		unsigned c;
		size_t bytes = control_at(in, &c);
		if (bytes)
			n += (size_t)snprintf(out + n, room - n, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
		else
			out[n++] = *in;
		in += bytes ? bytes : 1;
	}
	return n;
}

void log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	if (level > log_state.most)
		return;
	char text[LOG_LINE_BYTES / 2], line[LOG_LINE_BYTES];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	size_t n;
	if (log_state.journal) {
		n = (size_t)snprintf(line, sizeof(line), "<%d>%s %s ", (int)level, log_state.program, event);
	} else {
		struct timespec t;
		struct tm tm;
		clock_gettime(CLOCK_REALTIME, &t);
		gmtime_r(&t.tv_sec, &tm);
		n = strftime(line, 32, "%Y-%m-%dT%H:%M:%S", &tm);
		n += (size_t)snprintf(line + n, sizeof(line) - n, ".%03ldZ %s %s %s ", t.tv_nsec / 1000000,
				      level <= LOG_LEVEL_ERROR  ? "error"
				      : level <= LOG_LEVEL_WARN ? "warn"
				      : level <= LOG_LEVEL_INFO ? "info"
								: "debug",
				      log_state.program, event);
	}
	n += escape(line + n, sizeof(line) - n - 1, text);
	line[n++] = '\n';
	/* a pipe nobody reads must not stop the gateway: write only what fits now (PIPE_BUF is atomic) */
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT) || write(STDERR_FILENO, line, n) != (ssize_t)n)
		log_state.dropped++;
}
