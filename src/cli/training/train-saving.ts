import { CheckpointFiles, type CheckpointOccasion } from '../../training/checkpoint-files.ts';
import { toMetadata } from '../../training/checkpoint-metadata.ts';
import type { RunIdentity } from '../../training/run-identity.ts';
import type { RunState } from '../../training/run-state.ts';
import type { MetricsLog } from '../../workspace/metrics-log.ts';
import { identityOf } from './resumption.ts';
import type { TrainSetup } from './train-setup.ts';

/** Writes a training's checkpoints. */
export class TrainSaving {
  readonly #setup: TrainSetup;
  readonly #identity: RunIdentity;
  readonly #log: MetricsLog;
  readonly #files: CheckpointFiles;
  #hasSaved = false;

  private constructor(setup: TrainSetup, identity: RunIdentity, log: MetricsLog) {
    const { checkpointFilename: filename, keep } = setup.flags;
    this.#setup = setup;
    this.#identity = identity;
    this.#log = log;
    this.#files = new CheckpointFiles({ folder: setup.workspace, filename, keep });
  }

  /** Reads the sizes of all images, for a digest of the dataset, unless the setup knows it. */
  static async open(setup: TrainSetup, log: MetricsLog): Promise<TrainSaving> {
    const { dataset, stream, flags } = setup;
    const identity = setup.identity ?? (await identityOf(dataset, stream, flags));
    const saving = new TrainSaving(setup, identity, log);
    await saving.#files.removeRemains();
    return saving;
  }

  get path(): string {
    return this.#files.last;
  }

  get hasSaved(): boolean {
    return this.#hasSaved;
  }

  get datasetDigest(): string {
    return this.#identity.dataset.digest;
  }

  async save(state: RunState, occasion: CheckpointOccasion): Promise<void> {
    const { trainer, model, dataset, flags, data } = this.#setup;
    const { imageSize, interpolation } = flags;
    const training = { state, identity: this.#identity, data };
    const metadata = toMetadata({ model, classes: dataset.classes, imageSize, interpolation, training });
    await this.#files.save({ state: await trainer.state(), metadata }, occasion);
    this.#hasSaved = true;
    this.#log.write({ 'run.checkpoint': this.path, 'run.step': state.cursor.step });
  }
}
