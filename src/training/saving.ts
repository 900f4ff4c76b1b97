import { CheckpointFiles, type CheckpointOccasion } from './checkpoint-files.ts';
import { toMetadata } from './checkpoint-metadata.ts';
import { checkState } from './not-finite.ts';
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

  private constructor(setup: TrainingSetup, identity: RunIdentity, files: CheckpointFiles) {
    this.#setup = setup;
    this.#identity = identity;
    this.#files = files;
  }

  /** Asks for the size of every image, for a digest of the dataset, unless the setup knows it; undefined without checkpoints. */
  static async open(setup: TrainingSetup, warn: (message: string) => void): Promise<Saving | undefined> {
    const { dataset, stream, options, workspace } = setup;
    const { checkpoints } = options;
    if (checkpoints === false) return undefined;
    const identity = setup.identity ?? (await trainingIdentity(dataset, stream, options));
    const onRemoved = (path: string) => warn(`${path}: removed early, since the disk is full`);
    const files = new CheckpointFiles({ folder: workspace, ...checkpoints, onRemoved });
    await files.removeRemains();
    return new Saving(setup, identity, files);
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
    const metadata = toMetadata({ model, classes: dataset.classes, imageSize, interpolation, training });
    const trained = await trainer.state();
    checkState(trained, state.cursor.step, files.metrics);
    await this.#files.save({ state: trained, metadata }, occasion);
    const { epoch, isBest } = occasion;
    return { type: 'checkpoint', path: this.path, step: state.cursor.step, epoch, isBest };
  }
}
