import { reasonOf } from '../core/errors.ts';
import { prepareEnvironment } from '../ranks/binding/environment.ts';
import { openLibrary } from '../ranks/binding/library.ts';
import { launcherOf, mpiLibraries } from '../ranks/launcher.ts';
import type { Finding } from './finding.ts';

const PURPOSE = 'for training on many ranks';

/** Which MPI ranks would use, and whether a launcher started this process. MPI itself is not started. */
export async function mpiFinding(): Promise<Finding> {
  const name = 'MPI';
  try {
    const launcher = launcherOf(process.env);
    const notes = launcher && [
      `rank ${launcher.rank} of ${launcher.size ?? 'some'}, started by ${launcher.name}`,
    ];
    // on this thread, and before a library is loaded
    prepareEnvironment(process.env);
    const library = await openLibrary(launcher?.libraries ?? mpiLibraries(process.env));
    const found = { name, status: 'ok', ...(notes && { notes }) } as const;
    return { ...found, detail: `${library.name} (${library.path}), ${PURPOSE}` };
  } catch (error) {
    return { name, status: 'optional', detail: `none, ${PURPOSE}`, advice: reasonOf(error) };
  }
}
