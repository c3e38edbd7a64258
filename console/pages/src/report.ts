// SPDX-License-Identifier: GPL-3.0-or-later
// Reports as the gateway makes them: ordered, waited for, fetched in parts. Each part is asked for by itself.
import { Args, finish, post } from './api';
import { saveFile } from './save';

export interface Column { key: string; title: string; type: string }
export type Cell = string | number | null;
export interface Sheet { id: string; title: string; columns: Column[]; rows: Cell[][]; total: Cell[] | null; notes: string[] }
export interface Report {
	kind: string; title: string; subtitle: string; unit: string; unit_name: string; from: string; to: string;
	balance: { opening: number; new: number; closed: number; carried_over: number };
	sections: { heading: string; sheets: Sheet[] }[];
}

interface Part { name: string; part: number; parts: number; data: string }

function bytesOf(data: string): Uint8Array {
	const text = atob(data), bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
	return bytes;
}

/** The file of an order, with its name. */
async function fetchFile(job: number): Promise<{ name: string; file: Blob }> {
	const pieces: Uint8Array[] = [];
	for (let part = 1; ; part++) {
		const got = await post<Part>(`report/${job}/download`, { part });
		pieces.push(bytesOf(got.data));
		if (part >= got.parts) return { name: got.name, file: new Blob(pieces as BlobPart[]) };
	}
}

async function make(kind: string, args: Args): Promise<{ name: string; file: Blob }> {
	const order = await post<{ job: number }>(`report/${kind}`, args);
	await finish<{ file: string }>(order);
	return fetchFile(order.job);
}

export async function readReport(kind: string, args: Args): Promise<Report> {
	const { file } = await make(kind, { ...args, format: 'json' });
	return JSON.parse(await new Response(file).text());
}

export interface HandedOver { cases: number; again: number; more: boolean }

/** The file of cases for the national site; what was chosen. */
export async function saveHandover(args: Args, format: string): Promise<HandedOver> {
	const order = await post<{ job: number }>('case/handover', { ...args, format });
	const made = await finish<unknown>(order) as { told: HandedOver };
	const { name, file } = await fetchFile(order.job);
	saveFile(name, file);
	return made.told;
}

export async function saveReport(kind: string, args: Args, format: string): Promise<void> {
	const { name, file } = await make(kind, { ...args, format });
	saveFile(name, file);
}
