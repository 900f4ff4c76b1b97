import { channelVectors } from './lazy.ts';

/** WGSL of batch-norm.ts: functions that the kernels' texts call. */

const place = (vector: keyof typeof channelVectors): string => `${channelVectors[vector]}u * p.c4 + c`;

export const putNormalizationText = /* wgsl */ `
fn putNormalization(c: u32, mean: vec4f, variance: vec4f) {
  let deviation = 1.0 / sqrt(variance + p.epsilon);
  let slope = scale_at(c) * deviation;
  vectors_put(${place('scale')}, slope);
  vectors_put(${place('shift')}, shift_at(c) - slope * mean);
  vectors_put(${place('mean')}, mean);
  vectors_put(${place('deviation')}, deviation);
}
`;

export const putGradientsText = /* wgsl */ `
fn putGradients(c: u32, sum: vec4f, sumOfProducts: vec4f) {
  let deviation = vectors_at(${place('deviation')});
  let slope = scale_at(c) * deviation;
  let bend = -slope * deviation * sumOfProducts / f32(p.rows);
  vectors_put(${place('slope')}, slope);
  vectors_put(${place('bend')}, bend);
  vectors_put(${place('offset')}, -slope * sum / f32(p.rows) - bend * vectors_at(${place('mean')}));
  scaleGradient_put(c, scaleGradient_at(c) + sumOfProducts);
  shiftGradient_put(c, shiftGradient_at(c) + sum);
}
`;
