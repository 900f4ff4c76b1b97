import type { Gpu } from '../../backends/gpu/device/device.ts';
import { loadFile } from './load-file.ts';
import { otherEnvironment } from './other-environment.ts';
import { loadPretrained } from './pretrained.ts';
import { resumedState } from './resumption.ts';
import type { TrainingSetup } from './setup.ts';
import type { TrainingEvent } from './training-event.ts';

type Warn = (message: string) => void;

/** Loads what is continued from; whether there are weights, to be evaluated and saved. */
export async function prepareTrainer(
  setup: TrainingSetup,
  gpu: Gpu | undefined,
  emit: (event: TrainingEvent) => void,
): Promise<boolean> {
  const { options, model, trainer, resumption } = setup;
  const warn = (message: string) => emit({ type: 'warning', message });
  const { precision, lossScaling, optimizer: settings, stream, pretrained } = options;
  await trainer.prepare(model, {
    ...{ precision, seed: stream.seed, settings },
    ...(lossScaling && { lossScaling }),
    ...(gpu && { device: gpu.device }),
    onNotice: warn,
    onCompile: (done, total) => emit({ type: 'compile', done, total }),
  });
  if (resumption) {
    const { path, training } = resumption;
    await loadFile(path, resumedState(resumption, options), trainer);
    tell(otherEnvironment(path, training.environment, trainer.environment), warn);
  }
  // a resumed training has what became of them, and does not need the file any more
  else if (pretrained !== undefined) await loadPretrained(setup, pretrained, warn);
  return Object.keys((await trainer.state()).weights).length > 0;
}

function tell(message: string | undefined, warn: Warn): void {
  if (message !== undefined) warn(message);
}
