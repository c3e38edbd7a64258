/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A body that is a file: sent to the core in pieces as it arrives, then the command with the upload's id. The arguments
 * stand in the query string. Memory: one piece. */
#ifndef CAUNOI_WEB_UPLOAD_H
#define CAUNOI_WEB_UPLOAD_H

#include "console/web/visit.h"

/* Sets v->take and v->run; v->verb has an argument of type ARG_UPLOAD. */
void upload_begin(struct visit *v);

#endif
