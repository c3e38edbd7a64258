// SPDX-License-Identifier: GPL-3.0-or-later
// The beginning of a deflated stream (RFC 1951), for a look into a spreadsheet: older browsers have no door to their own inflater.

interface Code { count: Uint16Array; symbol: Uint16Array }

const LENGTH = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const DISTANCE = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15], BITS_MAX = 15, END = 256;

const lengthBits = (i: number) => (i < 8 || i === 28 ? 0 : (i - 4) >> 2), distanceBits = (i: number) => (i < 4 ? 0 : (i - 2) >> 1);

function codeOf(lengths: number[]): Code {
	const count = new Uint16Array(BITS_MAX + 1), offset = new Uint16Array(BITS_MAX + 2), symbol = new Uint16Array(lengths.length);
	lengths.forEach((n) => { count[n]++; });
	count[0] = 0;
	for (let i = 1; i <= BITS_MAX; i++) offset[i + 1] = offset[i] + count[i];
	lengths.forEach((n, i) => { if (n) symbol[offset[n]++] = i; });
	return { count, symbol };
}

class Stream {
	private at = 0;
	private bit = 0;
	constructor(private readonly data: Uint8Array) {}

	bits(n: number): number {
		let value = 0;
		for (let i = 0; i < n; i++) {
			if (this.at >= this.data.length) throw new Error('the stream ends early');
			value |= ((this.data[this.at] >> this.bit) & 1) << i;
			if (++this.bit === 8) this.bit = 0, this.at++;
		}
		return value;
	}

	symbol({ count, symbol }: Code): number {
		let code = 0, first = 0, index = 0;
		for (let n = 1; n <= BITS_MAX; n++) {
			code |= this.bits(1);
			if (code - count[n] < first) return symbol[index + code - first];
			index += count[n];
			first = (first + count[n]) << 1;
			code <<= 1;
		}
		throw new Error('no such code');
	}

	toByte(): void {
		if (this.bit) this.bit = 0, this.at++;
	}
}

function fixed(): [Code, Code] {
	const lengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
	return [codeOf(lengths), codeOf(Array.from({ length: 30 }, () => 5))];
}

function dynamic(s: Stream): [Code, Code] {
	const n = s.bits(5) + 257, nDistances = s.bits(5) + 1, nLengths = s.bits(4) + 4, of: number[] = Array.from({ length: 19 }, () => 0), lengths: number[] = [];
	for (let i = 0; i < nLengths; i++) of[ORDER[i]] = s.bits(3);
	const code = codeOf(of);
	while (lengths.length < n + nDistances) {
		const symbol = s.symbol(code);
		if (symbol < 16) lengths.push(symbol);
		else for (let again = symbol === 16 ? 3 + s.bits(2) : symbol === 17 ? 3 + s.bits(3) : 11 + s.bits(7), value = symbol === 16 ? lengths[lengths.length - 1] : 0; again > 0; again--) lengths.push(value);
	}
	return [codeOf(lengths.slice(0, n)), codeOf(lengths.slice(n))];
}

/** As many bytes as there are, most at the most and a little beyond. */
export function inflateHead(data: Uint8Array, most: number): Uint8Array {
	const s = new Stream(data), out: number[] = [];
	for (let last = 0; !last && out.length < most;) {
		last = s.bits(1);
		const kind = s.bits(2);
		if (kind === 0) {
			s.toByte();
			let n = s.bits(16);
			s.bits(16); /* the same the other way round */
			for (; n > 0 && out.length < most; n--) out.push(s.bits(8));
			continue;
		}
		const [literals, distances] = kind === 1 ? fixed() : dynamic(s);
		for (let symbol; out.length < most && (symbol = s.symbol(literals)) !== END;) {
			if (symbol < END) { out.push(symbol); continue; }
			const length = LENGTH[symbol - 257] + s.bits(lengthBits(symbol - 257)), place = s.symbol(distances), back = DISTANCE[place] + s.bits(distanceBits(place));
			for (let i = 0; i < length; i++) out.push(out[out.length - back]);
		}
	}
	return Uint8Array.from(out);
}
