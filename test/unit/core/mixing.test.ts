import { serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { mixingOf } from '../../../src/core/mixing.ts';

const labels = Int32Array.of(4, 5, 6, 7);
const ofShares = (...shares: (number | undefined)[]) =>
  mixingOf(
    labels,
    shares.map((lambda) => (lambda === undefined ? undefined : { lambda })),
  );

describe('the share that mixed rows have in common', () => {
  it('is that of those that are mixed, and 1 where none is', () => {
    expect(ofShares(0.25, 0.25, undefined, 0.25).lambda).toBe(0.25);
    expect(ofShares(undefined, undefined, undefined, undefined).lambda).toBe(1);
  });

  it('is refused where they have different ones, to whom asks and to nobody else', () => {
    const mixing = ofShares(0.25, 0.5, undefined, undefined);
    expect(() => mixing.lambda).toThrow('(0.25, 0.5): read mixing.weights instead of mixing.lambda');
    // as a batch is sent to a thread, or to another rank
    expect(structuredClone(mixing)).toEqual({ ...mixing });
    expect(() => serialize(mixing)).not.toThrow();
    expect(JSON.parse(JSON.stringify({ mixing })).mixing.partnerRows).toMatchObject({ 0: 1, 2: 2 });
  });
});
