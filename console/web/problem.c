/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes problem documents. Called wherever a request is refused; holds nothing. */
#include "console/web/problem.h"

#include "gateway/base/json.h"

static const struct {
	int status;
	const char *title;
} titles[] = {
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

const char *problem_title(int status)
{
	for (size_t i = 0; i < COUNT_OF(titles); i++)
		if (titles[i].status == status)
			return titles[i].title;
	return status < 500 ? "Refused" : "Failed";
}

int problem_put(struct buffer *out, int status, const char *rule, const char *field, const char *detail, const json_t *args)
{
	OWN(json)
	json_t *doc =
		json_pack("{s:s,s:s,s:i,s:s?}", "type", "about:blank", "title", problem_title(status), "status", status, "detail", detail);
	if (!doc || json_set_str(doc, "field", field[0] ? field : NULL) || json_set_str(doc, "rule", rule[0] ? rule : NULL))
		return E_NOMEM;
	if (args && !json_is_null(args) && json_object_set(doc, "args", (json_t *)args))
		return E_NOMEM;
	return json_put_line(out, doc);
}

int problem_response(struct buffer *out, int status, const char *detail)
{
	OWN(buffer) struct buffer body = { 0 };
	int r = problem_put(&body, status, status == 503 ? "unavailable" : "malformed", "", detail, NULL);
	if (!r)
		r = buffer_printf(out,
				  "HTTP/1.1 %d %s\r\nContent-Type: " PROBLEM_TYPE "\r\nContent-Length: %zu\r\n%s"
				  "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
				  status, problem_title(status), buffer_left(&body), status == 503 ? "Retry-After: 1\r\n" : "");
	return r ? r : buffer_put(out, buffer_text(&body), buffer_left(&body));
}
