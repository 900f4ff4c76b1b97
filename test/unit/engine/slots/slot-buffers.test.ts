import { describe, expect, it } from 'vitest';
import { SlotBuffers } from '../../../../src/engine/slots/slot-buffers.ts';

/** Of a size of their own in each test, so that none takes another's. */
const open = (bytes: number, slots = 1) =>
  new SlotBuffers(
    slots,
    (buffer) => buffer.byteLength === bytes,
    () => new SharedArrayBuffer(bytes),
  );

describe('slots of a stream that has ended', () => {
  it("are the next stream's, each but once", () => {
    const first = open(1001, 2);
    first.close();
    const [second, third] = [open(1001, 2), open(1001, 2)];
    expect(new Set(second.all)).toEqual(new Set(first.all));
    expect(new Set([...second.all, ...third.all]).size).toBe(4);
  });

  it('are not taken where another size is needed', () => {
    const first = open(1002);
    first.close();
    expect(open(1003).all[0]).not.toBe(first.all[0]);
    expect(open(1002).all[0]).toBe(first.all[0]);
  });

  it('are not taken while somebody has them: a consumer that has not released a batch, a thread that hangs', () => {
    const first = open(1004);
    first.begin(0);
    first.close();
    expect(open(1004).all[0]).not.toBe(first.all[0]);
    first.release(0);
    expect(open(1004).all[0]).toBe(first.all[0]);
  });

  it('are given up once, however often the stream is closed', () => {
    const first = open(1005);
    first.close();
    first.close();
    const [second, third] = [open(1005), open(1005)];
    expect(second.all[0]).not.toBe(third.all[0]);
  });

  it('are not taken before the stream has ended', () => {
    const first = open(1006);
    first.begin(0);
    first.release(0);
    expect(open(1006).all[0]).not.toBe(first.all[0]);
  });
});
