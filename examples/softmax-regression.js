// The trainer of own-trainer.js: softmax regression, a weight for each class and pixel value.
// The command line takes it too: millrace train photos --trainer ./softmax-regression.js --image-size 32 --lr 0.01
import { fromHalf, TrainerError } from 'millrace';

/** Plain gradient descent: it takes the learning rate and MixUp, and leaves momentum, weight decay and smoothing alone. */
export function createTrainer() {
  let [classes, length] = [0, 0];
  let [weights, gradients] = [new Float32Array(), new Float32Array()]; // [classes, length] both

  /** Each row of a batch: its label, its pixels, and a probability for each class. */
  async function predictRows(batch) {
    const values = Float32Array.from(await batch.read(), batch.dtype === 'float16' ? fromHalf : Number);
    return Array.from(batch.labels, (label, row) => {
      const image = values.subarray(row * length, (row + 1) * length);
      return { label, row, image, probabilities: softmax(logitsOf(image)) };
    });
  }

  const logitsOf = (image) =>
    Array.from({ length: classes }, (_, c) =>
      image.reduce((sum, x, i) => sum + x * weights[c * length + i], 0),
    );

  /** @satisfies {import('millrace').Trainer<{ classes: number, resolution: number }>} */
  const trainer = {
    name: 'softmax-regression',
    givesLosses: true,
    async prepare(model) {
      [classes, length] = [model.classes, 3 * model.resolution ** 2];
      weights = new Float32Array(classes * length);
      gradients = new Float32Array(classes * length);
    },
    // what a part of a step's rows adds to it: gradients, and last the mean loss
    async contribution(part, { lossScale }) {
      const { mixing } = part; // MixUp, CutMix: which share of its target is the row's own
      const rows = await predictRows(part);
      const losses = new Float32Array(rows.length);
      const vector = new Float32Array(weights.length + 1);
      for (const { label, row, image, probabilities } of rows) {
        const share = mixing?.weights[row] ?? 1;
        for (const [c, p] of probabilities.entries()) {
          const target = share * Number(label === c) + (1 - share) * Number(mixing?.partnerLabels[row] === c);
          losses[row] -= target * Math.log(p + 1e-12);
          const error = (lossScale * (p - target)) / rows.length;
          for (const [i, x] of image.entries()) vector[c * length + i] += error * x;
        }
      }
      vector[weights.length] = losses.reduce((a, b) => a + b) / rows.length;
      return { vector, losses };
    },
    // the step whose parts' vectors have this sum
    async applySum(sum, { parts, learningRate, apply }) {
      gradients = gradients.map((waiting, i) => waiting + sum[i] / parts);
      if (apply) {
        weights = weights.map((weight, i) => weight - learningRate * gradients[i]);
        gradients.fill(0);
      }
      return { loss: sum[weights.length] / parts };
    },
    // a step of one part
    async trainStep(batch, options) {
      const { vector, losses } = await trainer.contribution(batch, { ...options, parts: 1, firstRow: 0 });
      return { ...(await trainer.applySum(vector, { ...options, parts: 1 })), losses };
    },
    async evaluateStep(batch) {
      const sums = { lossSum: 0, top1: 0, top5: 0, rows: batch.labels.length };
      for (const { label, probabilities } of await predictRows(batch)) {
        const better = probabilities.filter((p) => p > probabilities[label]).length;
        sums.lossSum -= Math.log(probabilities[label] + 1e-12);
        sums.top1 += Number(better < 1);
        sums.top5 += Number(better < 5);
      }
      return sums;
    },
    async predict(batch) {
      const rows = await predictRows(batch);
      return Float32Array.from(rows.flatMap(({ image }) => logitsOf(image)));
    },
    state: async () => ({ weights: { linear: { shape: [classes, length], data: weights } }, optimizer: {} }),
    async load({ weights: { linear } }) {
      if (linear?.data.length !== weights.length)
        throw new TrainerError(
          'OTHER_WEIGHTS',
          `softmax-regression: expected linear, ${classes} x ${length}`,
        );
      weights = Float32Array.from(linear.data);
    },
    close: async () => {},
  };
  return trainer;
}

function softmax(logits) {
  const exponentials = logits.map((value) => Math.exp(value - Math.max(...logits)));
  const total = exponentials.reduce((a, b) => a + b);
  return exponentials.map((value) => value / total);
}
