/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and exit codes of result codes. Called by everyone; keeps nothing. */
#include "gateway/base/err.h"

const char *err_text(int err)
{
	switch ((enum err)err) {
	case E_OK: return "done";
	case E_NOMEM: return "out of memory";
	case E_INVALID: return "invalid";
	case E_NOT_FOUND: return "not found";
	case E_EXISTS: return "exists already";
	case E_REFUSED: return "refused by a rule";
	case E_UNAVAILABLE: return "unavailable";
	case E_IO: return "input/output failed";
	case E_CORRUPT: return "data damaged, foreign or missing";
	case E_NEWER: return "data of a newer release";
	case E_PROTOCOL: return "protocol broken";
	case E_AGAIN: return "nothing yet";
	case E_TOO_BIG: return "too big";
	case E_CONFIG: return "configuration wrong";
	case E_UNDO: return "must be undone";
	case E_UNKNOWN: return "outcome unknown";
	case E_BROKEN: return "store broken";
	case E_DENIED: return "not allowed";
	}
	return "unknown error";
}

int err_exit_code(int err)
{
	switch ((enum err)err) {
	case E_OK: return 0;
	case E_INVALID:
	case E_CONFIG: return 2;
	case E_NOT_FOUND: return 3;
	case E_REFUSED:
	case E_EXISTS:
	case E_DENIED: return 4;
	case E_UNAVAILABLE: return 5;
	case E_CORRUPT:
	case E_NEWER: return 6;
	case E_NOMEM:
	case E_IO:
	case E_PROTOCOL:
	case E_AGAIN:
	case E_TOO_BIG:
	case E_UNDO:
	case E_UNKNOWN:
	case E_BROKEN: return 1;
	}
	return 1;
}
