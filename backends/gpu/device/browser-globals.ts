import { globals } from 'webgpu';

const constructors = globals as Record<string, unknown>;
/** Node 20 has no navigator. */
const scope = globalThis as { navigator?: object };

/**
 * Runs code made for browsers, which asks `navigator.gpu` whether there is WebGPU, with an answer. The answer is taken
 * back at the end: other code that asks would otherwise take this process for a browser.
 */
export function withNavigatorGpu<T>(action: () => T): T {
  const { navigator = {} } = scope;
  const isMissing = scope.navigator === undefined;
  const isAnswered = 'gpu' in navigator;
  if (isMissing) define(scope, 'navigator', navigator);
  if (!isAnswered) define(navigator, 'gpu', {});
  try {
    return action();
  } finally {
    if (!isAnswered) Reflect.deleteProperty(navigator, 'gpu');
    if (isMissing) Reflect.deleteProperty(scope, 'navigator');
  }
}

/** Provides globals of WebGPU that a browser has, such as `GPUBuffer`, for good; those that exist stay as they are. */
export function provideGlobals(names: readonly string[]): void {
  for (const name of names) if (!(name in globalThis)) define(globalThis, name, constructors[name]);
}

const define = (target: object, name: string, value: unknown): void =>
  void Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false });
