/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One small file for each channel whose SIM has a PIN: a salt and a hash of the PIN that was tried last. The hash tells
 * one PIN from another; it hides nothing from whoever may read the folder, where the PIN itself lies too. */
#include "gateway/drivers/gammu/pinmark.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SALT_BYTES 16
#define HASH_BYTES 32
#define MARK_BYTES (SALT_BYTES + HASH_BYTES)

void pinmark_open(struct pinmark *m, const char *folder, const char *channel)
{
	char path[512];
	*m = (struct pinmark){ .fd = -1, .forgetful = *folder == '\0' };
	int n = snprintf(path, sizeof(path), "%s/%s.pin-tried", folder, channel);
	if (!m->forgetful && !strchr(channel, '/') && n > 0 && n < (int)sizeof(path))
		m->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void pinmark_close(struct pinmark *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}

static void hash(const char *pin, const unsigned char *salt, unsigned char *ret)
{
	crypto_generichash(ret, HASH_BYTES, (const unsigned char *)pin, strlen(pin), salt, SALT_BYTES);
}

bool pinmark_is_set(const struct pinmark *m, const char *pin)
{
	unsigned char mark[MARK_BYTES], now[HASH_BYTES];
	if (m->tried)
		return true;
	if (m->fd < 0 || pread(m->fd, mark, sizeof(mark), 0) != sizeof(mark))
		return false;
	hash(pin, mark, now);
	return !memcmp(now, mark + SALT_BYTES, HASH_BYTES);
}

int pinmark_set(struct pinmark *m, const char *pin)
{
	unsigned char mark[MARK_BYTES];
	randombytes_buf(mark, SALT_BYTES);
	hash(pin, mark, mark + SALT_BYTES);
	if (!m->forgetful && (m->fd < 0 || pwrite(m->fd, mark, sizeof(mark), 0) != sizeof(mark) || fsync(m->fd)))
		return E_IO;
	m->tried = true;
	return 0;
}

void pinmark_clear(struct pinmark *m)
{
	m->tried = false;
	if (m->fd >= 0 && (ftruncate(m->fd, 0) || fsync(m->fd)))
		return; /* it stays set: the PIN is not tried again, which is the safe side */
}
