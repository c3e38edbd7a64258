// SPDX-License-Identifier: GPL-3.0-or-later
// Hands a file to the browser, which asks the person where it goes.
const KEPT_MS = 60000;

export function saveFile(name: string, file: Blob): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(file);
	link.download = name;
	document.body.appendChild(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
