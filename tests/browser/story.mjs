// SPDX-License-Identifier: GPL-3.0-or-later
// The console in a real browser, on a real gateway: each user's day as a story, then every page for every user without a violation of
// accessibility, in both languages, wide and narrow, and without one telephone number for those who must not see any. Run:
// node story.mjs BUILD [SHOTS]; ends with "N passed, N failed".
import { mkdirSync } from 'node:fs';
import { administratorLetsSomebodyIn, administratorVerifiesAndCopies, shutOutWithinASecond } from './admin.mjs';
import { foreignPagesAreRefused, hostIsNeverRepeated, noPageStandsInAFrame, noScriptRan, nothingIsLeftAfterLoggingOut, sessionEndsAtOnce } from './attacks.mjs';
import { controlsAreNoTrouble, controlsReachNoPage } from './controls.mjs';
import { arrive, build, law, need, numbers, readAxe, shots, tally } from './desk.mjs';
import { reviewerDecidesASignUp, villagerDialsAndIsCutOff } from './doors.mjs';
import { wrongInputIsToldBesideItsField } from './forms.mjs';
import { startGateway } from './gateway.mjs';
import { guessesAreFewAndShutNobodyOut, hugePasswordsAreRefused, parallelLoginsAreLookedAtOneByOne } from './guesses.mjs';
import { exportedCasesAreInert, noCellIsAFormula, nothingOfStrangersRuns, seedHostile } from './hostile.mjs';
import { colourAndMotionAreTheReaders, pagesAtTwiceTheSize, reviewerWorksByKeys, staffAndApproverWorkByKeys } from './keyboard.mjs';
import { administratorAddsUnits, staffSetsFactsRulesAndConsent } from './outreach.mjs';
import { everyPage, PAGES, reviewerSeesNoNumber } from './pages.mjs';
import { provinceHearsWhoDisagrees, reviewerAnswers, reviewerWorksThroughADay, secretaryPrintsTheYear } from './reviewer.mjs';
import { columnsOfASpreadsheetAreChosen, deflatedStreamsAreRead } from './sheets.mjs';
import { scheduleIsToldInWords } from './schedules.mjs';
import { approverReturnsStaffChangesApproverApproves, staffImportsWritesAndSubmits, villagerAnswersComplainsAndRefuses } from './staff.mjs';

import { administratorChangesWords, administratorWritesATemplate } from './wording.mjs';
import { draftsOutliveTheLine, listsChangeWithoutEvents, lostAnswerIsNoSecondOne, secondSeesWhoHoldsACase, textIsThereAfterTheSessionEnded, wrongAddressLeadsHome,
	wrongFieldsAreToldBesideThem } from './troubles.mjs';

const { chromium } = need('playwright-core');
const USERS = { lan: 'outreach', minh: 'approver', hoa: 'reviewer', binh: 'reviewer', thu: 'secretary' };
const STORIES = [
	{ lang: 'vi', width: 1280, tag: 'thon-demo', people: numbers, refused: numbers[5], villagers: [numbers[0], numbers[1]], payload: '<img src=x onerror=alert(1)>' },
	{ lang: 'en', width: 320, tag: 'thon-nam', people: numbers.slice(20, 26), refused: numbers[22], villagers: [numbers[20], numbers[21]], payload: '' },
];

const world = { gateway: await startGateway(build), axe: readAxe() };
try {
	if (shots) mkdirSync(shots, { recursive: true });
	world.browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
	for (const name of Object.keys(USERS)) world.gateway.json('user', 'add', name, '--role', USERS[name]);
	for (const name of ['hoa', 'binh', 'thu', 'admin']) world[name] = await arrive(world, name);
	for (const story of STORIES) {
		const of = `${story.lang}_${story.width}`;
		await law(`staff_imports_writes_and_submits_${of}`, () => staffImportsWritesAndSubmits(world, story));
		await law(`approver_returns_staff_changes_approver_approves_${of}`, () => approverReturnsStaffChangesApproverApproves(world, story));
		await law(`villager_answers_complains_and_refuses_${of}`, () => villagerAnswersComplainsAndRefuses(world, story));
	}
	world.lan = STORIES[0].staff;
	world.minh = STORIES[0].approver;
	await law('staff_sets_facts_rules_and_consent', () => staffSetsFactsRulesAndConsent(world.lan, world));
	await law('schedule_is_told_in_words', () => scheduleIsToldInWords(world));
	await law('deflated_streams_are_read', deflatedStreamsAreRead);
	await law('columns_of_a_spreadsheet_are_chosen', () => columnsOfASpreadsheetAreChosen(world));
	await law('administrator_adds_units', () => administratorAddsUnits(world.admin, world));
	await law('reviewer_answers_by_keyboard_and_keeps_the_draft', () => reviewerAnswers(world));
	await law('villager_dials_and_is_cut_off', () => villagerDialsAndIsCutOff(world));
	await law('reviewer_decides_a_sign_up', () => reviewerDecidesASignUp(world));
	await law('secretary_prints_the_year', () => secretaryPrintsTheYear(world));
	await law('reviewer_works_through_a_day_and_it_climbs', () => reviewerWorksThroughADay(world));
	await law('province_hears_who_disagrees', () => provinceHearsWhoDisagrees(world));
	await law('reviewer_works_by_keys', () => reviewerWorksByKeys(world));
	await law('staff_and_approver_work_by_keys', () => staffAndApproverWorkByKeys(world));
	await law('second_sees_who_holds_a_case', () => secondSeesWhoHoldsACase(world));
	await law('text_is_there_after_the_session_ended', () => textIsThereAfterTheSessionEnded(world));
	await law('lost_answer_is_no_second_one', () => lostAnswerIsNoSecondOne(world));
	await law('drafts_outlive_the_line', () => draftsOutliveTheLine(world));
	await law('lists_change_without_events', () => listsChangeWithoutEvents(world));
	await law('wrong_address_leads_home', () => wrongAddressLeadsHome(world));
	await law('wrong_fields_are_told_beside_them', () => wrongFieldsAreToldBesideThem(world));
	for (const lang of ['en', 'vi']) await law(`wrong_input_is_told_beside_its_field_${lang}`, () => wrongInputIsToldBesideItsField(world, lang));
	await law('administrator_lets_somebody_in', () => administratorLetsSomebodyIn(world));
	await law('shut_out_within_a_second', () => shutOutWithinASecond(world));
	await law('administrator_verifies_and_copies', () => administratorVerifiesAndCopies(world));
	await law('administrator_changes_words', () => administratorChangesWords(world));
	await law('administrator_writes_a_template', () => administratorWritesATemplate(world));
	await law('A31_foreign_pages_are_refused', () => foreignPagesAreRefused(world));
	await law('A37_host_is_never_repeated', () => hostIsNeverRepeated(world));
	await law('A37_no_page_stands_in_a_frame', () => noPageStandsInAFrame(world));
	await law('A37_nothing_is_left_after_logging_out', () => nothingIsLeftAfterLoggingOut(world));
	for (const [lang, width] of [['vi', 1280], ['en', 1280], ['vi', 320], ['en', 320]])
		for (const name of Object.keys(PAGES)) await law(`pages_of_${name}_${lang}_${width}`, () => everyPage(world, name, lang, width));
	for (const name of Object.keys(PAGES)) await law(`pages_of_${name}_at_twice_the_size`, () => pagesAtTwiceTheSize(world, name));
	await law('colour_and_motion_are_the_readers', () => colourAndMotionAreTheReaders(world));
	await seedHostile(world);
	for (const name of Object.keys(PAGES)) await law(`A2_nothing_of_strangers_runs_for_${name}`, () => nothingOfStrangersRuns(world, name));
	await law('no_cell_is_a_formula', () => noCellIsAFormula(world));
	await law('exported_cases_are_inert', () => exportedCasesAreInert(world));
	await law('A40_parallel_logins_are_looked_at_one_by_one', () => parallelLoginsAreLookedAtOneByOne(world));
	await law('A29_guesses_are_few_and_shut_nobody_out', () => guessesAreFewAndShutNobodyOut(world));
	await law('A40_huge_passwords_are_refused', () => hugePasswordsAreRefused(world));
	await law('A38_controls_are_no_trouble', () => controlsAreNoTrouble(world));
	await law('A38_controls_reach_no_page', () => controlsReachNoPage(world));
	await law('A34_reviewer_sees_no_number_in_any_form', () => reviewerSeesNoNumber(world));
	await law('A30_session_ends_at_once', () => sessionEndsAtOnce(world));
	await law('A2_no_script_of_a_message_ran', () => noScriptRan(world));
} finally {
	if (world.browser) await world.browser.close();
	await world.gateway.stop();
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed ? 1 : 0);
