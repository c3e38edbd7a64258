/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often somebody tried to log in. Tries are counted by name, whether or not there is such a user, and apart from them by
 * known browser: a browser that logged in before carries a device's mark, and strangers who guess cannot shut it out. One-time
 * logins and the machine's own people are not counted. */
#ifndef CAUNOI_GATEWAY_LOGIN_H
#define CAUNOI_GATEWAY_LOGIN_H

#include "gateway/tick.h"
#include "gateway/verb.h"

#define LOGIN_TRIES 10
#define LOGIN_WINDOW_MS ((int64_t)15 * 60 * 1000)
#define LOGIN_FREE_TRIES 3 /* the next one waits 1 s, and each one after it twice as long */
#define LOGIN_DEVICE_BYTES 80

/* Counts a try, before the password is looked at: what is under way counts too. E_REFUSED with *why (429, args.retry_after_s):
 * not now. device may be "" or anything; one that is no mark of this name's counts as none. */
MUST_CHECK int login_try(struct tick *t, const char *name, const char *device, struct refusal *why);
/* Did this browser log in under this name before? */
bool login_knows(const struct scope *in, const char *name, const char *device);
/* It was the right password: the tries of this name, or of this device, are forgotten. */
MUST_CHECK int login_done(struct tick *t, const char *name, const char *device);
/* A new mark for the browser that has just logged in. */
void login_device(struct tick *t, const char *name, char ret[LOGIN_DEVICE_BYTES]);

extern const struct sql_module login_module;

#endif
