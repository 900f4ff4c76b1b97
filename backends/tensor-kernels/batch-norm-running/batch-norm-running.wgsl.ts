import { putNormalizationText } from '../batch-norm.wgsl.ts';

export const batchNormRunningWgsl = (): string => /* wgsl */ `
${putNormalizationText}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = linearIndex(workgroup, local);
  if (c < p.c4) { putNormalization(c, runningMean_at(c), runningVariance_at(c)); }
}
`;
