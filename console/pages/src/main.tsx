// SPDX-License-Identifier: GPL-3.0-or-later
// Starts the pages.
import { render } from 'preact';
import { App } from './app';

render(<App />, document.getElementById('app')!);
