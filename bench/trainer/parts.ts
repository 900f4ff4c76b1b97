import { Gpu } from '../../backends/gpu/device/device.ts';
import { describeCapabilities } from '../../src/cli/gpu-capabilities.ts';
import { describeAdapter } from '../../src/cli/gpu-figures.ts';
import { describeMachine, markdownTable } from '../measure.ts';
import { type Bench, measureBandwidth, type PartOptions } from './bench.ts';
import { print, span } from './printing.ts';
import { printSteps } from './steps-part.ts';
import { comparedWork, compareWithTfjs } from './tfjs-comparison.ts';
import { describeWork, type TrainerWork } from './work.ts';

/** What is measured, the most important first. */
export const partNames = ['device', 'mixed', 'tfjs', 'float32'] as const;
export type Part = (typeof partNames)[number];
/** Whether each model is measured apart. */
export const isOfModels = (part: Part): boolean => part === 'mixed' || part === 'float32';

const FAST_STEPS = 20;
const SLOW_STEPS = 3;

/** Measures one part and prints it. */
export async function runPart(part: Part, work: TrainerWork | undefined, options: PartOptions) {
  const gpu = await Gpu.open(options.gpuAdapter);
  try {
    const { steps = gpu.adapter.isSoftware ? SLOW_STEPS : FAST_STEPS } = options;
    const bench = { options, gpu, steps };
    if (part === 'device') await printDevice(bench);
    else if (part === 'tfjs') await printTfjs(bench);
    else if (work !== undefined) await printSteps(bench, work, part === 'mixed');
  } finally {
    gpu.close();
  }
}

async function printDevice({ gpu }: Bench): Promise<void> {
  const { bytesPerSecond, bytes } = await measureBandwidth(gpu);
  print(
    '## Device',
    describeMachine(),
    `${describeAdapter(gpu.adapter)}; driver ${gpu.adapter.driver}`,
    ...describeCapabilities(gpu.capabilities),
    `copies ${bytes / 2 ** 20} MiB at ${(bytesPerSecond / 1e9).toFixed(1)} GB/s, read and written together`,
  );
}

async function printTfjs({ options, steps }: Bench): Promise<void> {
  const { graph, tfjs } = await compareWithTfjs(options.gpuAdapter, steps);
  const ratio = graph.median / tfjs.median;
  print(
    `## ${describeWork(comparedWork)}, float32, beside tfjs on WebGPU`,
    'Steps in turn, images from this side.',
    '',
    markdownTable(
      ['trainer', 'ms a step', 'time of tfjs'],
      [
        ['graph', span(graph), `${ratio.toFixed(2)}x`],
        ['tfjs, webgpu', span(tfjs), ''],
      ],
    ),
  );
}
