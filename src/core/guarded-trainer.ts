import { inspect } from 'node:util';
import { inPlugin } from './plugin.ts';
import type { Contribution, Trainer } from './trainer.ts';

/** The trainer, of which an error that is none of millrace's says whose fault it is. Nor is what it contributes taken unseen. */
export function guardedTrainer<Guarded extends Trainer>(trainer: Guarded): Guarded {
  // not the trainer itself: of a frozen one a proxy must give the very methods
  return new Proxy({} as Guarded, {
    has: (_, name) => name in trainer,
    get(_, name) {
      const value: unknown = Reflect.get(trainer, name);
      if (typeof value !== 'function') return value;
      const plugin = { kind: 'trainer', name: `${trainer.name}: ${String(name)}` } as const;
      return (...given: unknown[]) =>
        inPlugin(plugin, { batch: batchIn(given) }, () => {
          const result = Reflect.apply(value, trainer, given);
          return name === 'contribution' ? Promise.resolve(result).then(checkedContribution) : result;
        });
    },
  });
}

/** Of what is given to a step. */
function batchIn([first]: readonly unknown[]): string | undefined {
  const { epoch, index } = Object(first) as { readonly epoch?: unknown; readonly index?: unknown };
  return typeof index === 'number' ? `batch ${index} of epoch ${epoch}` : undefined;
}

/** Numbers of another kind would be added up to something else without an error. */
function checkedContribution(given: unknown): Contribution {
  const { vector, losses } = Object(given) as { readonly vector?: unknown; readonly losses?: unknown };
  check('vector', vector);
  if (losses !== undefined) check('losses', losses);
  return given as Contribution;
}

function check(name: string, values: unknown): void {
  if (values instanceof Float32Array) return;
  const got = inspect(values, { depth: 0, maxArrayLength: 2, maxStringLength: 40 });
  throw new TypeError(`${name} must be a Float32Array, got ${got}`);
}
