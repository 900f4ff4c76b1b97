import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import type { Step } from '../core/step.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { SourceOptions } from '../datasets/opening/source-kind.ts';
import type { ModelChoice } from '../models/architecture.ts';
import type { Recipe } from '../streams/recipe.ts';
import type { SelectionOptions } from '../streams/selection.ts';
import type { StreamOptions } from '../streams/stream-options.ts';

/** A place in a training stream, and where what was seen there is written. */
export interface ReplayOptions extends SourceOptions, SelectionOptions {
  /** A run that says data, options and seed: its workspace, its metrics or a checkpoint. */
  readonly from?: string | undefined;
  /** A step of that run, instead of `epoch` and `batch`. Default: the last. */
  readonly step?: number | undefined;
  /** Name of the metrics in the workspace of `from`. Default 'metrics.jsonl'. */
  readonly metricsFile?: string;
  /** Shows the batch although the data or the pipeline are not those of `from`. Default false. */
  readonly force?: boolean;
  /** A dataset, or the path of one, whose train split is taken where it is divided. Default: that of `from`. */
  readonly data?: string | Dataset | undefined;
  /** The epoch and the batch in it, counted from 0. Default 0. */
  readonly epoch?: number | undefined;
  readonly batch?: number | undefined;
  /** Row of the batch, counted from 0. Default: all, at a glance. */
  readonly row?: number | undefined;
  /** Quarantine files whose samples are left out. Default: those of `from`. */
  readonly exclude?: readonly string[] | undefined;
  /** Share of each class that was cut out of the data for evaluation. Default: that of `from`. */
  readonly valShare?: number | undefined;
  /** Parts of a step, whose batch has `stream.batchSize` rows of each. Default: those of `from`, else 1. */
  readonly parts?: number | undefined;
  /** What makes the stream; goes before what `from` says. */
  readonly stream?: StreamOptions;
  readonly recipe?: Partial<Recipe>;
  /** The pipeline's steps, instead of a recipe's. */
  readonly steps?: readonly Step[];
  /** The model, whose resolution is the size of the images where the recipe says none. */
  readonly model?: ModelChoice;
  /** What training takes of the label's weight and gives to all classes alike, 0..1. */
  readonly optimizer?: { readonly labelSmoothing?: number };
  /** The page, an HTML file that needs no other. Default: none is written. */
  readonly out?: string | undefined;
  /** The same stages as one picture, a PNG file. */
  readonly png?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hears what people should know, such as that the stream is another than the run's. */
  readonly onMessage?: (message: string) => void;
  /** Hears which GPU computes, with the gpu backend. */
  readonly onGpu?: (adapter: AdapterDescription) => void;
  /** Hears each row as plain data, as soon as it is proven. */
  readonly onRow?: (row: object) => void;
}
