import { DataError } from '../../core/errors.ts';
import { type FilePath, pathInWords } from '../file-path.ts';
import { FileWindow } from '../file-window.ts';
import { skippedShards } from '../tar/list-samples.ts';
import { chooseFeatures, type FeatureNames, type FeatureOptions } from './choose-features.ts';
import { ExampleColumns } from './example-columns.ts';
import { ExampleLabels, type FinishedLabels } from './example-labels.ts';
import type { NumberingOptions } from './number-classes.ts';
import { readRecord, recordError, recordFeatures } from './read-record.ts';
import { type RecordFrame, recordFrames } from './record-frames.ts';

export interface ListExamplesOptions extends FeatureOptions, NumberingOptions {
  /** Hears of files that are passed over because they are empty. */
  readonly onMessage: (message: string) => void;
}

export interface ExampleIndex extends FinishedLabels {
  readonly columns: ExampleColumns;
}

/** The samples of several files, in order. The features of the first one say which are looked for in all. */
export function listExamples(paths: readonly FilePath[], options: ListExamplesOptions): ExampleIndex {
  const list = new ExampleList(options);
  const empty = paths.filter((path, shard) => !list.addFile(path, shard));
  const [first] = empty.map(pathInWords);
  if (first !== undefined && empty.length === paths.length)
    throw new DataError('EMPTY_SHARD', `${first}: has no records (it is empty)`);
  if (first !== undefined) options.onMessage(skippedShards(empty, paths.length));
  return list.finish(pathInWords(paths[0] as FilePath));
}

class ExampleList {
  readonly #options: ListExamplesOptions;
  readonly #columns = new ExampleColumns();
  readonly #labels: ExampleLabels;
  #names: FeatureNames | undefined;

  constructor(options: ListExamplesOptions) {
    this.#options = options;
    this.#labels = new ExampleLabels(options.classes);
  }

  /** Whether there are records in the file. */
  addFile(path: FilePath, shard: number): boolean {
    const before = this.#columns.length;
    const file = new FileWindow(path);
    try {
      for (const frame of recordFrames(file)) this.#add(file, frame, shard);
    } finally {
      file.close();
    }
    return this.#columns.length > before;
  }

  finish(firstPath: string): ExampleIndex {
    const labels = this.#labels.finish(firstPath, this.#names?.label, this.#options);
    return { columns: this.#columns, ...labels };
  }

  #add(file: FileWindow, frame: RecordFrame, shard: number): void {
    this.#names ??= namesIn(file, frame, this.#options);
    const read = readRecord(file, frame, this.#names);
    this.#labels.add(read, { path: file.path, record: frame.record });
    this.#columns.add(read, frame, shard);
  }
}

const SHOWN_FEATURES = 20;

function namesIn(file: FileWindow, frame: RecordFrame, options: FeatureOptions): FeatureNames {
  const features = recordFeatures(file, frame, () => true);
  const names = chooseFeatures(features, options);
  if (names !== undefined) return names;
  const found = [...features].slice(0, SHOWN_FEATURES).map(([name, { kind }]) => `${name} (${kind})`);
  const expected = options.imageFeature ?? 'image/encoded, image or img';
  const reason = `has no feature ${expected} with bytes (imageFeature, --image-member)`;
  throw recordError(file, frame, 'NO_IMAGE', `${reason}; its features are: ${found.join(', ') || 'none'}`);
}
