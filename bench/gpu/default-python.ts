import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The Python that peers run on unless another is named: the project's own where there is one. */
export function defaultPython(folder = '.'): string {
  const own = join(folder, '.venv', 'bin', 'python');
  return process.env['MILLRACE_PYTHON'] ?? (existsSync(own) ? own : 'python3');
}
