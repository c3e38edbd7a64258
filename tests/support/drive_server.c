/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file over FUSE, with a write cache that can be lost. Allocates nothing but the cache; fails by ending, which the kernel turns
 * into I/O errors. Must not touch the file system that it serves. */
#include "tests/support/drive_server.h"

#include <errno.h>
#include <linux/fuse.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/err.h"
#include "gateway/base/own.h"
#include "gateway/base/random.h"

#define WRITE_BYTES_MAX (128 * 1024)
#define REQUEST_BYTES (WRITE_BYTES_MAX + 8192)
#define SECTOR_BYTES 512
#define LOOK_MS 2

struct cached {
	int64_t at;
	size_t n_bytes;
	uint8_t *bytes;
};

struct server {
	int fuse, image;
	int64_t n_bytes;
	struct drive_board *board;
	struct cached *cache;
	size_t n_cached, room;
};

static _Noreturn void give_up(void)
{
	_exit(1);
}

/* ---- the cache ---- */

static void write_image(struct server *s, const struct cached *c, size_t n_bytes)
{
	for (size_t done = 0; done < n_bytes;) {
		ssize_t n = pwrite(s->image, c->bytes + done, n_bytes - done, c->at + (int64_t)done);
		if (n <= 0)
			give_up();
		done += (size_t)n;
	}
}

static void forget_cache(struct server *s)
{
	for (size_t i = 0; i < s->n_cached; i++)
		free(s->cache[i].bytes);
	s->n_cached = 0;
}

static void flush_cache(struct server *s)
{
	for (size_t i = 0; i < s->n_cached; i++)
		write_image(s, &s->cache[i], s->cache[i].n_bytes);
	forget_cache(s);
}

static void put_cache(struct server *s, int64_t at, const void *bytes, size_t n_bytes)
{
	if (s->n_cached == s->room) {
		s->room = s->room ? 2 * s->room : 256;
		s->cache = realloc(s->cache, s->room * sizeof(*s->cache));
	}
	uint8_t *copy = malloc(n_bytes);
	if (!s->cache || !copy)
		give_up();
	memcpy(copy, bytes, n_bytes);
	s->cache[s->n_cached++] = (struct cached){ at, n_bytes, copy };
}

/* What a reader sees: the image, with the cache over it. */
static void read_through(const struct server *s, int64_t at, uint8_t *out, size_t n_bytes)
{
	ssize_t got = pread(s->image, out, n_bytes, at);
	memset(out + (got > 0 ? got : 0), 0, n_bytes - (size_t)(got > 0 ? got : 0));
	for (size_t i = 0; i < s->n_cached; i++) {
		const struct cached *c = &s->cache[i];
		int64_t from = c->at > at ? c->at : at, end = at + (int64_t)n_bytes, c_end = c->at + (int64_t)c->n_bytes;
		int64_t to = c_end < end ? c_end : end;
		if (from < to)
			memcpy(out + (from - at), c->bytes + (from - c->at), (size_t)(to - from));
	}
}

/* ---- the cut ---- */

enum fate { FATE_ALL_LOST, FATE_BEGINNING_KEPT, FATE_SUBSET_KEPT, FATE_ALL_KEPT, FATES };

static bool is_kept(enum fate fate, size_t i, size_t n_kept, struct random *dice)
{
	switch (fate) {
	case FATE_BEGINNING_KEPT: return i < n_kept;
	case FATE_SUBSET_KEPT: return random_below(dice, 2);
	case FATE_ALL_KEPT: return true;
	case FATE_ALL_LOST:
	case FATES: break;
	}
	return false;
}

static void cut(struct server *s)
{
	struct random dice = random_seeded(s->board->seed);
	enum fate fate = (enum fate)random_below(&dice, FATES);
	size_t n_kept = random_below(&dice, (uint32_t)s->n_cached + 1), lost = 0;
	const struct cached *last = NULL;
	for (size_t i = 0; i < s->n_cached; i++) {
		if (!is_kept(fate, i, n_kept, &dice)) {
			lost++;
			continue;
		}
		if (last)
			write_image(s, last, last->n_bytes);
		last = &s->cache[i];
	}
	if (last) {
		uint32_t sectors = (uint32_t)(last->n_bytes / SECTOR_BYTES);
		bool torn = sectors > 1 && random_below(&dice, 2);
		write_image(s, last, torn ? (1 + random_below(&dice, sectors - 1)) * SECTOR_BYTES : last->n_bytes);
	}
	atomic_store(&s->board->cached, (long long)s->n_cached);
	atomic_store(&s->board->lost, (long long)lost);
	forget_cache(s);
	atomic_store(&s->board->power, DRIVE_CUT);
}

static void hang(const struct server *s)
{
	while (atomic_load(&s->board->power) == DRIVE_CUT)
		nanosleep(&(struct timespec){ .tv_nsec = LOOK_MS * 1000000 }, NULL);
}

/* Counts a write or flush. False when it must fail: the power is gone. */
static bool is_counted(struct server *s)
{
	long long n = atomic_fetch_add(&s->board->operations, 1) + 1, at = atomic_load(&s->board->cut_at);
	if (atomic_load(&s->board->power) == DRIVE_ON && at && n >= at)
		cut(s);
	hang(s);
	return atomic_load(&s->board->power) == DRIVE_ON;
}

static bool is_failing(atomic_int *n)
{
	int left = atomic_load(n);
	if (left > 0)
		atomic_store(n, left - 1);
	return left != 0;
}

/* ---- requests ---- */

static void answer(const struct server *s, const struct fuse_in_header *in, int error, const void *body, size_t n_bytes)
{
	struct fuse_out_header out = { .len = (uint32_t)(sizeof(out) + n_bytes), .error = -error, .unique = in->unique };
	struct iovec parts[2] = { { &out, sizeof(out) }, { (void *)body, n_bytes } };
	if (writev(s->fuse, parts, n_bytes ? 2 : 1) < 0 && errno != ENOENT)
		give_up();
}

static void on_init(const struct server *s, const struct fuse_in_header *in, const void *body)
{
	const struct fuse_init_in *asked = body;
	struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION,
				     .minor = asked->minor < FUSE_KERNEL_MINOR_VERSION ? asked->minor : FUSE_KERNEL_MINOR_VERSION,
				     .max_readahead = asked->max_readahead,
				     .max_write = WRITE_BYTES_MAX,
				     .flags = FUSE_BIG_WRITES,
				     .max_background = 16,
				     .congestion_threshold = 12 };
	answer(s, in, 0, &out, sizeof(out));
}

static void on_getattr(const struct server *s, const struct fuse_in_header *in)
{
	struct fuse_attr_out out = { .attr_valid = 3600,
				     .attr = { .ino = FUSE_ROOT_ID,
					       .size = (uint64_t)s->n_bytes,
					       .blocks = (uint64_t)s->n_bytes / SECTOR_BYTES,
					       .mode = S_IFREG | 0600,
					       .nlink = 1,
					       .blksize = 4096 } };
	answer(s, in, 0, &out, sizeof(out));
}

static void on_read(const struct server *s, const struct fuse_in_header *in, const void *body)
{
	const struct fuse_read_in *asked = body;
	hang(s);
	if (atomic_load(&s->board->power) != DRIVE_ON) {
		answer(s, in, EIO, NULL, 0);
		return;
	}
	OWN(mem) uint8_t *out = malloc(asked->size);
	if (!out)
		give_up();
	read_through(s, (int64_t)asked->offset, out, asked->size);
	answer(s, in, 0, out, asked->size);
}

static void on_write(struct server *s, const struct fuse_in_header *in, const void *body)
{
	const struct fuse_write_in *asked = body;
	struct fuse_write_out out = { .size = asked->size };
	bool on = atomic_load(&s->board->power) == DRIVE_ON;
	bool fails = on && is_failing(&s->board->fail_writes);
	if (on && !fails)
		put_cache(s, (int64_t)asked->offset, asked + 1, asked->size); /* the write during which the power goes may be torn too */
	on = is_counted(s);
	answer(s, in, on && !fails ? 0 : EIO, &out, on && !fails ? sizeof(out) : 0);
}

static void on_flush(struct server *s, const struct fuse_in_header *in)
{
	bool on = is_counted(s), fails = on && is_failing(&s->board->fail_flushes);
	if (on && !fails) {
		flush_cache(s);
		atomic_fetch_add(&s->board->flushes, 1);
	} else if (fails) {
		forget_cache(s); /* as a drive that gave up on them; who asks again must not be told that all is well */
	}
	answer(s, in, on && !fails ? 0 : EIO, NULL, 0);
}

static void handle(struct server *s, const uint8_t *request)
{
	const struct fuse_in_header *in = (const void *)request;
	const void *body = in + 1;
	struct fuse_open_out opened = { 0 };
	switch (in->opcode) {
	case FUSE_INIT: on_init(s, in, body); break;
	case FUSE_GETATTR: on_getattr(s, in); break;
	case FUSE_OPEN: answer(s, in, 0, &opened, sizeof(opened)); break;
	case FUSE_READ: on_read(s, in, body); break;
	case FUSE_WRITE: on_write(s, in, body); break;
	case FUSE_FSYNC: on_flush(s, in); break;
	case FUSE_FLUSH:
	case FUSE_RELEASE: answer(s, in, 0, NULL, 0); break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT: break; /* want no answer */
	default: answer(s, in, ENOSYS, NULL, 0); break;
	}
}

void drive_serve(int fuse_fd, int image_fd, int64_t n_bytes, struct drive_board *board)
{
	struct server s = { .fuse = fuse_fd, .image = image_fd, .n_bytes = n_bytes, .board = board };
	uint8_t *request = malloc(REQUEST_BYTES);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0); /* or memory could be freed by writing to this very drive */
	if (!request)
		give_up();
	for (;;) {
		struct pollfd p = { .fd = s.fuse, .events = POLLIN };
		long long at = atomic_load(&board->cut_at);
		if (at && at <= atomic_load(&board->operations) && atomic_load(&board->power) == DRIVE_ON)
			cut(&s);
		if (poll(&p, 1, LOOK_MS) <= 0)
			continue;
		ssize_t n = read(s.fuse, request, REQUEST_BYTES);
		if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT))
			continue;
		if (n < (ssize_t)sizeof(struct fuse_in_header))
			_exit(errno == ENODEV ? 0 : 1); /* nobody has the file any more */
		handle(&s, request);
	}
}
