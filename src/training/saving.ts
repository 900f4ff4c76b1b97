import type { Quantization } from '../quantization/quantization.ts';
import { CheckpointFiles, type CheckpointOccasion } from './checkpoint-files.ts';
import { toMetadata } from './checkpoint-metadata.ts';
import { checkState } from './not-finite.ts';
import type { Prepared } from './prepare-trainer.ts';
import { trainingIdentity } from './resumption.ts';
import type { RunIdentity } from './run-identity.ts';
import type { RunState } from './run-state.ts';
import type { TrainingSetup } from './setup.ts';
import type { CheckpointEvent } from './training-event.ts';

/** Writes a training's checkpoints. */
export class Saving {
  readonly #setup: TrainingSetup;
  readonly #identity: RunIdentity;
  readonly #files: CheckpointFiles;
  readonly #quantization: Quantization | undefined;

  private constructor(
    setup: TrainingSetup,
    { quantization }: Prepared,
    identity: RunIdentity,
    files: CheckpointFiles,
  ) {
    this.#setup = setup;
    this.#quantization = quantization;
    this.#identity = identity;
    this.#files = files;
  }

  /** Asks for the size of every image, for a digest of the dataset, unless the setup knows it; undefined without checkpoints. */
  static async open(
    setup: TrainingSetup,
    prepared: Prepared,
    warn: (message: string) => void,
  ): Promise<Saving | undefined> {
    const { dataset, stream, options, workspace } = setup;
    const { checkpoints } = options;
    if (checkpoints === false) return undefined;
    const identity = setup.identity ?? (await trainingIdentity(dataset, stream, options));
    const onRemoved = (path: string) => warn(`${path}: removed early, since the disk is full`);
    const files = new CheckpointFiles({ folder: workspace, ...checkpoints, onRemoved });
    await files.removeRemains();
    return new Saving(setup, prepared, identity, files);
  }

  get path(): string {
    return this.#files.last;
  }

  get datasetDigest(): string {
    return this.#identity.dataset.digest;
  }

  async save(state: RunState, occasion: CheckpointOccasion): Promise<CheckpointEvent> {
    const { trainer, model, dataset, images, data, files } = this.#setup;
    const { environment } = trainer;
    const training = { state, identity: this.#identity, data, ...(environment && { environment }) };
    const { imageSize, interpolation } = images;
    const quantization = this.#quantization;
    const metadata = toMetadata({
      ...{ model, classes: dataset.classes, imageSize, interpolation, training },
      ...(dataset.labels !== undefined && { isMultiLabel: true }),
      ...(quantization && { quantization }),
    });
    const trained = await trainer.state();
    checkState(trained, state.cursor.step, files.metrics);
    await this.#files.save({ state: trained, metadata }, occasion);
    const { epoch, isBest } = occasion;
    return { type: 'checkpoint', path: this.path, step: state.cursor.step, epoch, isBest };
  }
}
