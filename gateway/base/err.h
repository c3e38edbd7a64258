/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Result codes of the whole project: 0 is done, everything else negative. err_text gives a short English
 * phrase for logs; sentences for people are made at the edge from a rule's name. */
#ifndef CAUNOI_BASE_ERR_H
#define CAUNOI_BASE_ERR_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum err {
	E_OK = 0,
	E_NOMEM = -1,       /* out of memory */
	E_INVALID = -2,     /* an argument or input is malformed */
	E_NOT_FOUND = -3,   /* the thing asked for does not exist */
	E_EXISTS = -4,      /* a unique thing exists already */
	E_REFUSED = -5,     /* a rule says no (exit code 4) */
	E_UNAVAILABLE = -6, /* try again later: core away, disk full, locked */
	E_IO = -7,          /* read or write failed */
	E_CORRUPT = -8,     /* stored data is damaged, foreign or missing */
	E_NEWER = -9,       /* stored data is of a newer release */
	E_PROTOCOL = -10,   /* a peer broke the frame protocol */
	E_AGAIN = -11,      /* nothing now; not a failure */
	E_TOO_BIG = -12,    /* over a declared limit */
	E_CONFIG = -13,     /* configuration wrong (exit code 2) */
	E_UNDO = -14,       /* a handler must be undone after it wrote: roll back, run singly */
	E_UNKNOWN = -15,    /* the outcome of a commit is not known */
	E_BROKEN = -16,     /* I/O error or failed fsync in the store: stop the process */
	E_DENIED = -17,     /* not allowed to this peer, role or territory */
};

/* English phrase for a code; never NULL. */
const char *err_text(int err);

/* Exit code for a code: 0 done, 1 failed, 2 configuration, 3 not found, 4 refused,
 * 5 unreachable, 6 data damaged. */
int err_exit_code(int err);

#endif
