import { setTimeout } from 'node:timers/promises';
import { type Environment, type Launcher, launcherOf } from '../ranks/launcher.ts';

/** Commands for which it is no mistake that a launcher starts them several times. */
const sharing = ['train', 'doctor'];

/** What people should know of a command that a launcher has started several times; undefined where that is nothing. */
export function describeLaunch(command: string, environment: Environment): string | undefined {
  const launcher = sharing.includes(command) ? undefined : launcherIn(environment);
  if (launcher === undefined || launcher.rank > 0) return undefined;
  const times = launcher.size === undefined ? 'several times' : `${launcher.size} times`;
  return `${launcher.name} has started millrace ${command} ${times}, and each does all of it: only millrace train shares its work among ranks`;
}

/**
 * The launcher of ranks that share what they were started for, of which the first speaks for all. Where no command is known that
 * was asked for, all are told the same.
 */
export function launcherSharing(command: string | undefined, environment: Environment): Launcher | undefined {
  return command === undefined || command === 'train' ? launcherIn(environment) : undefined;
}

const LONGEST_SPEECH_MS = 5000;

/** Launchers end all ranks when one has left with an error: one that leaves it to another to say what it is waits for that. */
export const letOthersSpeak = (): Promise<void> => setTimeout(LONGEST_SPEECH_MS);

/** What is wrong with the variables is said by what needs them. */
function launcherIn(environment: Environment): Launcher | undefined {
  try {
    return launcherOf(environment);
  } catch {
    return undefined;
  }
}
