/* SPDX-License-Identifier: GPL-3.0-or-later */
/* data_dir/spool.db: what drivers and providers said while the database could not be reached, in order, until it is told. A small SQLite
 * file of one table; every entry is sealed with the identity key. What is committed here counts as stored: the driver may forget it. */
#ifndef CAUNOI_GATEWAY_SPOOL_H
#define CAUNOI_GATEWAY_SPOOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/base/random.h"
#include "gateway/base/seal.h"

#define SPOOL_BYTES_MAX (INT64_C(256) << 20)
#define SPOOL_KEY_BYTES 16

struct spool;

/* One entry. The key is drawn when it is written and stands for it everywhere: telling it twice is told once. */
struct spooled {
	int64_t id, at_ms;
	uint8_t key[SPOOL_KEY_BYTES];
	uint8_t *box; /* sealed JSON */
	size_t n_box;
};

/* Is there a spool file in data_dir? */
bool spool_exists(const char *data_dir);
/* Opens it, made when it is missing. Borrows seal and random. E_CORRUPT, E_IO, E_UNAVAILABLE with *c. */
MUST_CHECK int spool_open(const char *data_dir, const struct seal *seal, struct random *random, struct spool **ret, struct complaint *c);
void spool_close(struct spool *s);
/* Puts entries (JSON objects) in order, all or none, on the disk when it returns 0. E_TOO_BIG: more than SPOOL_BYTES_MAX would be kept;
 * E_UNAVAILABLE the disk is full; E_BROKEN stop the process; E_NOMEM. */
MUST_CHECK int spool_put(struct spool *s, json_t *const *entries, size_t n, int64_t now_ms);
/* The oldest entries, n_max at the most; spooled_done for each. */
MUST_CHECK int spool_read(struct spool *s, struct spooled *ret, size_t n_max, size_t *ret_n);
/* What a box holds; E_CORRUPT when this key does not open it. */
MUST_CHECK int spooled_open(const struct seal *seal, const void *box, size_t n_box, json_t **ret);
void spooled_done(struct spooled *e);
/* Forgets everything up to id: it is told. Errors as spool_put. */
MUST_CHECK int spool_forget(struct spool *s, int64_t id);
int64_t spool_count(const struct spool *s);

#endif
