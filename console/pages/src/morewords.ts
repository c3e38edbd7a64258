// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the pages that come later: there before these pages are.
import later from 'words:later';
import { addWords } from './i18n';

addWords(later);
