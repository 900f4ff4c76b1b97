import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  elementsStart,
  FRAGMENT_BYTES,
  unpackBlock,
  unpackElements,
} from '../../../../src/datasets/parquet/snappy.ts';

/** An element of Snappy's format: bytes as they are, or a copy of what came before. */
type Element = Uint8Array | { readonly back: number; readonly length: number };

const literal = (text: Uint8Array): Buffer => {
  const length = text.length - 1;
  if (length < 60) return Buffer.concat([Buffer.of(length << 2), text]);
  const bytes = length < 1 << 8 ? 1 : length < 1 << 16 ? 2 : length < 1 << 24 ? 3 : 4;
  const head = Buffer.alloc(1 + bytes);
  head[0] = (59 + bytes) << 2;
  head.writeUIntLE(length, 1, bytes);
  return Buffer.concat([head, text]);
};

const copy = (back: number, length: number): Buffer => {
  if (length >= 4 && length < 12 && back < 1 << 11)
    return Buffer.of(1 | ((length - 4) << 2) | ((back >> 8) << 5), back & 255);
  const head = Buffer.alloc(back < 1 << 16 ? 3 : 5);
  head[0] = (head.length === 3 ? 2 : 3) | ((length - 1) << 2);
  head.writeUIntLE(back, 1, head.length - 1);
  return head;
};

/** What elements are packed, and unpacked. */
function block(elements: readonly Element[]): { packed: Buffer; unpacked: Buffer } {
  let unpacked = Buffer.alloc(0);
  const parts = elements.map((element) => {
    if (element instanceof Uint8Array) {
      unpacked = Buffer.concat([unpacked, element]);
      return literal(element);
    }
    const piece = Buffer.alloc(element.length);
    for (let i = 0; i < piece.length; i++) {
      const at = unpacked.length - element.back + i;
      piece[i] = (at < unpacked.length ? unpacked[at] : piece[at - unpacked.length]) as number;
    }
    unpacked = Buffer.concat([unpacked, piece]);
    return copy(element.back, element.length);
  });
  return { packed: Buffer.concat([varint(unpacked.length), ...parts]), unpacked };
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest >= 128 ? (rest % 128) + 128 : rest);
    if (rest < 128) return Buffer.from(bytes);
  }
}

const noise = (length: number, seed = 1): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => Math.imul(i + 1, 2654435761 * seed) >>> 13));

describe('Snappy', () => {
  it('unpacks any elements', () => {
    const element = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.record({ back: fc.integer({ min: 1, max: 3000 }), length: fc.integer({ min: 1, max: 64 }) }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 3000, maxLength: 3000 }), fc.array(element), (first, more) => {
        const { packed, unpacked } = block([first, ...more]);
        const out = Buffer.alloc(unpacked.length);
        unpackBlock(packed, out);
        expect(out.equals(unpacked)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('finds where fragments start, and unpacks them alone', () => {
    const fragment = (seed: number, length = FRAGMENT_BYTES): Element[] => [
      noise(length - 100, seed),
      { back: 1500, length: 60 },
      { back: 7, length: 40 },
    ];
    const { packed, unpacked } = block([...fragment(1), ...fragment(3), ...fragment(5, 2000)]);
    const out = Buffer.alloc(unpacked.length);
    const starts = unpackBlock(packed, out) as number[];
    expect(starts).toHaveLength(4);
    expect([starts[0], starts[3]]).toEqual([elementsStart(packed, out.length), packed.length]);
    const alone = Buffer.alloc(FRAGMENT_BYTES);
    unpackElements(packed, starts[1] as number, starts[2] as number, alone, FRAGMENT_BYTES);
    expect(alone.equals(unpacked.subarray(FRAGMENT_BYTES, 2 * FRAGMENT_BYTES))).toBe(true);
  });

  it.each([
    ['a copy from the fragment before', [noise(FRAGMENT_BYTES), { back: 9, length: 8 }]],
    ['a copy over the start', [noise(FRAGMENT_BYTES - 4), { back: 9, length: 8 }]],
    ['a literal over the start', [noise(10), noise(FRAGMENT_BYTES)]],
    ['a literal that ends at the second start', [noise(10), noise(2 * FRAGMENT_BYTES - 10), noise(9)]],
  ])('says that fragments cannot be unpacked alone: %s', (_, elements) => {
    const { packed, unpacked } = block(elements as Element[]);
    const out = Buffer.alloc(unpacked.length);
    expect(unpackBlock(packed, out)).toBeUndefined();
    expect(out.equals(unpacked)).toBe(true);
  });

  it.each<[string, Buffer, number, RegExp]>([
    ['a copy before the start', Buffer.concat([Buffer.of(8), copy(1, 8)]), 8, /a copy reaches out/],
    ['a copy of nothing', Buffer.concat([Buffer.of(9), literal(noise(1)), copy(0, 8)]), 9, /a copy reaches/],
    ['another length', Buffer.concat([Buffer.of(9), literal(noise(8))]), 8, /says that it unpacks to 9/],
    ['no length', Buffer.of(255, 255, 255, 255, 255, 255), 8, /its length cannot be read/],
    ['too few bytes', Buffer.concat([Buffer.of(9), literal(noise(8))]), 9, /unpacks to 8 bytes, expected 9/],
    ['too many bytes', Buffer.concat([Buffer.of(8), literal(noise(9))]), 8, /a literal is longer/],
    [
      'more behind the end',
      Buffer.concat([Buffer.of(8), literal(noise(8)), Buffer.of(0)]),
      8,
      /bytes follow/,
    ],
    [
      'a cut literal',
      Buffer.concat([Buffer.of(8), literal(noise(8)).subarray(0, 5)]),
      8,
      /a literal is longer/,
    ],
    ['a cut element', Buffer.of(8, 63 << 2, 1), 8, /ends within an element/],
  ])('refuses %s', (_, packed, size, message) => {
    expect(() => unpackBlock(packed, Buffer.alloc(size))).toThrow(message);
  });
});
