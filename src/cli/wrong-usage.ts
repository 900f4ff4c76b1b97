import { ParameterError } from '../core/errors.ts';
import { isFirstOfMachine } from '../ranks/launcher.ts';
import { openRanks } from '../ranks/open-ranks.ts';
import { Agreement } from '../training/ranks/agreement.ts';
import { letOthersSpeak } from './launched.ts';

/** Long enough for a launcher to start all ranks; they have nothing else to do. */
const PATIENCE_MS = 60_000;

/**
 * Has the other ranks know that this one was started in a way that cannot be: they would wait for it for ever. What is wrong on
 * all is the first one's to say, and what on one alone, that of the first rank that trains.
 *
 * @param hasSaid whether this rank has said it
 */
export async function tellRanks(message: string, hasSaid: boolean): Promise<void> {
  const wrong = new ParameterError('INVALID_OPTION', message.replace(/^error: /, ''));
  try {
    const ranks = await openRanks({ timeoutMs: PATIENCE_MS });
    await new Agreement(ranks).share(() => Promise.reject(wrong)).catch(() => {});
    await ranks.close();
  } catch {
    // what is wrong is likely the same on all
    if (!isFirstOfMachine(process.env)) await letOthersSpeak();
    else if (!hasSaid) process.stderr.write(`${message}\n`);
  }
}
