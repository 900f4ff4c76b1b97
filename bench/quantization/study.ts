import { join } from 'node:path';
import { writeDemoPhotographs } from '../../src/demo/photographs.ts';
import { type Placement, quantize, type TrainingResult, type TrainOptions, train } from '../../src/index.ts';

/** A model on the disk, and its accuracy. */
interface Trained {
  readonly checkpoint: string;
  readonly top1: number;
}

/** What can be done with the demo's photographs; each gives top-1 on its val split. */
export interface Study {
  /** The demo's own training. */
  trainFloat(seed: number): Promise<Trained>;
  /** The steps that training for few levels takes, in float32. */
  trainFurther(pretrained: string, seed: number): Promise<Trained>;
  trainQuantized(pretrained: string, placement: Placement, seed: number): Promise<Trained>;
  quantize(checkpoint: string, placement: Placement, seed: number): Promise<number>;
}

interface StudyOptions {
  /** Largest integer. */
  readonly levels: number;
  readonly epochs: number;
}

const stream = (seed: number) => ({ batchSize: 32, seed }) as const;

/** As millrace demo trains. */
const floatTraining = {
  recipe: { imageSize: 64, augmentation: 'autoaugment', policy: 'v0', mixup: 0.2 },
  schedule: { epochs: 120, schedule: 'cosine', base: 0.15, warmup: 2 },
  evaluation: { every: 120 },
} as const satisfies Partial<TrainOptions>;

/** NVIDIA's for quantised models: crop and flip alone, no smoothing, small steps. */
const further = {
  recipe: { imageSize: 64 },
  optimizer: { optimizer: 'sgd', momentum: 0.89, weightDecay: 4.5e-5, labelSmoothing: 0 },
} as const satisfies Partial<TrainOptions>;

export async function openStudy(folder: string, { levels, epochs }: StudyOptions): Promise<Study> {
  const data = join(folder, 'photographs');
  await writeDemoPhotographs(data);
  const schedule = { epochs, schedule: 'cosine', base: 0.0125, warmup: 0 } as const;
  let runs = 0;
  const trained = async (seed: number, options: Partial<TrainOptions>): Promise<Trained> => {
    const workspace = join(folder, `run-${runs++}`);
    const common = { data, stream: stream(seed), model: 'efficientnet-nano', report: false } as const;
    return trainedModel(await train({ ...common, ...options, workspace }).result);
  };
  return {
    trainFloat: (seed) => trained(seed, floatTraining),
    trainFurther: (pretrained, seed) => trained(seed, { ...further, schedule, pretrained }),
    trainQuantized: (pretrained, placement, seed) => {
      const quantization = { placement, method: 'mse', levels } as const;
      return trained(seed, { ...further, schedule, pretrained, quantized: true, quantization });
    },
    async quantize(checkpoint, placement, seed) {
      const out = join(folder, `int8-${runs++}.safetensors`);
      const quantization = { placement, method: 'mse', levels } as const;
      const { accuracy } = await quantize({ checkpoint, data, out, quantization, stream: stream(seed) });
      return accuracy?.int8.top1 ?? Number.NaN;
    },
  };
}

const trainedModel = ({ checkpoint, top1 }: TrainingResult): Trained => ({
  checkpoint: checkpoint as string,
  top1: top1 as number,
});
