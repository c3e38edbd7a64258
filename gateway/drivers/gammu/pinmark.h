/* SPDX-License-Identifier: GPL-3.0-or-later */
/* That a PIN has been tried, kept in a file, so that a driver which is started again does not try it again: three wrong
 * ones lock a SIM. The file is opened before the program gives up its files, and written through before each try. */
#ifndef CAUNOI_DRIVERS_GAMMU_PINMARK_H
#define CAUNOI_DRIVERS_GAMMU_PINMARK_H

#include <stdbool.h>

#include "gateway/base/err.h"

struct pinmark {
	int fd;         /* -1 = nothing can be remembered */
	bool forgetful; /* no folder was named: once in this program's life must do */
	bool tried;     /* in this program's life */
};

/* folder "" = none was named. A folder that cannot be written makes every pinmark_set fail. */
void pinmark_open(struct pinmark *m, const char *folder, const char *channel);
void pinmark_close(struct pinmark *m);
/* Has this very PIN been tried without success? */
bool pinmark_is_set(const struct pinmark *m, const char *pin);
/* On the disk when it returns. E_IO: it could not be remembered, the PIN must not be tried. */
MUST_CHECK int pinmark_set(struct pinmark *m, const char *pin);
/* It was accepted. */
void pinmark_clear(struct pinmark *m);

#endif
