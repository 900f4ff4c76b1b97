import { defineConfig } from 'vitest/config';

// Tests run from dist: on Node 20 a worker thread cannot be started from a .ts file.
const project = (name: string, ...folders: string[]) => ({
  extends: true as const,
  test: { name, include: folders.map((folder) => `dist/test/${folder}/**/*.test.js`) },
});

export default defineConfig({
  test: {
    // for what hangs: nothing takes a tenth of it where nothing else runs
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      project('unit', 'contract', 'golden', 'unit'),
      project('workers', 'workers'),
      project('gpu', 'gpu'),
    ],
  },
});
