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

/** What is wrong with the variables is said by what needs them. */
function launcherIn(environment: Environment): Launcher | undefined {
  try {
    return launcherOf(environment);
  } catch {
    return undefined;
  }
}
