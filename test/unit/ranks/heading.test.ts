import { describe, expect, it } from 'vitest';
import {
  checkHeadings,
  HEADING_LENGTH,
  type Heading,
  readHeading,
  writeHeading,
} from '../../../src/ranks/exchange/heading.ts';

const sum: Heading = { rank: 0, call: 'sum', gives: 12, takes: 8 };

describe('headings', () => {
  it('say the same to the other rank', () => {
    const numbers = new Float64Array(HEADING_LENGTH);
    for (const call of ['sum', 'gather', 'close'] as const) {
      writeHeading(numbers, { ...sum, call });
      expect(readHeading(numbers, 0)).toEqual({ ...sum, call });
    }
  });

  it('agree where each takes what the other gives in the same call', () => {
    expect(() => checkHeadings(sum, { rank: 1, call: 'sum', gives: 8, takes: 12 })).not.toThrow();
  });

  it.each([
    [
      { call: 'gather' },
      /^ranks are out of step: rank 0 is in sum \(gives 12 bytes, takes 8\), rank 1 is in gather/,
    ],
    [{ gives: 16 }, /rank 1 is in sum \(gives 16 bytes, takes 12\)$/],
    [{ takes: 16 }, /rank 1 is in sum \(gives 8 bytes, takes 16\)$/],
  ] as const)('differ with %j', (difference, message) => {
    const other: Heading = { rank: 1, call: 'sum', gives: 8, takes: 12, ...difference };
    expect(() => checkHeadings(sum, other)).toThrow(message);
  });
});
