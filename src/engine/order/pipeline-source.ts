import type { Dataset } from '../../datasets/dataset.ts';
import type { LiveSource } from '../../datasets/memory/live.ts';

/** Where a pipeline's images come from. */
export type PipelineSource = Dataset | LiveSource;
