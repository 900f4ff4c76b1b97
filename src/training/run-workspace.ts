import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ParameterError } from '../core/errors.ts';
import { quoted } from '../core/shell.ts';
import { filesOfRun, setAside } from '../workspace/earlier-run.ts';
import { probeWorkspace } from '../workspace/probe.ts';
import { defaultMetricsFile, runFiles } from '../workspace/workspace.ts';
import { checkpointName } from './checkpoint-files.ts';
import { type CompleteOptions, trainDefaults } from './complete-options.ts';
import { checkpointPath } from './resumption.ts';

/** Where a run writes, and what another run has left there. */
export interface RunWorkspace {
  readonly folder: string;
  /** Names of the files of a run that is not continued. */
  readonly earlier: readonly string[];
}

/** Chooses the workspace, and refuses one that cannot be written to or holds another run, unless forced. */
export function chooseWorkspace(options: CompleteOptions): RunWorkspace {
  const { resume, force = false } = options;
  const resumed = resume === undefined ? undefined : dirname(checkpointPath(resume, options));
  const folder = options.workspace ?? resumed ?? join('runs', timestamp());
  const isContinued = resumed !== undefined && isSameFolder(folder, resumed);
  const earlier = isContinued ? [] : filesOfRun(folder, isOfRun(options));
  if (earlier.length > 0 && !force) throw inUse(folder, earlier, options);
  probeWorkspace(folder);
  return { folder, earlier };
}

const timestamp = (): string => new Date().toISOString().replaceAll(':', '-');

function isSameFolder(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return resolve(a) === resolve(b);
  }
}

/** Whether a run with these options, or with the default names, would write a file of that name. */
function isOfRun({ metricsFile, checkpoints }: CompleteOptions): (name: string) => boolean {
  const names = [metricsFile, defaultMetricsFile].flatMap((metrics) => Object.values(runFiles('', metrics)));
  const { filename } = checkpoints || trainDefaults.checkpoints;
  const isCheckpoint = [filename, trainDefaults.checkpoints.filename].map(checkpointName);
  return (name) => names.includes(name) || isCheckpoint.some((matches) => matches(name));
}

function inUse(folder: string, files: readonly string[], { checkpoints }: CompleteOptions): ParameterError {
  const { filename } = checkpoints || trainDefaults.checkpoints;
  const named = `${files.slice(0, 3).join(', ')}${files.length > 3 ? ', ...' : ''}`;
  const choices = [
    'choose another --workspace',
    ...(files.includes(filename) ? [`continue it with --resume ${quoted(folder)}`] : []),
    'or keep it under another name with --force',
  ];
  const message = `${folder}: holds a run already (${named}): ${choices.join(', ')}`;
  return new ParameterError('WORKSPACE_IN_USE', message);
}

/** What `makeWay` has to know of a training. */
interface Starting {
  readonly options: CompleteOptions;
  readonly workspace: string;
  readonly earlier: readonly string[];
}

/** Moves an earlier run out of the way, but for what this one excludes samples by; says where it is now. */
export function makeWay({ options, workspace: folder, earlier }: Starting): string | undefined {
  const { exclude = [] } = options;
  const read = exclude.map((path) => resolve(path));
  const files = earlier.filter((name) => !read.includes(resolve(folder, name)));
  if (files.length === 0) return undefined;
  return `the run that was in ${folder} is now in ${setAside(folder, files)}`;
}
