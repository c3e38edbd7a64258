/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people mostly ask of a topic, as its file has it: choices = ( { label, words, reply }, … ). Read and checked with the topic, kept in
 * the shape of a question's options, so that an open question outlives a change of the file. Called by keyfile.c and inquiry.c. */
#ifndef CAUNOI_HANDLERS_TOPICCHOICE_H
#define CAUNOI_HANDLERS_TOPICCHOICE_H

#include <jansson.h>

#include "gateway/base/err.h"
#include "handlers/keyfile.h"
#include "handlers/reply.h"

#define TOPICCHOICE_MAX 8 /* of a topic, beside a person */

/* Reads the choices of the topic that stands at path ("topics.[0]"). *ret: "0", a person, and behind it what the file has:
 * [{"value":"1","label","words":[…],"reply"}, …]; the caller's, NULL where the topic has none. E_CONFIG: no label, one that stands twice,
 * words that are no phrase, a question or an answer that takes more than one SMS; E_NOMEM. */
MUST_CHECK int topicchoice_read(const struct keyfile *f, const char *path, const json_t *topic, json_t **ret);
/* The question that options were made for, in one SMS; the caller's, NULL on no memory. */
char *topicchoice_question(const json_t *options, const char *code, enum language language);
/* "1=Han the 2=Muc dong", without the person; the caller's, NULL on no memory. */
char *topicchoice_list(const json_t *options);

#endif
