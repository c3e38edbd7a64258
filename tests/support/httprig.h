/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTTP driver as a program, with a test in the place of its core. Every step that fails ends the test. */
#ifndef CAUNOI_TESTS_SUPPORT_HTTPRIG_H
#define CAUNOI_TESTS_SUPPORT_HTTPRIG_H

#include <jansson.h>
#include <sys/types.h>

#include "gateway/base/buffer.h"

struct httprig {
	pid_t pid;
	int in, out;
	struct buffer lines;
	char folder[64], profile[96], ca_file[96];
};

/* A folder with this profile and the name of a file for certificates. */
void httprig_folder(struct httprig *d, const char *profile);
/* Starts the program ($CAUNOI_BUILD) for the provider at url; its ready frame, the caller's. ca_file "" = the system's. */
json_t *httprig_start(struct httprig *d, const char *url, const char *ca_file, double timeout_s, double every_h);
/* Closes its input; it must end with 0. The folder goes. */
void httprig_end(struct httprig *d);
/* Takes the frame. */
void httprig_send(struct httprig *d, json_t *frame);
/* The next frame that it says, the caller's. */
json_t *httprig_read(struct httprig *d);
/* A message under the key "kATTEMPT". */
void httprig_submit(struct httprig *d, int attempt, const char *to, const char *text);

#endif
