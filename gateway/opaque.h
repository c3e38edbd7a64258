/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ids that drivers and providers make up: kept as they are, or, where one is too long for an index, as a digest of the whole, so that two
 * that differ only at their end stay two. */
#ifndef CAUNOI_GATEWAY_OPAQUE_H
#define CAUNOI_GATEWAY_OPAQUE_H

#define OPAQUE_BYTES 300
#define OPAQUE_DIGEST_BYTES 48

/* id as it is kept: itself, or its digest in room. */
const char *opaque_id(const char *id, char room[OPAQUE_BYTES]);
/* "MARK:" and the digest of text; mark of at most 8 letters. */
void opaque_digest(const char *mark, const char *text, char ret[OPAQUE_DIGEST_BYTES]);

#endif
