import { expect, it } from 'vitest';
import { finishModule } from '../../../../backends/gpu/wgsl/finish-module.ts';
import { applyModule, measureModule, resampleModule } from '../../../../backends/gpu/wgsl/modules.ts';
import { expectCommitted } from '../../../support/committed.ts';

it.each([
  ['resample', resampleModule],
  ['measure', measureModule],
  ['apply', applyModule],
  ['finish', finishModule],
])('the WGSL of %s is as committed, and free of floating point', (name, text) => {
  expectCommitted(`test/golden/wgsl/${name}.wgsl`, text, 'UPDATE_WGSL');
  const code = text.replaceAll(/\/\/.*/g, '');
  expect(code).not.toMatch(/\bf(16|32)\b|\d\.\d/);
});
