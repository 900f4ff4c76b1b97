import { describe, expect, it } from 'vitest';
import { cpuTraits } from '../../src/graph/plan/device-traits.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { operatorsOf } from '../support/integer-operators.ts';
import { type IntegerCase, IntegerProgram } from '../support/integer-programs.ts';
import { hasNativeOnnxruntime, runNatively } from '../support/native-onnxruntime.ts';
import { differencesOf, type QdqOperators } from '../support/qdq-operators.ts';
import { onCpu } from '../support/tensor-calls.ts';

const model = efficientNet({ variant: 'b0', width: 0.5, depth: 0.5, classes: 10 });

/** The operators of a model, with the integers that the CPU had there. */
async function operatorsOfRun(one: IntegerCase): Promise<QdqOperators> {
  const program = new IntegerProgram(one, cpuTraits);
  return operatorsOf(program, await onCpu(2, (executor) => program.runOn(executor)));
}

const kinds = ['images', 'convolution', 'silu', 'mean', 'sigmoid', 'product', 'sum', 'linear'];
const none = (differences: Readonly<Record<string, readonly [number, number]>>) =>
  Object.entries(differences).map(([kind, [differing]]) => [kind, differing]);

describe('each operator on integers', () => {
  it.each([
    { seed: 1, sigmoid: 'float32' },
    { seed: 2, sigmoid: 'int8' },
  ] as const)('gives what onnxruntime-web gives for the same integers: $sigmoid sigmoids', async (one) => {
    const operators = await operatorsOfRun({ model, rows: 2, height: 64, width: 64, ...one });
    const differences = differencesOf(operators.expected, await operators.run());
    expect(none(differences)).toEqual(expect.arrayContaining(kinds.map((kind) => [kind, 0])));
    for (const { name, values } of operators.expected) expect(new Set(values).size, name).toBeGreaterThan(1);
  });

  it.skipIf(!hasNativeOnnxruntime)(
    'gives what onnxruntime gives natively in a whole B0: millions of integers',
    async () => {
      const b0 = efficientNet({ variant: 'b0' });
      const operators = await operatorsOfRun({ model: b0, seed: 5, rows: 1, height: 224, width: 224 });
      const { differences, operators: made } = runNatively(operators);
      expect(none(differences)).toEqual(expect.arrayContaining(kinds.map((kind) => [kind, 0])));
      expect(differences['convolution']?.[1]).toBeGreaterThan(3_000_000);
      // all of them in integers
      expect(made).toMatchObject({ QLinearConv: 81, QLinearAdd: 9, QLinearGlobalAveragePool: 17, QGemm: 1 });
    },
  );
});
