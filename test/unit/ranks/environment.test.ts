import { expect, it } from 'vitest';
import { prepareEnvironment } from '../../../src/ranks/binding/environment.ts';

it("a library's settings are those that Node needs, but for what the user has set", () => {
  const environment: NodeJS.ProcessEnv = { UCX_MEM_MMAP_HOOK_MODE: 'reloc', PATH: '/usr/bin' };
  prepareEnvironment(environment);
  expect(environment).toEqual({
    PATH: '/usr/bin',
    UCX_ERROR_SIGNALS: '',
    IPATH_NO_BACKTRACE: '1',
    HFI_NO_BACKTRACE: '1',
    UCX_MEM_MMAP_HOOK_MODE: 'reloc',
    FI_MR_CACHE_MONITOR: 'disabled',
    OMPI_MCA_memory: '^patcher',
  });
});
