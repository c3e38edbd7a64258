/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pseudo terminal. Called by the loop (readable, writable, opened) and by the modem (say, plug, unplug). */
#include "tests/simulators/modem/port.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "tests/simulators/modem/need.h"

#define OUT_BYTES_MAX (16 * 1024 * 1024)

struct port port_init(const char *link)
{
	return (struct port){ .link = link, .master = -1, .slave = -1, .watch = -1 };
}

bool port_plugged(const struct port *p)
{
	return p->master >= 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int open_terminal(struct port *p, char *ret_name, size_t room)
{
	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (p->master < 0 || grantpt(p->master) || unlockpt(p->master) || ptsname_r(p->master, ret_name, room))
		return E_IO;
	p->slave = open(ret_name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios raw;
	if (p->slave < 0 || tcgetattr(p->slave, &raw))
		return E_IO;
	cfmakeraw(&raw);
	cfsetspeed(&raw, B115200);
	if (tcsetattr(p->slave, TCSANOW, &raw))
		return E_IO;
	p->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (p->watch < 0 || inotify_add_watch(p->watch, ret_name, IN_OPEN | IN_CLOSE) < 0)
		return E_IO;
	return 0;
}

/* By way of a second name, so that a client sees the old link, the new one or none, but no half of one. */
static int make_link(const char *target, const char *link)
{
	struct stat st;
	if (!lstat(link, &st) && !S_ISLNK(st.st_mode))
		return E_EXISTS;
	char fresh[PATH_MAX];
	if (snprintf(fresh, sizeof(fresh), "%s.new", link) >= (int)sizeof(fresh))
		return E_TOO_BIG;
	unlink(fresh);
	return symlink(target, fresh) || rename(fresh, link) ? E_IO : 0;
}

int port_plug(struct port *p)
{
	char name[64];
	int r = open_terminal(p, name, sizeof(name));
	if (!r)
		r = make_link(name, p->link);
	if (r)
		port_unplug(p);
	return r;
}

void port_unplug(struct port *p)
{
	struct stat st;
	if (p->master >= 0 && !lstat(p->link, &st) && S_ISLNK(st.st_mode))
		unlink(p->link);
	close_fd(&p->watch);
	close_fd(&p->slave);
	close_fd(&p->master);
	p->n_open = 0;
	buffer_done(&p->out);
}

void port_write(struct port *p, const void *data, size_t n_bytes)
{
	if (p->n_open > 0 && buffer_left(&p->out) + n_bytes <= OUT_BYTES_MAX)
		must(buffer_put(&p->out, data, n_bytes));
}

void port_flush(struct port *p)
{
	while (p->master >= 0 && buffer_left(&p->out)) {
		ssize_t n = write(p->master, buffer_text(&p->out), buffer_left(&p->out));
		if (n <= 0)
			return;
		buffer_take(&p->out, (size_t)n);
	}
}

size_t port_read(struct port *p, char *ret, size_t room)
{
	ssize_t n = p->master < 0 ? 0 : read(p->master, ret, room);
	return n > 0 ? (size_t)n : 0;
}

bool port_noticed(struct port *p)
{
	struct inotify_event events[32];
	bool went = false;
	for (ssize_t n; p->watch >= 0 && (n = read(p->watch, events, sizeof(events))) > 0;) {
		/* a watched file without a name gives events of the fixed size */
		for (size_t i = 0; i < (size_t)n / sizeof(events[0]); i++) {
			p->n_open += events[i].mask & IN_OPEN ? 1 : events[i].mask & IN_CLOSE ? -1 : 0;
			went |= p->n_open <= 0;
		}
	}
	if (p->n_open < 0)
		p->n_open = 0;
	return went;
}

void port_forget(struct port *p)
{
	buffer_cut(&p->out, 0);
	ioctl(p->slave, TIOCNXCL);
	if (!p->n_open)
		tcflush(p->slave, TCIFLUSH);
}

/* Equal events in a row are reported once: two opens may have been counted as one. */
void port_heard(struct port *p)
{
	if (p->n_open < 1)
		p->n_open = 1;
}
