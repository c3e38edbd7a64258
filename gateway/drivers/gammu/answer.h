/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one line of a modem is: a final result, a notification, part of the open command's reply, or noise; and what a
 * command of the library may do. Pure; called by the guard for each line. Source: ITU-T V.250 §5.7, 3GPP TS 27.005,
 * 27.007. */
#ifndef CAUNOI_DRIVERS_GAMMU_ANSWER_H
#define CAUNOI_DRIVERS_GAMMU_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/drivers/gammu/cms.h"

enum answer_final { ANSWER_NOT_FINAL, ANSWER_OK, ANSWER_ERROR };
/* kind and code are set for ANSWER_ERROR only; a verbose text instead of a number gives code -1. */
enum answer_final answer_final(const char *line, enum cms_kind *ret_kind, int *ret_code);
/* Is line a notification of the modem while command ("" = none) is open? Registration lines are not, while their own
 * query is open. */
bool answer_is_urc(const char *line, const char *command);
/* Could line be a PDU, sound or broken, and not something that the modem threw in? */
bool answer_may_be_pdu(const char *line);
/* Does line belong to the reply of command? */
bool answer_belongs(const char *line, const char *command);
/* May the library send this command to the modem at all? */
bool answer_allowed(const char *command);
/* What the library is told where it would make too much of final; replied: were there lines before it? */
enum answer_final answer_softened(const char *command, enum answer_final final, bool replied);
/* Is it a command about echo, which the guard answers itself? */
bool answer_is_echo(const char *command);
/* How long the modem may take for command. */
int64_t answer_limit_ms(const char *command);
/* Reads "+CMGS: 37"; -1 when line is something else or the number is no TP-MR. */
int answer_reference(const char *line);

#endif
