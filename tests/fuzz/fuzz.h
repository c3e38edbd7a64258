/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzzers share: bytes as text, and a law that must hold for it. A broken law ends the run like a crash. */
#ifndef CAUNOI_FUZZ_H
#define CAUNOI_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LAW(holds) \
	do { \
		if (!(holds)) { \
			fprintf(stderr, "%s:%d: law broken: %s\n", __FILE__, __LINE__, #holds); \
			abort(); \
		} \
	} while (0)

#endif
