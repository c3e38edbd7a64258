/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caunoi-web --config FILE: the console's and the providers' HTTP side. Started by caunoid with the core's socket as standard
 * input and output; ends when the core closes it. Holds neither database nor identity key. */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "console/web/door.h"
#include "console/web/sandbox.h"
#include "console/web/web.h"
#include "gateway/base/log.h"

static int usage(void)
{
	fputs("usage: caunoi-web --config FILE\nStarted by caunoid, with the core's socket as standard input.\n", stderr);
	return 2;
}

static bool is_socket(int fd)
{
	int type = 0;
	socklen_t n = sizeof(type);
	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) && type == SOCK_STREAM;
}

static int complain(const struct complaint *c)
{
	char text[1024];
	complaint_format(c, text, sizeof(text));
	fprintf(stderr, "caunoi-web: %s\n", text);
	return 2;
}

/* The core's socket, and nothing left of it under the numbers that any library may print to. */
static int take_core(void)
{
	int core = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (core < 0 || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0)
		return E_IO;
	close(nothing);
	return core;
}

static int start(struct web *w, const struct config *cfg, const struct clock *clock)
{
	struct complaint c = { 0 };
	int door, core = take_core(), r = door_open(cfg->web.listen, &door);
	if (r || core < 0) {
		log_error("web.listen", "listen=%s error=%s", cfg->web.listen, err_text(r ? r : E_IO));
		return r == E_INVALID ? 2 : 1;
	}
	r = web_init(w, cfg, clock, &caunoi_registry, door, core, &c);
	if (r == E_CONFIG)
		return complain(&c);
	if (r)
		log_error("web.start", "error=%s", err_text(r));
	return r ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct complaint c = { 0 };
	struct config *cfg = NULL;
	struct web web = { .reactor = -1 };
	struct clock clock = clock_real();
	if (argc != 3 || strcmp(argv[1], "--config") != 0 || !is_socket(STDIN_FILENO))
		return usage();
	log_init("caunoi-web", LOG_LEVEL_INFO);
	/* the core's end decides when this one ends, not a signal meant for the whole terminal or unit */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
	int r = config_load(argv[2], true, &cfg, &c);
	if (r)
		return r == E_CONFIG ? complain(&c) : 1;
	int code = start(&web, cfg, &clock);
	if (!code) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
		if (sandbox_enter())
			log_warn("web.sandbox", "seccomp=absent");
#endif
		log_info("web.started", "listen=%s hooks=%zu", cfg->web.listen, web.n_hooks);
		web_run(&web);
	}
	web_done(&web);
	config_free(cfg);
	return code;
}
