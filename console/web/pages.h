/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's pages as the build made them: read once at the start, served from memory, each beside its compressed form. */
#ifndef CAUNOI_WEB_PAGES_H
#define CAUNOI_WEB_PAGES_H

#include <stdbool.h>

#include "gateway/base/err.h"

struct pages;
struct visit;

/* From the folder pages/ beside this program, else of the installation. Without any: one page that says so. E_NOMEM. */
MUST_CHECK int pages_load(struct pages **ret);
void pages_free(struct pages *p);
/* "/" and "/assets/NAME"; false = nothing of that name is here. */
bool pages_answer(struct visit *v);
/* 404 for a person: a page that leads home. */
void pages_lost(struct visit *v);

#endif
