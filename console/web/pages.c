/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of files by name. A request's path is looked up in it and never reaches the file system. Called by site.c. */
#include "console/web/pages.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/web/packed.h"
#include "console/web/visit.h"
#include "console/web/web.h"
#include "gateway/base/buffer.h"
#include "gateway/base/log.h"
#include "gateway/base/own.h"

#define PAGES_MAX 64
#define PAGE_BYTES_MAX ((off_t)4 << 20)
#define FOREVER "public, max-age=31536000, immutable" /* the name changes with what it holds */
#define HTML "text/html; charset=utf-8"

struct page {
	char name[80];
	struct buffer data;
};

struct pages {
	struct page files[PAGES_MAX];
	size_t n;
};

static const char without[] =
	"<!doctype html>\n<html lang=\"vi\">\n<head><meta charset=\"utf-8\"><title>Cầu Nối</title>"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head>\n"
	"<body><h1>Cầu Nối</h1><p>Cổng nhắn tin SMS và USSD hai chiều đang chạy. Bản này được dựng không có giao diện web.</p>"
	"<p>The gateway runs. This build has no console: install nodejs and npm, and build again.</p>"
	"<p><a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a></p></body>\n</html>\n";

/* ---- reading ---- */

static int read_file(int folder, const char *name, struct page *ret)
{
	char block[16384];
	struct stat st;
	ssize_t n = 0;
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return E_NOT_FOUND;
	int r = fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > PAGE_BYTES_MAX ? E_NOT_FOUND : 0;
	while (!r && (n = read(fd, block, sizeof(block))) > 0)
		r = buffer_put(&ret->data, block, (size_t)n);
	close(fd);
	if (!r && n < 0)
		r = E_IO;
	if (r)
		buffer_done(&ret->data);
	else
		snprintf(ret->name, sizeof(ret->name), "%s", name);
	return r;
}

static int read_folder(struct pages *p, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int r = dir ? 0 : E_NOT_FOUND;
	while (!r && p->n < PAGES_MAX && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || strlen(e->d_name) >= sizeof(p->files[0].name))
			continue;
		int one = read_file(dirfd(dir), e->d_name, &p->files[p->n]);
		if (one == E_NOMEM)
			r = one;
		else if (!one)
			p->n++;
	}
	if (dir)
		closedir(dir);
	return r;
}

static int beside_program(char *ret, size_t room)
{
	ssize_t n = readlink("/proc/self/exe", ret, room - 1);
	if (n <= 0)
		return E_NOT_FOUND;
	ret[n] = '\0';
	char *slash = strrchr(ret, '/');
	if (!slash || (size_t)(slash - ret) + sizeof("/pages") > room)
		return E_NOT_FOUND;
	memcpy(slash, "/pages", sizeof("/pages"));
	return 0;
}

int pages_load(struct pages **ret)
{
	char path[4096];
	struct pages *p = calloc(1, sizeof(*p));
	if (!p)
		return E_NOMEM;
	int r = beside_program(path, sizeof(path));
	if (!r)
		r = read_folder(p, path);
	if (r == E_NOT_FOUND)
		r = read_folder(p, CAUNOI_DATADIR "/pages");
	if (r == E_NOT_FOUND) {
		log_warn("web.pages", "this build has no console pages");
		r = 0;
	}
	if (r)
		pages_free(p);
	else
		*ret = p;
	return r;
}

void pages_free(struct pages *p)
{
	for (size_t i = 0; p && i < p->n; i++)
		buffer_done(&p->files[i].data);
	free(p);
}

/* ---- serving ---- */

static const struct page *find(const struct pages *p, const char *name, const char *suffix)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < p->n; i++)
		if (!strncmp(p->files[i].name, name, n) && !strcmp(p->files[i].name + n, suffix))
			return &p->files[i];
	return NULL;
}

static const char *type_of(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = { { ".js", "text/javascript; charset=utf-8" }, { ".css", "text/css; charset=utf-8" }, { ".html", HTML },
		      { ".svg", "image/svg+xml" }, { ".json", "application/json" } };
	size_t n = strlen(name);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		size_t m = strlen(types[i].end);
		if (n > m && !strcmp(name + n - m, types[i].end))
			return types[i].type;
	}
	return NULL;
}

static bool serve(struct visit *v, int status, const char *name)
{
	static const struct {
		const char *coding, *suffix;
	} forms[] = { { "br", ".br" }, { "gzip", ".gz" } };
	const struct page *file = find(v->web->pages, name, "");
	const char *type = type_of(name), *accept = visit_header(v, "Accept-Encoding");
	if (!file || !type)
		return false;
	for (size_t i = 0; i < COUNT_OF(forms) && !v->encoding; i++) {
		const struct page *packed = find(v->web->pages, name, forms[i].suffix);
		v->varies |= packed != NULL;
		if (!packed || !packed_takes(accept, forms[i].coding))
			continue;
		file = packed;
		v->encoding = forms[i].coding;
	}
	visit_say(v, status, type, buffer_text(&file->data), buffer_left(&file->data));
	return true;
}

/* "lang=en" in the query; anything else is Vietnamese. */
static bool is_english(const struct visit *v)
{
	for (const char *at = v->target.query; *at; at += strcspn(at, "&"), at += *at == '&')
		if (!strncmp(at, "lang=en", 7) && (at[7] == '\0' || at[7] == '&'))
			return true;
	return false;
}

bool pages_answer(struct visit *v)
{
	const struct target *t = &v->target;
	if (t->n == 0) {
		if (!serve(v, 200, is_english(v) ? "index.en.html" : "index.vi.html"))
			visit_say(v, 200, HTML, without, sizeof(without) - 1);
		return true;
	}
	if (t->n != 2 || strcmp(t->segments[0], "assets") != 0 || strstr(t->segments[1], ".html") || strchr(t->segments[1], '/'))
		return false;
	bool there = serve(v, 200, t->segments[1]);
	if (there)
		v->cache = FOREVER;
	return there;
}

void pages_lost(struct visit *v)
{
	const char *accept = visit_header(v, "Accept");
	if (!accept || !strstr(accept, "text/html") || !serve(v, 404, "lost.html"))
		visit_problem(v, 404, "not_found", "", "no such path");
}
