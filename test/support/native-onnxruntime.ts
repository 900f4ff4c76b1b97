import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QdqOperators, QdqValue } from './qdq-operators.ts';

const python = process.env['MILLRACE_PYTHON'] ?? join('.venv', 'bin', 'python');

/** Whether MILLRACE_PYTHON (default: .venv/bin/python) has onnx and onnxruntime. */
export const hasNativeOnnxruntime = ((): boolean => {
  try {
    execFileSync(python, ['-c', 'import onnx, onnxruntime'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

export interface NativeResult {
  readonly differences: Readonly<Record<string, readonly [differing: number, values: number]>>;
  readonly operators: Readonly<Record<string, number>>;
}

/** Runs operators in Python's onnxruntime, which compares what it gets with what is expected. */
export function runNatively(operators: QdqOperators): NativeResult {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-integers-'));
  try {
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
    const script = join('test', 'golden', 'check_integers.py');
    return JSON.parse(execFileSync(python, [script, folder], { encoding: 'utf8' })) as NativeResult;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const bytesOf = ({ values: { buffer, byteOffset, byteLength } }: QdqValue): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
