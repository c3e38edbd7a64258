// SPDX-License-Identifier: GPL-3.0-or-later
// The pages that later.tsx fetches: preparing campaigns and lists, reports, administration.
import './morewords';
export { Account } from './pages/account';
export { Administration } from './pages/administration';
export { CampaignOne } from './pages/campaign';
export { Channels } from './pages/channels';
export { Composer } from './pages/composer';
export { ExportCases } from './pages/export';
export { Facts } from './pages/facts';
export { ImportPeople } from './pages/import';
export { ConsentRecord } from './pages/record';
export { People } from './pages/people';
export { Phone } from './pages/phone';
export { Reports } from './pages/reports';
export { Signups } from './pages/signups';
export { Surveys } from './pages/surveys';
