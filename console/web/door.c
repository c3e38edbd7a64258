/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens the listening socket and accepts. Called by main.c and front.c; reads nothing. */
#include "console/web/door.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/network.h"
#include "gateway/base/own.h"

#define BACKLOG 1024

static int failed(void)
{
	return errno == EADDRINUSE ? E_EXISTS : errno == EACCES || errno == EPERM ? E_DENIED : E_IO;
}

/* A socket file left behind by a dead process refuses connections: then it may go. */
static void remove_stale(const struct sockaddr_un *at)
{
	struct stat st;
	OWN(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && lstat(at->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) && connect(fd, (const struct sockaddr *)at, sizeof(*at)) &&
	    errno == ECONNREFUSED)
		unlink(at->sun_path);
}

static int open_unix(const char *path, int *ret_fd)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(at.sun_path))
		return E_INVALID;
	memcpy(at.sun_path, path, strlen(path));
	remove_stale(&at);
	OWN(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) || chmod(path, 0660) || listen(fd, BACKLOG))
		return failed();
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int open_tcp(const struct network_url *where, int *ret_fd)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)where->port) };
	struct sockaddr_in at4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)where->port) };
	const char *host = strcmp(where->host, "localhost") ? where->host : "127.0.0.1";
	if (network_address_parse(host, &at.sin6_addr))
		return E_INVALID;
	bool is_4 = IN6_IS_ADDR_V4MAPPED(&at.sin6_addr);
	memcpy(&at4.sin_addr, at.sin6_addr.s6_addr + 12, 4);
	OWN(fd) int fd = socket(is_4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		return failed();
	if (is_4 ? bind(fd, (const struct sockaddr *)&at4, sizeof(at4)) : bind(fd, (const struct sockaddr *)&at, sizeof(at)))
		return failed();
	if (listen(fd, BACKLOG))
		return failed();
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int door_open(const char *listen_at, int *ret_fd)
{
	struct network_url where;
	if (!strncmp(listen_at, "unix:", 5))
		return open_unix(listen_at + 5, ret_fd);
	return network_endpoint_parse(listen_at, &where) ? E_INVALID : open_tcp(&where, ret_fd);
}

static struct in6_addr address_of(const struct sockaddr_storage *at)
{
	struct in6_addr a = IN6ADDR_ANY_INIT;
	if (at->ss_family == AF_INET) {
		a.s6_addr[10] = a.s6_addr[11] = 0xff;
		memcpy(a.s6_addr + 12, &((const struct sockaddr_in *)at)->sin_addr, 4);
	} else if (at->ss_family == AF_INET6) {
		a = ((const struct sockaddr_in6 *)at)->sin6_addr;
	} else if (at->ss_family == AF_UNIX) {
		a = in6addr_loopback;
	}
	return a;
}

int door_accept(int door, int *ret_fd, struct in6_addr *ret_from)
{
	struct sockaddr_storage at = { .ss_family = AF_UNIX };
	socklen_t n = sizeof(at);
	int one = 1, fd = accept4(door, (struct sockaddr *)&at, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM ? E_TOO_BIG : E_AGAIN;
	if (at.ss_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	*ret_fd = fd;
	*ret_from = address_of(&at);
	return 0;
}
