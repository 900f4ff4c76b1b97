import { ParameterError } from '../core/errors.ts';
import type { Trainer } from '../core/trainer.ts';
import { loadCheckpoint } from '../trainers/checkpoint.ts';
import type { RunFlags } from './run-flags.ts';

/** Loads the weights that `--pretrained-from-file` names, and no more of that file: the optimizer starts afresh. */
export async function loadPretrained(
  trainer: Trainer,
  { pretrainedFromFile: path, resume }: RunFlags,
): Promise<void> {
  if (path === undefined) return;
  if (resume !== undefined) {
    const message =
      '--pretrained-from-file and --resume both say what weights to start from: give one of them';
    throw new ParameterError('INVALID_OPTION', message);
  }
  const { state } = await loadCheckpoint(path);
  await trainer.load({ weights: state.weights, optimizer: {} });
}
