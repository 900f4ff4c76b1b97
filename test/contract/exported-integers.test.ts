import { expect, it } from 'vitest';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { placesOf } from '../../src/quantization/placement.ts';
import { batchOf, fileOf, observedRanges } from '../support/exported-models.ts';
import { formulaImages } from '../support/formula.ts';
import { describeOnDevices, type Open } from '../support/graph-devices.ts';
import { hasNativeOnnxruntime, nativeLogits } from '../support/native-onnxruntime.ts';
import { logitsOf, type OnnxInput, tensorInput } from '../support/onnx.ts';
import { randomWeights } from '../support/quantized-models.ts';

type Sigmoid = 'float32' | 'int8';

/** Logits of the trainer, and the file that is exported with the same ranges. */
async function exactly(open: Open, model: EfficientNet, rows: number, sigmoid: Sigmoid) {
  const size = model.resolution;
  const images = formulaImages('int8', rows, size);
  const input: OnnxInput = tensorInput(images, rows, size);
  const batch = batchOf(images, size);
  const weights = randomWeights(model, 1);
  const ranges = await observedRanges(model, weights, batch);
  const quantization = { ...placesOf(model, 'onnxruntime'), isExact: true, sigmoid };
  const trainer = await open(model, { quantization });
  await trainer.load({ weights, optimizer: {}, quant: ranges });
  const logits = await trainer.predict(batch);
  const options = { profile: 'onnxruntime', ranges, hasIntegerSigmoid: sigmoid === 'int8' } as const;
  return { logits, file: fileOf(model, weights, 'tensor', options), input };
}

describeOnDevices('an exported model of int8', (open, device) => {
  const nano = efficientNet({ variant: 'nano', classes: 10 });

  it.for<Sigmoid>(['float32', 'int8'])(
    'has in onnxruntime-web the very logits of exact evaluation: %s sigmoids',
    async (sigmoid) => {
      const { logits, file, input } = await exactly(open, nano, 16, sigmoid);
      expect(Float32Array.from(await logitsOf(file, input))).toEqual(logits);
    },
  );

  it('has them with the padding of TensorFlow, whose margins differ', async () => {
    const { logits, file, input } = await exactly(
      open,
      efficientNet({ variant: 'nano', classes: 10, padding: 'same' }),
      4,
      'float32',
    );
    expect(Float32Array.from(await logitsOf(file, input))).toEqual(logits);
  });

  it.skipIf(!hasNativeOnnxruntime || device.options.device === 'gpu')(
    'has them natively in a whole B0',
    { timeout: 300_000 },
    async () => {
      const b0 = efficientNet({ variant: 'b0', classes: 1000 });
      const { logits, file, input } = await exactly(open, b0, 4, 'float32');
      expect(new Set(logits).size).toBeGreaterThan(3900);
      expect(nativeLogits(file, input)).toEqual(logits);
    },
  );
});
