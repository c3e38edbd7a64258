/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is scripted to go wrong: a queue of faults, each for one command and a number of times. The first that fits is
 * used. Faults of the prompt are met before the recipient is known and only while they stand first for AT+CMGS. */
#ifndef CAUNOI_SIM_MODEM_FAULTS_H
#define CAUNOI_SIM_MODEM_FAULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/err.h"

enum fault_action {
	FAULT_PASS,          /* nothing wrong: counts sends until the next fault */
	FAULT_CMS,           /* +CMS ERROR: code */
	FAULT_CME,           /* +CME ERROR: code */
	FAULT_ERROR,         /* ERROR */
	FAULT_CMS_AT_PROMPT, /* +CMS ERROR: code instead of the prompt */
	FAULT_NO_PROMPT,     /* nothing instead of the prompt */
	FAULT_SILENT,        /* done, but no answer */
	FAULT_DROP,          /* not done, and no answer */
	FAULT_HANG,          /* not done; nothing is answered until released */
	FAULT_GARBAGE,       /* noise instead of an answer */
	FAULT_HALF,          /* half a line instead of an answer */
	FAULT_NO_OK,         /* the answer without its OK */
	FAULT_UNPLUG,        /* the port goes */
	FAULT_SLOW,          /* done at once, answered after ms */
	FAULT_DUP_ANSWER,    /* answered twice */
	FAULT_URC_INSIDE,    /* text (unknown line) before the answer */
	FAULT_REPORT_FIRST,  /* the delivery report before the answer */
	FAULT_RESET,         /* the modem reboots instead of answering */
};

struct fault {
	char on[16]; /* "cmgs", "csq" …, "any" */
	enum fault_action action;
	int code;
	int ms;        /* slow: delay; unplug and hang: back after it, 0 = never */
	int times;     /* left; -1 = for ever */
	bool accept;   /* the network takes the message all the same */
	char to[32];   /* "" = any recipient */
	char text[128];
};
struct faults {
	struct fault *list;
	size_t n;
};

void faults_done(struct faults *f);
/* Appends the fault that json describes; E_INVALID when it has no known action. */
MUST_CHECK int faults_add(struct faults *f, const json_t *json);
void faults_clear(struct faults *f);
/* Takes one use of the fault for the command on (and recipient to). False when there is none. */
bool faults_take(struct faults *f, const char *on, const char *to, struct fault *ret);
/* The same before the prompt: only its two kinds, and only when first in line for cmgs. */
bool faults_take_prompt(struct faults *f, struct fault *ret);

#endif
