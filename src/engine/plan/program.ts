import { type KernelCall, outputSize } from '../../../backends/kernels/kernel.ts';
import type { AnyImageOperator } from '../../../operators/operator.ts';
import type { Drawn } from '../../core/batch.ts';
import { MillraceError, ParameterError, reworded } from '../../core/errors.ts';
import type { Size } from '../../core/image.ts';
import { freezePlain } from '../../core/plain-data.ts';
import { type InHand, pluginError } from '../../core/plugin.ts';
import { randomFor } from '../../core/random.ts';

/** An image operator with its parameters filled in. Its place in the list is the position that keys its draws. */
export interface ImageStep {
  readonly operator: AnyImageOperator;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** All that a sample's draws depend on. */
export interface SampleCoordinates {
  readonly seed: number;
  readonly epoch: number;
  readonly sampleId: number;
  /** The sample's, for messages. No draw depends on it. */
  readonly key?: string;
}

/** A sample's augmentation: kernel calls in order, what was drawn for them, and the size they end in. */
export interface Program {
  readonly calls: readonly KernelCall[];
  readonly drawn: readonly Drawn[];
  readonly size: Size;
}

/** Draws every operator for one sample of the given size and lowers it to kernel calls. */
export function drawProgram(steps: readonly ImageStep[], input: Size, at: SampleCoordinates): Program {
  const calls: KernelCall[] = [];
  const drawn: Drawn[] = [];
  const inHand = { sample: at.key };
  let size = input;
  for (const [position, { operator, parameters }] of steps.entries()) {
    const rng = randomFor(at.seed, at.epoch, at.sampleId, position);
    // an operator's own: what it does to it must not change what the engine takes the image for
    const given = Object.freeze({ width: size.width, height: size.height });
    const values = naming(operator.name, inHand, () =>
      checkDrawn(operator.draw === undefined ? parameters : operator.draw(parameters, rng, given)),
    );
    const lowered = naming(operator.name, inHand, () => callsOf(operator.lower(values, given)));
    drawn.push({ operator: operator.name, values });
    calls.push(...lowered);
    size = lowered.reduce((from, call) => outputSize(call, from), size);
  }
  return { calls, drawn, size };
}

/** What was drawn goes to another thread, into digests and on to `lower`, which must not change it on the way. */
function checkDrawn(values: unknown): unknown {
  const other = values === undefined ? 'nothing' : freezePlain(values);
  if (other === undefined) return values;
  const expected = 'plain data (numbers, texts, lists and objects of these)';
  throw new ParameterError('NO_PLAIN_DATA', `draw must return ${expected}, got ${other}`);
}

function callsOf(lowered: unknown): readonly KernelCall[] {
  if (!Array.isArray(lowered)) throw noCalls(String(lowered));
  const at = lowered.findIndex((call) => !(call instanceof Object && 'kernel' in call));
  if (at !== -1) throw noCalls(`${lowered[at]} as number ${at} of it`);
  return lowered;
}

const noCalls = (got: string): ParameterError =>
  new ParameterError('NO_KERNEL_CALLS', `lower must return a list of kernel calls, got ${got}`);

/** Runs an operator's own code; an error that does not say so yet is told which operator it came from. */
export function naming<T>(operator: string, inHand: InHand, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof MillraceError))
      throw pluginError({ kind: 'operator', name: operator }, cause, inHand);
    if (cause.operator !== undefined) throw cause;
    const { message } = cause;
    throw reworded(cause, message.startsWith(`${operator}:`) ? message : `${operator}: ${message}`, {
      operator,
    });
  }
}
