/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libphonenumber for C, for tests alone. */
#ifndef CAUNOI_SUPPORT_PHONE_ORACLE_H
#define CAUNOI_SUPPORT_PHONE_ORACLE_H

#ifdef __cplusplus
extern "C" {
#endif

/* What libphonenumber makes of text dialled in region: E.164 into out (room for 32), and 'm' mobile, 'f' fixed line,
 * 'o' another valid number, 'i' parsed but invalid, 0 not parsed (out is "" then). */
char phone_oracle(const char *text, const char *region, char out[32]);

#ifdef __cplusplus
}
#endif

#endif
