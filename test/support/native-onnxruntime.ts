import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OnnxInput } from './onnx.ts';
import type { QdqOperators, QdqValue } from './qdq-operators.ts';

/** A Python with the packages of .ci/install-onnx. */
const python = process.env['MILLRACE_ONNX_PYTHON'];
export const hasNativeOnnxruntime = python !== undefined;

export interface NativeResult {
  readonly differences: Readonly<Record<string, readonly [differing: number, values: number]>>;
  readonly operators: Readonly<Record<string, number>>;
}

/** Runs operators in Python's onnxruntime, which compares what it gets with what is expected. */
export const runNatively = (operators: QdqOperators): NativeResult =>
  inFolder((folder) => {
    let offset = 0;
    const entryOf = ({ name, kind, shape, values }: QdqValue) => {
      const entry = { name, kind, shape, offset, type: values instanceof Float32Array ? 'float32' : 'uint8' };
      offset += values.byteLength;
      return entry;
    };
    const { inputs, expected } = operators;
    const manifest = { inputs: inputs.map(entryOf), expected: expected.map(entryOf) };
    writeFileSync(join(folder, 'model.onnx'), operators.encode());
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'values.bin'), Buffer.concat([...inputs, ...expected].map(bytesOf)));
    return JSON.parse(runPython('check_integers.py', folder)) as NativeResult;
  });

/** Logits of a file in Python's onnxruntime. */
export const nativeLogits = (file: Uint8Array, { type, dims, data }: OnnxInput): Float32Array =>
  inFolder((folder) => {
    writeFileSync(join(folder, 'cases.json'), JSON.stringify([{ name: 'case', dtype: type, shape: dims }]));
    writeFileSync(join(folder, 'case.onnx'), file);
    writeFileSync(join(folder, 'case.input'), data as Float32Array);
    const { logits } = JSON.parse(runPython('check_onnx.py', folder)) as { readonly logits: number[] };
    return Float32Array.from(logits);
  });

const runPython = (script: string, folder: string): string =>
  execFileSync(python as string, [join('test', 'golden', script), folder], { encoding: 'utf8' });

function inFolder<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const bytesOf = ({ values: { buffer, byteOffset, byteLength } }: QdqValue): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
