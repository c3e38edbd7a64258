/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What outcomes and proofs make of their message. Called by settle.c after each that it wrote. */
#ifndef CAUNOI_GATEWAY_CONCLUSION_H
#define CAUNOI_GATEWAY_CONCLUSION_H

#include "gateway/drivers/driver.h"
#include "gateway/tick.h"

struct conclusion_why { /* the last result that decided: fault, code, wish */
	enum fault fault;
	const char *code;
	double retry_after_s;
	bool untried; /* no driver ever saw it */
};

/* Looks at all parts and moves the message on, handing out the next part where one waits. */
MUST_CHECK int conclusion_draw(struct tick *t, int64_t message, const struct conclusion_why *why);

#endif
