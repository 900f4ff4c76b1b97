import { isStartOfFrame, marker, segments } from './jpeg-segments.ts';

/** A Huffman code: how many codes have each length 1..16, and their symbols in the order of the codes. */
interface Code {
  readonly counts: Buffer;
  readonly symbols: Buffer;
}

/** The blocks that a component has in an MCU, and the codes of their coefficients. */
interface Component {
  readonly blocks: number;
  readonly dc: Code;
  readonly ac: Code;
}

/**
 * Where the data of a file's one scan end: after the last MCU, whatever follows. Throws RangeError where MCUs are missing.
 * For a sequential, Huffman coded file whose first scan holds all components; undefined for any other, since nothing but
 * its end marker tells that no scan is missing.
 *
 * Reads bit by bit, about 50 ms for a megabyte: for files without an end marker only.
 */
export function scanEnd(bytes: Buffer): number | undefined {
  const codes = new Map<number, Code>();
  let frame: Buffer | undefined;
  let restartInterval = 0;
  for (const { marker: code, start, end } of segments(bytes)) {
    const content = bytes.subarray(start, end);
    if (isStartOfFrame(code)) frame = content;
    if (code === marker.huffmanTables) readCodes(content, codes);
    if (code === marker.restartInterval) restartInterval = content.readUInt16BE(0);
    if (code !== marker.startOfScan) continue;
    if (frame === undefined || content[0] !== frame[5]) return undefined;
    return readMcus(new BitReader(bytes, end), readComponents(frame, content, codes), {
      count: countMcus(frame),
      restartInterval,
    });
  }
  return undefined;
}

function readCodes(content: Buffer, codes: Map<number, Code>): void {
  for (let at = 0; at < content.length; ) {
    const counts = content.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    codes.set(content.readUInt8(at), { counts, symbols: content.subarray(at + 17, at + 17 + total) });
    at += 17 + total;
  }
}

/** A frame header names each component in three bytes: its number, its sampling factors, its quantisation table. */
const factorsOf = (frame: Buffer): { h: number; v: number }[] =>
  Array.from({ length: frame.readUInt8(5) }, (_, i) => {
    const factors = frame.readUInt8(7 + i * 3);
    // of one component alone an MCU is one block
    return frame[5] === 1 ? { h: 1, v: 1 } : { h: factors >> 4, v: factors & 15 };
  });

function countMcus(frame: Buffer): number {
  const factors = factorsOf(frame);
  const across = 8 * Math.max(...factors.map(({ h }) => h));
  const down = 8 * Math.max(...factors.map(({ v }) => v));
  return Math.ceil(frame.readUInt16BE(3) / across) * Math.ceil(frame.readUInt16BE(1) / down);
}

function readComponents(frame: Buffer, scan: Buffer, codes: ReadonlyMap<number, Code>): Component[] {
  return factorsOf(frame).map(({ h, v }, i) => {
    const tables = scan.readUInt8(2 + i * 2);
    const [dc, ac] = [codes.get(tables >> 4), codes.get(0x10 | (tables & 15))];
    if (dc === undefined || ac === undefined) throw new RangeError('a Huffman table is missing');
    return { blocks: h * v, dc, ac };
  });
}

function readMcus(
  bits: BitReader,
  components: readonly Component[],
  { count, restartInterval }: { count: number; restartInterval: number },
): number {
  for (let mcu = 0; mcu < count; mcu++) {
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0) bits.skipRestart();
    for (const component of components) {
      for (let block = 0; block < component.blocks; block++) skipBlock(bits, component);
    }
  }
  return bits.at;
}

/** T.81, F.2.2, without the coefficients. A run that leads out of the block ends it, as in libjpeg. */
function skipBlock(bits: BitReader, { dc, ac }: Component): void {
  bits.skip(readSymbol(bits, dc) & 15);
  for (let k = 1; k < 64; k++) {
    const symbol = readSymbol(bits, ac);
    if (symbol < 0xf0 && (symbol & 15) === 0) return;
    k += symbol >> 4;
    bits.skip(symbol & 15);
  }
}

/** An unknown code takes 17 bits and means 0, as in libjpeg. */
function readSymbol(bits: BitReader, { counts, symbols }: Code): number {
  let code = 0;
  let first = 0;
  let place = 0;
  for (const count of counts) {
    code = (code << 1) | bits.read();
    if (code - first < count) return symbols[place + code - first] as number;
    place += count;
    first = (first + count) << 1;
  }
  bits.read();
  return 0;
}

class BitReader {
  readonly #bytes: Buffer;
  #current = 0;
  #left = 0;
  /** The first byte that was not taken. */
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  read(): number {
    if (this.#left === 0) this.#nextByte();
    this.#left--;
    return (this.#current >> this.#left) & 1;
  }

  skip(count: number): void {
    for (let i = 0; i < count; i++) this.read();
  }

  /** Passes the restart marker that has to come next. */
  skipRestart(): void {
    this.#left = 0;
    const code = this.#bytes[this.#passOnes()] as number;
    if (this.#bytes[this.at] !== 0xff || code < marker.restart || code > marker.restart + 7)
      throw new RangeError('a restart marker is missing');
    this.at = this.#passOnes() + 1;
  }

  /** A byte of ones is followed by a zero; what is not is a marker. */
  #nextByte(): void {
    const byte = this.#bytes[this.at];
    const next = byte === 0xff ? this.#passOnes() : this.at;
    if (byte === undefined || (byte === 0xff && this.#bytes[next] !== 0))
      throw new RangeError('the scan ends too early');
    this.#current = byte;
    this.#left = 8;
    this.at = next + 1;
  }

  /** Where the ones that start here end. A marker may start with more than one byte of them. */
  #passOnes(): number {
    let next = this.at;
    while (this.#bytes[next] === 0xff) next++;
    return next;
  }
}
