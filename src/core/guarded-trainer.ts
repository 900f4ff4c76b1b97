import { inPlugin } from './plugin.ts';
import type { Trainer } from './trainer.ts';

/** The trainer, of which an error that is none of millrace's says whose fault it is. */
export function guardedTrainer<Guarded extends Trainer>(trainer: Guarded): Guarded {
  // not the trainer itself: of a frozen one a proxy must give the very methods
  return new Proxy({} as Guarded, {
    has: (_, name) => name in trainer,
    get(_, name) {
      const value: unknown = Reflect.get(trainer, name);
      if (typeof value !== 'function') return value;
      const plugin = { kind: 'trainer', name: `${trainer.name}: ${String(name)}` } as const;
      return (...given: unknown[]) =>
        inPlugin(plugin, { batch: batchIn(given) }, () => Reflect.apply(value, trainer, given));
    },
  });
}

/** Of what is given to a step. */
function batchIn([first]: readonly unknown[]): string | undefined {
  const { epoch, index } = Object(first) as { readonly epoch?: unknown; readonly index?: unknown };
  return typeof index === 'number' ? `batch ${index} of epoch ${epoch}` : undefined;
}
