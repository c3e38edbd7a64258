/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one list of all verb tables, for the core and the query process. A table of a layer above is declared here by name
 * and never included; the CLI and the web link a copy printed from this list, with no functions in it. */
#include "gateway/registry.h"

#include "gateway/base/own.h"

#define TABLE(noun) extern const struct verb_table noun##_verbs

TABLE(account);
TABLE(audit);
TABLE(backup);
TABLE(channel);
TABLE(loopback);
TABLE(message);
TABLE(status);
TABLE(campaign);
TABLE(case);
TABLE(caseask);
TABLE(caselock);
TABLE(casemerge);
TABLE(casenew);
TABLE(casepass);
TABLE(casecritique);
TABLE(casehandover);
TABLE(casereference);
TABLE(casechoice);
TABLE(casereveal);
TABLE(casetopic);
TABLE(casework);
TABLE(phrasebook);
TABLE(consent);
TABLE(contact);
TABLE(dial);
TABLE(group);
TABLE(import);
TABLE(inbox);
TABLE(init);
TABLE(job);
TABLE(repeat);
TABLE(report);
TABLE(report_due);
TABLE(dnc_import);
TABLE(headcount);
TABLE(results);
TABLE(fact);
TABLE(indicator);
TABLE(trial);
TABLE(unit);
TABLE(ussdcall);
TABLE(unit_import);
TABLE(disclosure);
TABLE(erasure);
TABLE(person);
TABLE(session);
TABLE(setting);
TABLE(signupdesk);
TABLE(signuplist);
TABLE(tally);
TABLE(text);
TABLE(token);
TABLE(webhook);
TABLE(wordfile);
TABLE(replytext);

static const struct verb_table *const tables[] = {
	&init_verbs, &account_verbs, &audit_verbs, &backup_verbs, &campaign_verbs, &consent_verbs, &contact_verbs, &group_verbs, &import_verbs,
	&job_verbs, &report_verbs, &report_due_verbs, &tally_verbs, &session_verbs, &setting_verbs, &wordfile_verbs, &replytext_verbs, &token_verbs, &status_verbs, &message_verbs, &channel_verbs, &dial_verbs, &ussdcall_verbs, &loopback_verbs,
	&case_verbs, &casenew_verbs, &casework_verbs, &caseask_verbs, &casemerge_verbs, &casepass_verbs, &casecritique_verbs, &casehandover_verbs, &casereference_verbs, &casechoice_verbs, &casereveal_verbs, &caselock_verbs, &casetopic_verbs, &phrasebook_verbs,
	&signuplist_verbs, &signupdesk_verbs, &inbox_verbs, &text_verbs,
	&repeat_verbs, &webhook_verbs,
	&disclosure_verbs, &erasure_verbs, &person_verbs, &dnc_import_verbs, &headcount_verbs, &unit_verbs, &unit_import_verbs,
	&results_verbs, &trial_verbs, &fact_verbs, &indicator_verbs,
};

const struct registry caunoi_registry = { .tables = tables, .n_tables = COUNT_OF(tables) };
