/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Defects on purpose. The simulator is compiled with CAUNOI_MUTANTS and chooses one by its number, to show that its laws catch it; in
 * every other program MUTANT() is the constant false and nothing of this is left. */
#ifndef CAUNOI_BASE_MUTANT_H
#define CAUNOI_BASE_MUTANT_H

#include <stdbool.h>

/* name, what it does wrong */
#define MUTANTS(_)                                                                                   \
	_(FLUSH_BEFORE_COMMIT, "frames leave before the commit")                                     \
	_(COMMIT_UNSYNCED, "a commit does not wait for the disk")                                    \
	_(SEQ_FORGOTTEN, "the order's number does not outlive a restart")                            \
	_(CLAIM_WITHOUT_CONSENT, "the claim does not read consent again")                            \
	_(OPT_OUT_ONE_TOPIC, "an opt-out from everything is read as one from campaigns")             \
	_(CLAUSE_IGNORED, "a stop that is one clause of a sentence is not heard")                    \
	_(LEDGER_SILENT, "opt-outs are not written beside the database")                             \
	_(QUIET_IN_UTC, "quiet hours are asked in UTC")                                              \
	_(CAP_ONE_MORE, "one message more than the cap")                                             \
	_(CAP_BY_DAY, "the cap counts from midnight, not 24 hours back")                             \
	_(EXPIRED_SENT, "what has expired is sent")                                                  \
	_(HANDED_LATER, "an attempt is written as handed only when its result comes")                \
	_(UNCLEAR_REPEATED, "what is unclear is sent again")                                         \
	_(RECOVERY_FORGETS, "after a crash, attempts that were handed count as not sent")            \
	_(LOST_DRIVER_FORGETS, "when a driver ends, attempts that were handed count as not sent")    \
	_(KEY_OF_ATTEMPT, "the key of an idempotent channel changes at a retry")                     \
	_(SENT_AT_FIRST_PART, "a message is sent when its first part is")                            \
	_(RECEIPT_GOES_BACK, "a late report of failure undoes a delivery")                           \
	_(DEDUPE_BY_TIME, "inbound messages of one moment count as one")                             \
	_(MULTIPART_ONE_SHORT, "a long message is joined before its last part is there")             \
	_(KEY_FORGOTTEN, "a command pressed twice runs twice")                                       \
	_(CANCEL_FORGETS_HELD, "cancelling a campaign leaves what is held or waits for another try") \
	_(COUNT_FORGETS_FAILED, "a failed message is not counted in its flow")                       \
	_(AUDIT_LINK_BROKEN, "an entry of the audit does not commit to the one before")              \
	_(AHEAD_KEPT, "what was asked ahead is used although something was written since")         \
	_(WITHDRAWN_SENT, "frames of a tick that was long undecided leave when it proves committed") \
	_(EVENT_BEFORE_COMMIT, "an event is told before the tick that it tells of is on the disk") \
	_(EVENT_LOST_AT_START, "events that waited when the core ended are forgotten")               \
	_(LOCK_OF_TWO, "a case is locked although somebody else works on it")                        \
	_(WAVE_TWICE, "a turn of a schedule is followed by itself")                                  \
	_(REMINDER_TO_ALL, "a reminder goes to those who have answered, too")                        \
	_(CASE_MOVES_ANYHOW, "a case moves from any state to any other")                             \
	_(VOTE_ADDED, "a changed answer is counted beside the first one")                            \
	_(VOTE_LINKED, "who answered what in an anonymous survey is never forgotten")                \
	_(RESTING_IGNORED, "a long message lets no answer go between its parts")                     \
	_(PARTS_ANYHOW, "the parts of a long message are not handed over in order")                  \
	_(WOKEN_NEVER, "what is held for the night or the cap is not woken")                         \
	_(CAP_BLIND, "the cap does not see what the same tick has claimed")                          \
	_(OPT_IN_GUESSED, "a word that means nothing lifts a refusal")                               \
	_(MOVED_IN, "who moves in after the approval belongs to it")                                 \
	_(EMERGENCY_ALONE, "one person alone sends an emergency")                                    \
	_(KEY_OF_ANYBODY, "a key is whoever's gave it first")                                        \
	_(TRY_UNSEEN, "who tries a case that they may not know of is not noted")                     \
	_(ERASURE_SILENT, "erasures are not written beside the database")

enum mutant {
	MUTANT_NONE,
#define MUTANT_ENUM(name, text) MUTANT_##name,
	MUTANTS(MUTANT_ENUM)
#undef MUTANT_ENUM
	MUTANT_COUNT
};

#ifdef CAUNOI_MUTANTS
bool mutant_is(enum mutant m);
#define MUTANT(name) mutant_is(MUTANT_##name)
#else
#define MUTANT(name) false
#endif

#endif
