import type { Gpu } from '../../backends/gpu/device/device.ts';
import { type Quantization, quantizedPlaces } from '../quantization/quantization.ts';
import { calibrate, quantizing } from './calibrate.ts';
import { loadFile } from './load-file.ts';
import { otherEnvironment } from './other-environment.ts';
import { loadPretrained } from './pretrained.ts';
import { completeCalibration } from './quantization-options.ts';
import { recordedQuantization } from './recorded-quantization.ts';
import { resumedState } from './resumption.ts';
import type { TrainingSetup } from './setup.ts';
import type { TrainingEvent } from './training-event.ts';

type Emit = (event: TrainingEvent) => void;
type Warn = (message: string) => void;

/** What a training starts with. */
export interface Prepared {
  /** Whether there are weights, to be evaluated and saved. */
  readonly hasWeights: boolean;
  /** How they are quantised; undefined where they are not. */
  readonly quantization: Quantization | undefined;
}

/** Prepares the trainer, loads what is continued or started from, and chooses ranges where they are not known. */
export async function prepareTrainer(
  setup: TrainingSetup,
  gpu: Gpu | undefined,
  emit: Emit,
): Promise<Prepared> {
  const warn = (message: string) => emit({ type: 'warning', message });
  const { options, model, trainer, resumption } = setup;
  const { precision, lossScaling, optimizer: settings, stream, pretrained } = options;
  const recorded = await recordedQuantization(setup, warn);
  const asked = recorded ?? (options.quantization && completeCalibration(options.quantization));
  await trainer.prepare(model, {
    ...{ precision, seed: stream.seed, settings },
    ...(lossScaling && { lossScaling }),
    ...(asked && { quantization: quantizedPlaces(model, asked) }),
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
  const quantization = recorded ?? (await calibrateTrainer(setup, emit));
  return { hasWeights: Object.keys((await trainer.state()).weights).length > 0, quantization };
}

/** Chooses ranges where the training is quantised. */
async function calibrateTrainer(
  { options: { quantization }, model, trainer, calibrationStream: stream }: TrainingSetup,
  emit: Emit,
): Promise<Quantization | undefined> {
  if (quantization === undefined || stream === undefined) return undefined;
  const options = completeCalibration(quantization);
  const places = quantizedPlaces(model, options);
  const onProgress = (done: number, total: number) => emit({ type: 'calibration', done, total });
  const calibrated = await calibrate({
    ...{ trainer: quantizing(trainer), places, stream, options, onProgress },
  });
  return calibrated.quantization;
}

function tell(message: string | undefined, warn: Warn): void {
  if (message !== undefined) warn(message);
}
