/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a password. Called by main; never prints one, keeps none. */
#include "console/terminal/prompt.h"

#include <sodium.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"

/* Byte by byte: what stands behind the first line is somebody else's. */
static int read_line(int fd, char *line, size_t room)
{
	size_t n = 0;
	char c;
	ssize_t got;
	while ((got = read(fd, &c, 1)) == 1 && c != '\n') {
		if (n + 1 >= room)
			return E_INVALID;
		line[n++] = c;
	}
	if (got < 0)
		return E_IO;
	if (n > 0 && line[n - 1] == '\r')
		n--;
	line[n] = '\0';
	return text_is_valid(line, n) ? 0 : E_INVALID;
}

static int ask(const struct desk *d, const char *question, char *line, size_t room)
{
	struct termios before, quiet;
	if (tcgetattr(STDIN_FILENO, &before))
		return E_IO;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	fputs(question, d->err);
	fflush(d->err);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	int r = read_line(STDIN_FILENO, line, room);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', d->err);
	return r;
}

static int ask_twice(const struct desk *d, char *line, size_t room)
{
	char again[PROMPT_BYTES_MAX];
	int r = ask(d, desk_say(d, "Password: ", "Mật khẩu: "), line, room);
	if (!r)
		r = ask(d, desk_say(d, "Once more: ", "Nhập lại: "), again, sizeof(again));
	if (!r && strcmp(line, again) != 0)
		r = E_INVALID;
	sodium_memzero(again, sizeof(again));
	return r;
}

static int ask_old(const struct desk *d, char *line, size_t room)
{
	return geteuid() ? ask(d, desk_say(d, "Present password (empty for somebody else's account): ", "Mật khẩu hiện tại (để trống nếu đổi cho người khác): "), line, room) : 0;
}

static int take(const struct desk *d, int (*asks)(const struct desk *d, char *line, size_t room), char **ret)
{
	OWN(mem) char *line = calloc(1, PROMPT_BYTES_MAX);
	if (!line)
		return E_NOMEM;
	int r = isatty(STDIN_FILENO) ? asks(d, line, PROMPT_BYTES_MAX) : read_line(STDIN_FILENO, line, PROMPT_BYTES_MAX);
	if (r)
		sodium_memzero(line, PROMPT_BYTES_MAX);
	else
		*ret = MOVE(line);
	return r;
}

int prompt_password(const struct desk *d, char **ret)
{
	return take(d, ask_twice, ret);
}

int prompt_old_password(const struct desk *d, char **ret)
{
	return take(d, ask_old, ret);
}

void prompt_wipe(char *password)
{
	if (password)
		sodium_memzero(password, PROMPT_BYTES_MAX);
	free(password);
}
