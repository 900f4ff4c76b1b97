import { PIXEL } from './frame.as';
import { Four, Sweep } from './sweep.as';

/** Makes `count` outputs, of which the first has its window at `window`. */
export function sweepLine(sweep: Sweep, window: usize, out: usize, count: usize): void {
  const step = sweep.step * PIXEL;
  let done: usize = 0;
  if (count >= 4 && hasTile(sweep)) {
    while (done < count) {
      // the last tile has outputs of the one before, anew
      const first = min(done, count - 4);
      makeFour(sweep, window + first * step, out + first * sweep.next);
      done = first + 4;
    }
    return;
  }
  for (; done < count; done++) makeOne(sweep, window + done * step, out + done * sweep.next);
}

function hasTile(sweep: Sweep): bool {
  const taps = sweep.taps;
  if (sweep.step === 1) return (taps >= 1 && taps <= 3) || taps === 5;
  return sweep.step === 2 && (taps === 3 || taps === 5);
}

function makeFour(sweep: Sweep, window: usize, out: usize): void {
  const taps = sweep.taps;
  if (sweep.step === 1) {
    if (taps === 3) return Four.ofNeighbours(3, sweep, window, out);
    if (taps === 5) return Four.ofNeighbours(5, sweep, window, out);
    if (taps === 2) return Four.ofNeighbours(2, sweep, window, out);
    return Four.ofNeighbours(1, sweep, window, out);
  }
  if (taps === 3) return Four.ofEverySecond(3, sweep, window, out);
  Four.ofEverySecond(5, sweep, window, out);
}

function makeOne(sweep: Sweep, window: usize, out: usize): void {
  for (let c: usize = 0; c < sweep.bytes; c += 16) {
    let sum = f32x4.splat(0);
    let f = sweep.filter + c;
    for (let i: usize = 0, p = window + c; i < sweep.lines; i++, p += sweep.line)
      for (let j: usize = 0; j < sweep.taps; j++, f += PIXEL)
        sum = f32x4.add(sum, f32x4.mul(v128.load(p + j * PIXEL), v128.load(f)));
    Four.put(out + c, sum, sweep.addend);
  }
}
