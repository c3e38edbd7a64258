/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves bytes between device, guard and pty. The guard ends every command within its limit, so that waiting for it here
 * needs no limit of its own; the polling thread has to keep calling line_pump. */
#include "gateway/drivers/gammu/line.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"

#define READ_BYTES 4096 /* what one read can hold of notifications fits their queue */

struct line {
	const struct clock *clock;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct line_guard guard;
	int device, master, slave, wake;
	char pty[64];
};

/* ---- the two ends --------------------------------------------------------------------------------------------- */

static speed_t speed_of(int baud)
{
	static const struct {
		int baud;
		speed_t speed;
	} speeds[] = { { 9600, B9600 },	  { 19200, B19200 },   { 38400, B38400 },   { 57600, B57600 },
		       { 115200, B115200 }, { 230400, B230400 }, { 460800, B460800 }, { 921600, B921600 } };
	for (size_t i = 0; i < COUNT_OF(speeds); i++)
		if (speeds[i].baud == baud)
			return speeds[i].speed;
	return B0;
}

static int make_raw(int fd, int baud)
{
	struct termios t;
	if (tcgetattr(fd, &t))
		return E_IO;
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL | CREAD;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	if (speed_of(baud) != B0 && cfsetspeed(&t, speed_of(baud)))
		return E_IO;
	return tcsetattr(fd, TCSANOW, &t) ? E_IO : 0;
}

/* One pty for life, because a confined program opens no other. The slave stays open here too: else the master would
 * report a hang-up whenever the library closes its end. */
static int open_pty(struct line *l)
{
	l->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (l->master < 0 || grantpt(l->master) || unlockpt(l->master) || ptsname_r(l->master, l->pty, sizeof(l->pty)))
		return E_IO;
	l->slave = open(l->pty, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	return l->slave < 0 ? E_IO : make_raw(l->slave, 0);
}

int line_new(const struct clock *clock, struct line **ret)
{
	struct line *l = calloc(1, sizeof(*l));
	if (!l)
		return E_NOMEM;
	*l = (struct line){ .clock = clock, .device = -1, .master = -1, .slave = -1 };
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->wake < 0) {
		free(l);
		return E_IO;
	}
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->changed, NULL);
	line_guard_init(&l->guard, NULL);
	int r = open_pty(l);
	if (r) {
		line_free(l);
		return r;
	}
	*ret = l;
	return 0;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void line_free(struct line *l)
{
	if (!l)
		return;
	line_close(l);
	line_guard_done(&l->guard);
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	shut(&l->slave);
	shut(&l->master);
	shut(&l->wake);
	free(l);
}

static void wake(struct line *l)
{
	if (eventfd_write(l->wake, 1) && errno != EAGAIN)
		abort(); /* the descriptor is ours and cannot fail otherwise */
}

/* ---- the polling thread --------------------------------------------------------------------------------------- */

void line_fds(struct line *l, struct pollfd fds[LINE_FDS], int64_t *ret_due_ms)
{
	pthread_mutex_lock(&l->lock);
	short to_modem = buffer_left(&l->guard.to_modem) ? POLLOUT : 0;
	short to_library = buffer_left(&l->guard.to_library) ? POLLOUT : 0;
	fds[0] = (struct pollfd){ .fd = l->device, .events = (short)(POLLIN | to_modem) };
	fds[1] = (struct pollfd){ .fd = l->master, .events = (short)(POLLIN | to_library) };
	fds[2] = (struct pollfd){ .fd = l->wake, .events = POLLIN };
	*ret_due_ms = line_guard_due_ms(&l->guard);
	pthread_mutex_unlock(&l->lock);
}

static void lose(struct line *l)
{
	shut(&l->device);
	line_guard_lose(&l->guard);
}

/* Result: false when the other end is gone. */
static bool move_in(struct line *l, int fd, void (*feed)(struct line_guard *, const char *, size_t, int64_t))
{
	char bytes[READ_BYTES];
	ssize_t n = read(fd, bytes, sizeof(bytes));
	if (n > 0)
		feed(&l->guard, bytes, (size_t)n, clock_mono_ms(l->clock));
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool move_out(int fd, struct buffer *b)
{
	while (buffer_left(b)) {
		ssize_t n = write(fd, buffer_text(b), buffer_left(b));
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		buffer_take(b, (size_t)n);
	}
	return true;
}

void line_pump(struct line *l)
{
	eventfd_t ignored;
	pthread_mutex_lock(&l->lock);
	(void)!eventfd_read(l->wake, &ignored);
	if (l->device >= 0 && !move_in(l, l->device, line_guard_from_modem))
		lose(l);
	if (l->master >= 0)
		(void)!move_in(l, l->master, line_guard_from_library);
	line_guard_tick(&l->guard, clock_mono_ms(l->clock));
	if (l->device >= 0 && (!move_out(l->device, &l->guard.to_modem) || l->guard.failed))
		lose(l);
	if (l->device < 0)
		buffer_done(&l->guard.to_modem);
	if (l->master >= 0)
		(void)!move_out(l->master, &l->guard.to_library);
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
}

size_t line_take_urcs(struct line *l, struct guard_urc *ret, size_t max)
{
	pthread_mutex_lock(&l->lock);
	size_t n = l->guard.n_urcs < max ? l->guard.n_urcs : max;
	memcpy(ret, l->guard.urcs, n * sizeof(*ret));
	memmove(l->guard.urcs, l->guard.urcs + n, (l->guard.n_urcs - n) * sizeof(*ret));
	l->guard.n_urcs -= n;
	pthread_mutex_unlock(&l->lock);
	return n;
}

/* ---- the device -------------------------------------------------------------------------------------------------- */

static int open_error(void)
{
	switch (errno) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
	case ENOTDIR:
		return E_NOT_FOUND;
	case EBUSY:
		return E_UNAVAILABLE;
	case EACCES:
	case EPERM:
		return E_DENIED;
	case EISDIR:
		return E_INVALID;
	default:
		return E_IO;
	}
}

static int open_device(const char *device, int baud, int *ret)
{
	OWN(fd) int fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return open_error();
	if (!isatty(fd))
		return E_INVALID;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return E_UNAVAILABLE;
	if (make_raw(fd, baud) || ioctl(fd, TIOCEXCL) || tcflush(fd, TCIOFLUSH))
		return E_IO;
	*ret = fd;
	fd = -1;
	return 0;
}

/* Nothing of a former connection may be taken for an answer; nor may its exclusive use keep the next one out. */
static void empty_pty(struct line *l)
{
	char bytes[READ_BYTES];
	ioctl(l->slave, TIOCNXCL);
	tcflush(l->slave, TCIOFLUSH);
	while (read(l->master, bytes, sizeof(bytes)) > 0)
		;
}

int line_open(struct line *l, const char *device, int baud, const struct guard_limits *limits)
{
	int fd = -1;
	int r = open_device(device, baud, &fd);
	if (r)
		return r;
	line_close(l);
	pthread_mutex_lock(&l->lock);
	l->device = fd;
	line_guard_done(&l->guard);
	line_guard_init(&l->guard, limits);
	empty_pty(l);
	pthread_mutex_unlock(&l->lock);
	wake(l);
	return 0;
}

const char *line_open_reason(int error)
{
	switch (error) {
	case E_NOT_FOUND:
		return "no such device: plug the modem in, or correct the path";
	case E_UNAVAILABLE:
		return "another program uses the device: end it, or keep it away from modems (ModemManager)";
	case E_DENIED:
		return "this user may not open the device: put it into the device's group";
	case E_INVALID:
		return "this is no serial port: name the modem's tty";
	default:
		return "the device cannot be opened: pull the modem out and plug it in again";
	}
}

void line_close(struct line *l)
{
	pthread_mutex_lock(&l->lock);
	line_guard_lose(&l->guard);
	if (l->device >= 0)
		ioctl(l->device, TIOCNXCL);
	shut(&l->device);
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
	wake(l);
}

bool line_is_up(struct line *l)
{
	pthread_mutex_lock(&l->lock);
	bool up = l->device >= 0;
	pthread_mutex_unlock(&l->lock);
	return up;
}

bool line_is_sick(struct line *l)
{
	pthread_mutex_lock(&l->lock);
	bool sick = l->guard.sick;
	pthread_mutex_unlock(&l->lock);
	return sick;
}

const char *line_pty(const struct line *l)
{
	return l->pty;
}

/* ---- commands ------------------------------------------------------------------------------------------------- */

static int raw_result(struct line *l, struct line_reply *ret)
{
	static const int results[] = {
		[GUARD_RAW_NONE] = E_UNAVAILABLE, [GUARD_RAW_OPEN] = E_UNAVAILABLE, [GUARD_RAW_OK] = 0,
		[GUARD_RAW_ERROR] = E_REFUSED,	  [GUARD_RAW_SILENT] = E_UNAVAILABLE,
	};
	int r = results[l->guard.raw];
	char *text = strdup(buffer_text(&l->guard.reply));
	if (!text)
		return E_NOMEM;
	*ret = (struct line_reply){ .text = text, .kind = l->guard.raw_kind, .code = l->guard.raw_code };
	return r;
}

int line_raw(struct line *l, const char *command, int64_t limit_ms, struct line_reply *ret)
{
	*ret = (struct line_reply){ 0 };
	pthread_mutex_lock(&l->lock);
	int r = l->device < 0 ? E_UNAVAILABLE : line_guard_raw(&l->guard, command, limit_ms, clock_mono_ms(l->clock));
	if (!r) {
		wake(l);
		while (l->guard.raw == GUARD_RAW_OPEN)
			pthread_cond_wait(&l->changed, &l->lock);
		r = raw_result(l, ret);
	}
	pthread_mutex_unlock(&l->lock);
	return r;
}

void line_escape(struct line *l)
{
	pthread_mutex_lock(&l->lock);
	line_guard_escape(&l->guard);
	pthread_mutex_unlock(&l->lock);
	wake(l);
}

void line_heal(struct line *l)
{
	pthread_mutex_lock(&l->lock);
	line_guard_heal(&l->guard);
	pthread_mutex_unlock(&l->lock);
}

void line_rest(struct line *l, int64_t us)
{
	const struct timespec most = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
	pthread_mutex_lock(&l->lock);
	struct pollfd p = { .fd = l->slave, .events = POLLIN };
	bool at_prompt = l->guard.state == GUARD_DATA;
	pthread_mutex_unlock(&l->lock);
	if (!at_prompt)
		(void)!ppoll(&p, 1, &most, NULL);
}

bool line_library_waits(const struct line *l)
{
	struct pollfd p = { .fd = l->slave, .events = POLLIN };
	return poll(&p, 1, 0) > 0;
}

int line_arm(struct line *l, const uint8_t *tpdu, size_t n_bytes)
{
	pthread_mutex_lock(&l->lock);
	int r = line_guard_arm(&l->guard, tpdu, n_bytes);
	pthread_mutex_unlock(&l->lock);
	return r;
}

void line_wait_sent(struct line *l, struct guard_send *ret)
{
	pthread_mutex_lock(&l->lock);
	while (line_guard_sending(&l->guard))
		pthread_cond_wait(&l->changed, &l->lock);
	if (l->guard.send.sent == GUARD_SENT_OPEN)
		l->guard.send.sent = GUARD_SENT_NO_PROMPT;
	l->guard.armed = false;
	*ret = l->guard.send;
	pthread_mutex_unlock(&l->lock);
}
