import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { photographPath, photographs } from '../../src/demo/photographs.ts';
import { type ModelInput, modelInputs } from '../../src/export/model-inputs.ts';
import { exportOnnx, images, train } from '../../src/index.ts';

/** Paths: of a checkpoint of a small model, and of what is exported of it. */
export type ExportedModel = Record<ModelInput | 'checkpoint', string>;

/** Writes them into a new folder, which is removed at the end of the tests of this file. */
export async function exportedModel(): Promise<ExportedModel> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const checkpoint = await trainOnPhotographs(join(folder, 'run'));
  const paths: Partial<ExportedModel> = { checkpoint };
  for (const input of modelInputs) {
    paths[input] = join(folder, `${input}.onnx`);
    await exportOnnx({ checkpoint, out: paths[input], input });
  }
  return paths as ExportedModel;
}

/** Trains just long enough that the demo's photographs are told apart: each is a class. */
async function trainOnPhotographs(workspace: string): Promise<string> {
  const items = photographs.map((name, label) => ({ image: readFileSync(photographPath(name)), label }));
  const { checkpoint } = await train({
    ...{ data: images(items, { classes: photographs }), evaluation: false, workspace, report: false },
    recipe: { imageSize: 64, interpolation: 'bicubic', cropScale: [0.5, 1] },
    stream: { batchSize: 8, workers: 2 },
    schedule: { epochs: 60, base: 0.05 },
    ...{ device: 'cpu', threads: 1 },
  }).result;
  return checkpoint as string;
}
