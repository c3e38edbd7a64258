/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks each library for its version by its name alone, as the programs that use it find it: the terminal is linked with none of them. */
#include "console/terminal/versions.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define VERSION_BYTES 32

/* fixed = the first version without the faults that en and vi tell of; NULL = none known. */
static const struct library {
	const char *name, *file, *symbol, *fixed, *en, *vi;
} libraries[] = {
	{ "SQLite", "libsqlite3.so.0", "sqlite3_libversion", "3.51.3",
	  "the log may damage the database when two connections write; this gateway writes by one alone, so let no other program write it",
	  "nhật ký có thể làm hỏng cơ sở dữ liệu khi hai kết nối cùng ghi; cổng này chỉ ghi bằng một kết nối, đừng để chương trình khác ghi vào" },
	{ "libmicrohttpd", "libmicrohttpd.so.12", "MHD_get_version", "1.0.10",
	  "some requests write beyond its memory; this gateway checks each request before it, keep a proxy in front all the same",
	  "một số yêu cầu ghi ra ngoài vùng nhớ; cổng này kiểm tra từng yêu cầu trước, dù vậy vẫn nên đặt sau proxy" },
	{ "libgammu", "libGammu.so.8", "GetGammuVersion", "1.44.1",
	  "some messages are read beyond their end; this gateway checks each message before it, in a process of its own",
	  "một số tin nhắn bị đọc quá phần cuối; cổng này kiểm tra từng tin trước, trong tiến trình riêng" },
	{ "libcurl", "libcurl.so.4", "curl_version", NULL, "", "" },
	{ "libsodium", "libsodium.so.23", "sodium_version_string", NULL, "", "" },
};

static const char *digits_of(const char *version)
{
	return version + strcspn(version, "0123456789");
}

bool versions_is_old(const char *version, const char *fixed)
{
	return strverscmp(digits_of(version), fixed) < 0;
}

/* Its first number and what belongs to it; false = not installed, or it says none. */
static bool ask(const struct library *l, char ret[VERSION_BYTES])
{
	void *file = dlopen(l->file, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE); /* what they begin with is not made to be taken down */
	void *at = file ? dlsym(file, l->symbol) : NULL;
	const char *(*say)(void);
	if (at) {
		memcpy(&say, &at, sizeof(say)); /* a function's address comes as an object's */
		const char *digits = digits_of(say());
		snprintf(ret, VERSION_BYTES, "%.*s", (int)strcspn(digits, " "), digits);
	}
	if (file)
		dlclose(file);
	return at != NULL;
}

json_t *versions_list(bool vi)
{
	OWN(json) json_t *list = json_array();
	for (size_t i = 0; i < COUNT_OF(libraries); i++) {
		const struct library *l = &libraries[i];
		char version[VERSION_BYTES];
		bool there = ask(l, version), old = there && l->fixed && versions_is_old(version, l->fixed);
		if (json_array_append_new(list, json_pack("{s:s,s:s?,s:s?,s:s?}", "library", l->name, "version", there ? version : NULL, "fixed_in", l->fixed,
							  "fault", !old ? NULL : vi ? l->vi : l->en)))
			return NULL;
	}
	return MOVE(list);
}
