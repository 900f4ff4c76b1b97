import { gibibytes } from '../../src/core/gibibytes.ts';
import type { TrainingSettings } from '../../src/core/trainer.ts';
import { planFigures } from '../../src/graph/explain/plan-figures.ts';
import type { ProgramMemory } from '../../src/graph/plan/memory-use.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { preset } from '../../src/training/presets.ts';

const batchSizes = {
  b0: [64, 128, 256, 512],
  b4: [16, 32, 64, 128],
  'widese-b0': [64, 128, 256, 512],
  'widese-b4': [16, 32, 64, 128],
} as const;
type Variant = keyof typeof batchSizes;

/** The table of memory in docs/mixed-precision.md, by the arithmetic of the plan. */
export function memoryTable(): string {
  const variants = Object.entries(batchSizes) as [Variant, readonly number[]][];
  const rows = variants.flatMap(([variant, sizes]) => sizes.map((size) => rowOf(variant, size)));
  const heading = ['model', 'images', 'batch', 'float32', 'mixed', 'activations, mixed', 'gradients, mixed'];
  const rule = ['---', '---', ...heading.slice(2).map(() => '---:')];
  return [heading, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rowOf(variant: Variant, rows: number): string[] {
  const [whole, mixed] = [memoryFor(variant, rows, false), memoryFor(variant, rows, true)];
  const { resolution } = efficientNet({ variant });
  const part = (purpose: string) => mixed.parts.find(({ name }) => name === purpose)?.bytes ?? 0;
  const sizes = [whole.total, mixed.total, part('activations'), part('gradients')].map(gibibytes);
  return [variant, `${resolution} x ${resolution}`, String(rows), ...sizes];
}

function memoryFor(variant: Variant, rows: number, isMixed: boolean): ProgramMemory {
  const model = efficientNet({ variant });
  const { optimizer } = preset(`efficientnet-${variant}`);
  const settings = optimizer as TrainingSettings;
  const [height, width] = [model.resolution, model.resolution];
  return planFigures({ model, rows, height, width, images: 'f16', isMixed, settings }).memory;
}
