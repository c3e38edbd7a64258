/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Called by the probe. */
#include "gateway/drivers/gammu/port.h"

#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"

#define BY_ID "/dev/serial/by-id"

char *port_by_id(const char *device)
{
	char real[PATH_MAX], link[PATH_MAX];
	glob_t found = { 0 };
	char *result = NULL;
	if (!realpath(device, real) || glob(BY_ID "/*", 0, NULL, &found))
		return NULL;
	for (size_t i = 0; i < found.gl_pathc && !result; i++)
		if (realpath(found.gl_pathv[i], link) && !strcmp(link, real))
			result = strdup(found.gl_pathv[i]);
	globfree(&found);
	return result;
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* /sys/…/1-1/1-1:1.0/ttyUSB0 → /sys/…/1-1; of a USB modem class device (ttyACM) /sys/…/1-1/1-1:1.0 → the same. */
static int usb_folder(const char *name, char ret[PATH_MAX])
{
	OWN(mem) char *path = NULL;
	if (asprintf(&path, "/sys/class/tty/%s/device", name) < 0) {
		path = NULL;
		return -1;
	}
	if (!realpath(path, ret))
		return -1;
	for (int up = 0; up < 3; up++) {
		const char *last = last_name(ret);
		if (strchr(last, '-') && !strchr(last, ':'))
			return 0;
		*strrchr(ret, '/') = '\0';
	}
	return -1;
}

/* What pattern finds below folder, added to found. */
static void find(glob_t *found, int flags, const char *folder, const char *pattern)
{
	char *path = NULL;
	if (asprintf(&path, "%s/%s:%s", folder, last_name(folder), pattern) < 0)
		return;
	(void)!glob(path, flags, NULL, found);
	free(path);
}

size_t port_siblings(const char *device, char **ret, size_t max)
{
	char real[PATH_MAX], folder[PATH_MAX];
	glob_t found = { 0 };
	size_t n = 0;
	if (!realpath(device, real) || usb_folder(last_name(real), folder))
		return 0;
	find(&found, 0, folder, "*/tty*");
	find(&found, GLOB_APPEND, folder, "*/tty/tty*");
	for (size_t i = 0; i < found.gl_pathc && n < max; i++) {
		const char *name = last_name(found.gl_pathv[i]);
		bool other = strcmp(name, "tty") && strcmp(name, last_name(real));
		char *path = NULL;
		if (other && asprintf(&path, "/dev/%s", name) > 0)
			ret[n++] = path;
	}
	globfree(&found);
	return n;
}
