// SPDX-License-Identifier: GPL-3.0-or-later
// A gateway of its own in a temporary folder, with a simulated network, for the browser's tests. Ends with stop().
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIMIT_MS = 60000;
export const UNREACHABLE = 5; /* caunoi's exit code while the gateway starts */
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until what() gives something true; says what was waited for when it never does. */
export async function until(label, what) {
	const end = Date.now() + LIMIT_MS;
	for (;;) {
		const got = await what();
		if (got) return got;
		if (Date.now() > end) throw new Error(`never: ${label}`);
		await pause(100);
	}
}

function freePort() {
	return new Promise((done) => {
		const s = createServer().listen(0, '127.0.0.1', () => {
			const { port } = s.address();
			s.close(() => done(port));
		});
	});
}

export async function startGateway(build) {
	const dir = mkdtempSync(join(tmpdir(), 'caunoi-browser-')), config = join(dir, 'caunoi.conf'), port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	writeFileSync(config, `data_dir = "data"; control = "core.sock";
organisation = { name = "MTTQ xa Thuong Lam"; unit = "02269"; reply_number = "+84912345678"; };
web = { listen = "127.0.0.1:${port}"; public_url = "${url}"; };
sending = { quiet_hours = [ "00:00", "00:00" ]; max_per_person_24h = 100; two_person_above = 2; start_delay_s = 0; };
channels = ( { name = "may-ao"; driver = "loopback"; rate_per_second = 200; delivery_ms = 100; } );\n`);
	const cli = (...words) => execFileSync(join(build, 'caunoi'), [...words, '--config', config], { input: '', encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
	/** The same with a first line of input: passwords. */
	const tell = (line, ...words) => execFileSync(join(build, 'caunoi'), [...words, '--config', config], { input: `${line}\n`, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
	const json = (...words) => JSON.parse(cli(...words, '--json'));
	cli('init');
	const log = join(dir, 'core.log');
	const core = spawn(join(build, 'caunoid'), ['--config', config], { stdio: ['ignore', 'ignore', openSync(log, 'w')] });
	const stop = async () => {
		if (core.exitCode === null) {
			const ended = new Promise((done) => core.once('exit', done));
			core.kill('SIGTERM');
			await Promise.race([ended, pause(20000)]);
			if (core.exitCode === null) core.kill('SIGKILL');
		}
		rmSync(dir, { recursive: true, force: true });
	};
	try {
		await until('the gateway answers', async () => {
			if (core.exitCode !== null) throw new Error(readFileSync(log, 'utf8'));
			return fetch(`${url}/healthz`).then((r) => r.status === 200, () => false);
		});
		await until('the channel is up', () => {
			try {
				return json('channel', 'list')[0].state === 'up';
			} catch (e) {
				if (e.status === UNREACHABLE) return false;
				throw e;
			}
		});
	} catch (e) {
		await stop();
		throw e;
	}
	return { url, dir, json, cli, tell, stop, pid: core.pid };
}
