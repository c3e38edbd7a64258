/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames and small JSON readers over jansson. Called by every program; does no I/O. */
#include "gateway/base/json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

static int hex4(const char *p)
{
	int v = 0;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

/* True when some \u escape is NUL or half a surrogate pair; depth is checked in the same pass. */
static bool needs_mending(const char *text, size_t n, int *ret_depth)
{
	int depth = 0, most = 0;
	bool in_string = false, mend = false;
	for (size_t i = 0; i < n; i++) {
		char c = text[i];
		if (in_string && c == '\\') {
			if (i + 5 < n && text[i + 1] == 'u') {
				int v = hex4(text + i + 2);
				if (v == 0 || (v >= 0xD800 && v <= 0xDFFF))
					mend = true;
			}
			i++;
		} else if (c == '"') {
			in_string = !in_string;
		} else if (!in_string && (c == '{' || c == '[')) {
			most = ++depth > most ? depth : most;
		} else if (!in_string && (c == '}' || c == ']')) {
			depth--;
		}
	}
	*ret_depth = most;
	return mend;
}

static void mend(char *text, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		if (text[i] != '\\')
			continue;
		if (text[i + 1] != 'u' || i + 5 >= n) {
			i++;
			continue;
		}
		int v = hex4(text + i + 2);
		bool high = v >= 0xD800 && v <= 0xDBFF;
		bool paired = false;
		if (high && i + 11 < n && text[i + 6] == '\\' && text[i + 7] == 'u') {
			int low = hex4(text + i + 8);
			paired = low >= 0xDC00 && low <= 0xDFFF;
		}
		if (paired)
			i += 11;
		else {
			if (v == 0 || (v >= 0xD800 && v <= 0xDFFF))
				memcpy(text + i + 2, "FFFD", 4);
			i += 5;
		}
	}
}

int json_parse(const char *text, size_t n_bytes, json_t **ret)
{
	int depth;
	bool bad = needs_mending(text, n_bytes, &depth);
	if (depth > DEPTH_MAX)
		return E_INVALID;
	OWN(mem) char *copy = NULL;
	if (bad) {
		copy = malloc(n_bytes + 1);
		if (!copy)
			return E_NOMEM;
		memcpy(copy, text, n_bytes);
		mend(copy, n_bytes);
		text = copy;
	}
	json_error_t error;
	json_t *value = json_loadb(text, n_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!value)
		return E_INVALID;
	*ret = value;
	return 0;
}

static int dump_to_buffer(const char *data, size_t n_bytes, void *out)
{
	return buffer_put(out, data, n_bytes);
}

int json_put_line(struct buffer *out, const json_t *value)
{
	if (json_dump_callback(value, dump_to_buffer, out, JSON_COMPACT | JSON_ENCODE_ANY))
		return E_NOMEM;
	return buffer_put(out, "\n", 1);
}

char *json_text(const json_t *value)
{
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

int json_put_string(struct buffer *out, const char *text)
{
	size_t n = strlen(text);
	int r = buffer_reserve(out, 6 * n + 2);
	if (r)
		return r;
	char *p = out->data + out->n_bytes;
	*p++ = '"';
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\') {
			*p++ = '\\';
			*p++ = (char)c;
		} else if (c < 0x20) {
			static const char hex[] = "0123456789abcdef";
			memcpy(p, "\\u00", 4);
			p[4] = hex[c >> 4];
			p[5] = hex[c & 15];
			p += 6;
		} else {
			*p++ = (char)c;
		}
	}
	*p++ = '"';
	*p = '\0';
	out->n_bytes = (size_t)(p - out->data);
	return 0;
}

const char *json_str(const json_t *obj, const char *key, const char *otherwise)
{
	const json_t *v = json_object_get(obj, key);
	return json_is_string(v) ? json_string_value(v) : otherwise;
}

int64_t json_int(const json_t *obj, const char *key, int64_t otherwise)
{
	const json_t *v = json_object_get(obj, key);
	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

double json_num(const json_t *obj, const char *key, double otherwise)
{
	const json_t *v = json_object_get(obj, key);
	return json_is_number(v) ? json_number_value(v) : otherwise;
}

bool json_flag(const json_t *obj, const char *key, bool otherwise)
{
	const json_t *v = json_object_get(obj, key);
	return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

int json_set_str(json_t *obj, const char *key, const char *value)
{
	return json_object_set_new(obj, key, value ? json_string(value) : json_null()) ? E_NOMEM : 0;
}

int json_set_int(json_t *obj, const char *key, int64_t value)
{
	return json_object_set_new(obj, key, json_integer(value)) ? E_NOMEM : 0;
}
