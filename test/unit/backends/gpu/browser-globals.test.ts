import { afterEach, expect, it } from 'vitest';
import { provideGlobals, withNavigatorGpu } from '../../../../backends/gpu/device/browser-globals.ts';

const scope = globalThis as { navigator?: unknown };
const original = Object.getOwnPropertyDescriptor(scope, 'navigator');
const setNavigator = (value: unknown) =>
  Object.defineProperty(scope, 'navigator', { value, configurable: true, writable: true });
afterEach(() => {
  if (original) Object.defineProperty(scope, 'navigator', original);
  else delete scope.navigator;
});

const hasGpu = (): boolean => 'gpu' in (scope.navigator as object);

it('answers for as long as it is asked, in a process without navigator', () => {
  delete scope.navigator;
  expect(withNavigatorGpu(hasGpu)).toBe(true);
  expect('navigator' in scope).toBe(false);
});

it('leaves a navigator as it was, also after an error', () => {
  const navigator = { userAgent: 'Node.js/22' };
  setNavigator(navigator);
  expect(withNavigatorGpu(hasGpu)).toBe(true);
  const failing = () => {
    throw new Error('no such device');
  };
  expect(() => withNavigatorGpu(failing)).toThrow('no such device');
  expect(scope.navigator).toBe(navigator);
  expect(navigator).toEqual({ userAgent: 'Node.js/22' });
});

it("keeps another's navigator.gpu", () => {
  const gpu = { requestAdapter() {} };
  setNavigator({ gpu });
  const seen = withNavigatorGpu(() => (scope.navigator as { gpu: unknown }).gpu);
  expect(seen).toBe(gpu);
  expect(hasGpu()).toBe(true);
});

it('provides the globals that are not there, and those alone', () => {
  const target = globalThis as Record<string, unknown>;
  target['GPUSampler'] = 'mine';
  provideGlobals(['GPUSampler', 'GPUQueue']);
  expect([target['GPUSampler'], typeof target['GPUQueue']]).toEqual(['mine', 'function']);
  delete target['GPUSampler'];
  delete target['GPUQueue'];
});
