/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialling. Called by main; every input is a command of its own. */
#include "console/terminal/handset.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/text.h"

#define INPUT_BYTES 1024

bool handset_walks(const struct arguments *said)
{
	const struct verb *v = said->verb;
	return !strcmp(v->noun, "ussd") && !strcmp(v->name, "try") && !json_object_get(said->args, "session") && !json_object_get(said->args, "input") && !said->key;
}

static int show(const struct desk *d, const json_t *screen)
{
	if (d->json || d->jsonl) {
		OWN(mem) char *line = json_text(screen);
		if (!line)
			return desk_failed(d, E_NOMEM, NULL);
		fprintf(d->out, "%s\n", line);
	} else {
		fprintf(d->out, "%s\n", json_str(screen, "text", ""));
	}
	return fflush(d->out) ? 1 : 0;
}

/* A line of standard input, the caller's; NULL at its end. */
static char *read_input(const struct desk *d)
{
	OWN(mem) char *line = NULL;
	size_t room = 0;
	bool watched = isatty(STDIN_FILENO);
	if (watched) {
		fputs("> ", d->err);
		fflush(d->err);
	}
	ssize_t n = getline(&line, &room, stdin);
	if (n < 0) {
		if (watched)
			fputc('\n', d->err);
		return NULL;
	}
	n -= n && line[n - 1] == '\n';
	n -= n && line[n - 1] == '\r';
	return text_read(line, text_cut(line, (size_t)n < INPUT_BYTES ? (size_t)n : INPUT_BYTES));
}

int handset_walk(struct errand *e)
{
	const struct desk *d = e->desk;
	if (isatty(STDIN_FILENO) && !json_object_get(e->args, "from"))
		fprintf(d->err, "%s", desk_say(d, "A rehearsal: nothing is done. With --from NUMBER cases are opened and messages sent.\n",
					       "Chạy thử: không có gì được thực hiện. Thêm --from SỐ để mở vụ việc và gửi tin thật.\n"));
	for (;;) {
		OWN(json) json_t *screen = NULL;
		int code = errand_ask(e, &screen);
		code = code ? code : show(d, screen);
		if (code || !json_flag(screen, "more", false))
			return code;
		OWN(mem) char *input = read_input(d);
		if (!input)
			return 0;
		if (json_set_str(e->args, "input", input) || json_set_str(e->args, "session", json_str(screen, "session", "")))
			return desk_failed(d, E_NOMEM, NULL);
	}
}
