import type { Trainer } from '../../core/trainer.ts';
import { loadCheckpoint } from '../../trainers/checkpoint.ts';
import type { RunFlags } from '../flags/run-flags.ts';

/**
 * Loads the weights that `--pretrained-from-file` names, and no more of that file: the optimizer starts afresh. A resumed
 * training has what became of them, and does not need the file any more.
 */
export async function loadPretrained(
  trainer: Trainer,
  { pretrainedFromFile: path, resume }: RunFlags,
): Promise<void> {
  if (path === undefined || resume !== undefined) return;
  const { state } = await loadCheckpoint(path);
  await trainer.load({ weights: state.weights, optimizer: {} });
}
