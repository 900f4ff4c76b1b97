import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type ModelInput, modelInputs } from '../../src/export/model-inputs.ts';
import { exportOnnx } from '../../src/index.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { saveCheckpoint } from '../../src/trainers/checkpoint.ts';
import { toMetadata } from '../../src/training/checkpoint-metadata.ts';
import { formulaWeights } from './formula.ts';

/** More than are guessed. */
export const exportedClasses = ['ant', 'bee', 'cat', 'dog', 'eel', 'fox', 'gnu'] as const;

/** Paths: of a checkpoint of a small model, and of what is exported of it. */
export type ExportedModel = Record<ModelInput | 'checkpoint', string>;

/** Writes them into a new folder, removed at the end of the tests of this file. */
export async function exportedModel(): Promise<ExportedModel> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const model = efficientNet({ variant: 'nano', classes: exportedClasses.length });
  const paths = { checkpoint: join(folder, 'checkpoint.safetensors') };
  await saveCheckpoint(paths.checkpoint, {
    state: { weights: formulaWeights(model), optimizer: {} },
    metadata: toMetadata({ model, classes: exportedClasses, imageSize: 64, interpolation: 'bicubic' }),
  });
  const entries = modelInputs.map((input) => [input, join(folder, `${input}.onnx`)] as const);
  for (const [input, out] of entries) await exportOnnx({ checkpoint: paths.checkpoint, out, input });
  return { ...paths, ...(Object.fromEntries(entries) as Record<ModelInput, string>) };
}
