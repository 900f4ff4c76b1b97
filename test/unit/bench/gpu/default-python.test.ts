import { afterEach, expect, it, vi } from 'vitest';
import { defaultPython } from '../../../../bench/gpu/default-python.ts';
import { folderOf } from '../../../support/folders.ts';

afterEach(() => vi.unstubAllEnvs());

it("is the project's own Python, or python3 where there is none", () => {
  vi.stubEnv('MILLRACE_PYTHON', undefined);
  const folder = folderOf({ '.venv/bin/python': '' });
  expect(defaultPython(folder)).toBe(`${folder}/.venv/bin/python`);
  expect(defaultPython(folderOf())).toBe('python3');
});

it('is what the environment says before all', () => {
  vi.stubEnv('MILLRACE_PYTHON', '/some/python');
  expect(defaultPython(folderOf({ '.venv/bin/python': '' }))).toBe('/some/python');
});
