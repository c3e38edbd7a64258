/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the bytes of a configuration file, refuses what no editor should have written there, and
 * joins included files in place so that every line still knows its file. Called by settings.c only;
 * knows nothing of libconfig's grammar beyond strings and comments. libconfig's own @include is
 * never used: it resolves against the working directory. */
#include "config/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define DEPTH_MAX 8
#define FILE_BYTES_MAX (4 * 1024 * 1024)

struct origin {
	size_t file;
	int line;
};

struct source {
	struct buffer text;
	char **files;
	size_t n_files;
	struct origin *lines;
	size_t n_lines, room;
	bool alone; /* includes nothing */
};

enum place { IN_CODE, IN_STRING, IN_COMMENT };

OWN_DEFINE(source, struct source *, source_free)

void source_free(struct source *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_files; i++)
		free(s->files[i]);
	free(s->files);
	free(s->lines);
	buffer_done(&s->text);
	free(s);
}

const char *source_text(const struct source *s)
{
	return buffer_text(&s->text);
}

void source_where(const struct source *s, int flat_line, const char **ret_file, int *ret_line)
{
	if (!s->n_lines) {
		*ret_file = s->n_files ? s->files[0] : "";
		*ret_line = 1;
		return;
	}
	size_t i = flat_line < 1 ? 0 : (size_t)flat_line - 1;
	size_t over = i < s->n_lines ? 0 : i - s->n_lines + 1;
	const struct origin *o = &s->lines[i - over];
	*ret_file = s->files[o->file];
	*ret_line = o->line;
}

void source_mark(const struct source *s, int flat_line, struct complaint *c)
{
	const char *file;
	source_where(s, flat_line, &file, &c->line);
	c->column = 0;
	snprintf(c->file, sizeof(c->file), "%s", file);
}

static int add_file(struct source *s, const char *file)
{
	char **files = realloc(s->files, (s->n_files + 1) * sizeof(*files));
	if (!files)
		return E_NOMEM;
	s->files = files;
	s->files[s->n_files] = strdup(file);
	if (!s->files[s->n_files])
		return E_NOMEM;
	s->n_files++;
	return 0;
}

static int add_line(struct source *s, size_t file, int line)
{
	if (s->n_lines == s->room) {
		size_t room = s->room ? s->room * 2 : 256;
		struct origin *lines = realloc(s->lines, room * sizeof(*lines));
		if (!lines)
			return E_NOMEM;
		s->lines = lines;
		s->room = room;
	}
	s->lines[s->n_lines++] = (struct origin){ file, line };
	return 0;
}

static int cannot_read(const char *file, int number, struct complaint *c)
{
	if (number == ENOENT || number == ENOTDIR) {
		complaint_set(c, "", "missing_file",
			      "this file does not exist; create it or name another with --config");
		return E_NOT_FOUND;
	}
	complaint_set(c, "", "unreadable",
		      "this file cannot be read (%s); check its owner and mode", strerror(number));
	(void)file;
	return E_IO;
}

static int load_open(int fd, const char *file, struct buffer *out, struct complaint *c)
{
	struct stat st;
	if (fstat(fd, &st))
		return cannot_read(file, errno, c);
	if (!S_ISREG(st.st_mode)) {
		complaint_set(c, "", "unreadable",
			      "this is not a regular file; name a file of text");
		return E_IO;
	}
	if (st.st_size > FILE_BYTES_MAX) {
		complaint_set(c, "", "too_big",
			      "this file is larger than 4 MiB; it cannot be a settings file");
		return E_IO;
	}
	for (;;) {
		int r = buffer_reserve(out, 65536);
		if (r)
			return r;
		ssize_t n = read(fd, out->data + out->n_bytes, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot_read(file, errno, c);
		out->n_bytes += (size_t)n;
		out->data[out->n_bytes] = '\0';
		if (!n || out->n_bytes > FILE_BYTES_MAX)
			return 0;
	}
}

static int load(const char *file, struct buffer *out, struct complaint *c)
{
	snprintf(c->file, sizeof(c->file), "%s", file);
	c->line = 0;
	/* O_NONBLOCK: a FIFO in the place of a file must not hang the start */
	OWN(fd) int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return cannot_read(file, errno, c);
	return load_open(fd, file, out, c);
}

static int line_of(const char *text, const char *at)
{
	int line = 1;
	for (const char *p = text; p < at; p++)
		line += *p == '\n';
	return line;
}

/* Bytes that no settings file may hold, each with its own sentence. */
static int check_bytes(const struct buffer *b, struct complaint *c)
{
	const char *text = buffer_text(b);
	size_t n = buffer_left(b);
	c->line = 1;
	if (n >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3))
		return complaint_set(
			c, "", "byte_order_mark",
			"the file begins with a byte order mark; save it as UTF-8 without BOM");
	if (n >= 2 && (!memcmp(text, "\xFF\xFE", 2) || !memcmp(text, "\xFE\xFF", 2)))
		return complaint_set(
			c, "", "byte_order_mark",
			"the file is UTF-16; save it as UTF-8 without byte order mark");
	const char *nul = n ? memchr(text, 0, n) : NULL;
	if (nul) {
		c->line = line_of(text, nul);
		return complaint_set(
			c, "", "nul_byte",
			"a NUL byte stands in this line; the file is damaged or not text");
	}
	for (const char *p = text, *end; p < text + n; p = end + 1, c->line++) {
		end = memchr(p, '\n', (size_t)(text + n - p));
		if (!end)
			end = text + n;
		if (!text_is_valid(p, (size_t)(end - p)))
			return complaint_set(c, "", "not_utf8",
					     "this line is not UTF-8; save the file as UTF-8");
	}
	return 0;
}

static enum place place_after(enum place at, const char *p, const char *end)
{
	for (; p < end; p++) {
		bool two = p + 1 < end;
		if (at == IN_STRING) {
			if (*p == '\\')
				p++;
			else if (*p == '"')
				at = IN_CODE;
		} else if (at == IN_COMMENT) {
			if (two && p[0] == '*' && p[1] == '/') {
				at = IN_CODE;
				p++;
			}
		} else if (*p == '"') {
			at = IN_STRING;
		} else if (*p == '#' || (two && p[0] == '/' && p[1] == '/')) {
			return at;
		} else if (two && p[0] == '/' && p[1] == '*') {
			at = IN_COMMENT;
			p++;
		}
	}
	return at;
}

/* The name in `@include "name"` and what follows it; false when the line is no such directive. */
static bool find_include(const char *p, const char *end, const char **ret_name, size_t *ret_bytes,
			 const char **ret_rest)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	size_t n = strlen("@include");
	if ((size_t)(end - p) < n || memcmp(p, "@include", n) != 0)
		return false;
	for (p += n; p < end && (*p == ' ' || *p == '\t'); p++)
		;
	if (p >= end || *p++ != '"')
		return false;
	const char *close = memchr(p, '"', (size_t)(end - p));
	if (!close)
		return false;
	*ret_name = p;
	*ret_bytes = (size_t)(close - p);
	*ret_rest = close + 1;
	return true;
}

static char *beside(const char *file, const char *name, size_t n_bytes)
{
	const char *slash = strrchr(file, '/');
	int folder = slash && name[0] != '/' ? (int)(slash - file + 1) : 0;
	char *path = NULL;
	return asprintf(&path, "%.*s%.*s", folder, file, (int)n_bytes, name) < 0 ? NULL : path;
}

static int add_text(struct source *s, const char *file, int depth, struct complaint *c);

static int include(struct source *s, const char *file, int line, const char *name, size_t n_bytes,
		   int depth, struct complaint *c)
{
	OWN(mem) char *path = beside(file, name, n_bytes);
	if (!path)
		return E_NOMEM;
	snprintf(c->file, sizeof(c->file), "%s", file);
	c->line = line;
	if (s->alone)
		return complaint_set(c, "@include", "include_refused", "what stands in other files cannot be included here; put their lines in this place");
	if (depth >= DEPTH_MAX)
		return complaint_set(
			c, "@include", "include_depth",
			"files include each other more than %d deep; does one include itself?",
			DEPTH_MAX);
	if (strpbrk(path, "*?"))
		return complaint_set(c, "@include", "include_pattern",
				     "\"%.*s\" is a pattern; name each file by itself",
				     (int)n_bytes, name);
	struct complaint inner = { 0 };
	int r = add_text(s, path, depth + 1, &inner);
	if (r == E_NOT_FOUND)
		return complaint_set(
			c, "@include", "include_missing",
			"the included file %s does not exist; create it or remove this line", path);
	if (r == E_IO)
		return complaint_set(c, "@include", "include_unreadable",
				     "the included file %s: %s", path, inner.text);
	if (r == E_INVALID)
		*c = inner;
	return r;
}

static int add_lines(struct source *s, size_t index, const struct buffer *b, int depth,
		     struct complaint *c)
{
	enum place at = IN_CODE;
	const char *stop = buffer_text(b) + buffer_left(b);
	int line = 1, r = 0;
	for (const char *p = buffer_text(b), *end; !r && p < stop; p = end, line++) {
		const char *name, *newline = memchr(p, '\n', (size_t)(stop - p));
		size_t n_bytes;
		end = newline ? newline + 1 : stop;
		if (at == IN_CODE && find_include(p, end, &name, &n_bytes, &p))
			r = include(s, s->files[index], line, name, n_bytes, depth, c);
		at = place_after(at, p, end);
		if (!r)
			r = add_line(s, index, line);
		if (!r)
			r = buffer_put(&s->text, p, (size_t)(end - p));
		if (!r && !newline)
			r = buffer_puts(&s->text, "\n");
	}
	return r;
}

static int add_buffer(struct source *s, const char *file, const struct buffer *b, int depth, struct complaint *c)
{
	int r = check_bytes(b, c);
	size_t index = s->n_files;
	if (!r)
		r = add_file(s, file);
	return r ? r : add_lines(s, index, b, depth, c);
}

static int add_text(struct source *s, const char *file, int depth, struct complaint *c)
{
	OWN(buffer) struct buffer b = { 0 };
	int r = load(file, &b, c);
	return r ? r : add_buffer(s, file, &b, depth, c);
}

int source_parse(const char *name, const char *text, struct source **ret, struct complaint *c)
{
	OWN(source) struct source *s = calloc(1, sizeof(*s));
	OWN(buffer) struct buffer b = { 0 };
	int r = s ? buffer_puts(&b, text) : E_NOMEM;
	if (r)
		return r;
	s->alone = true;
	snprintf(c->file, sizeof(c->file), "%s", name);
	r = add_buffer(s, name, &b, 0, c);
	if (!r)
		*ret = MOVE(s);
	return r;
}

int source_read(const char *file, struct source **ret, struct complaint *c)
{
	OWN(source) struct source *s = calloc(1, sizeof(*s));
	if (!s)
		return E_NOMEM;
	int r = add_text(s, file, 0, c);
	if (!r)
		*ret = MOVE(s);
	return r;
}
