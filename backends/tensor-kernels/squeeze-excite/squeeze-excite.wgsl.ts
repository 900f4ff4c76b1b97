import { matrixVector, matrixVectorDeclarations } from '../matrix-vector.wgsl.ts';

/** A workgroup for each sample. */
export const squeezeExciteWgsl = (): string => /* wgsl */ `
${matrixVectorDeclarations}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let channels = workgroup.x * p.channels;
  let squeezed = workgroup.x * p.squeezed;
  ${squeeze}
  storageBarrier();
  ${excite}
}
`;

const squeeze = matrixVector({
  results: 'p.squeezed',
  terms: 'p.channels',
  lanes: 16,
  neighbours: 'terms',
  term: 'squeezeWeight_at(i * p.channels + k) * mean_at(channels + k)',
  put: 'hidden_put(squeezed + i, squeezeBias_at(i) + sum);',
});

// few lanes: nets squeeze to as few as 4 values, and a sum of lanes costs as much as several terms
const excite = matrixVector({
  results: 'p.channels',
  terms: 'p.squeezed',
  lanes: 4,
  neighbours: 'terms',
  term: 'exciteWeight_at(i * p.squeezed + k) * silu1(hidden_at(squeezed + k))',
  put: 'factors_put(channels + i, sigmoid1(exciteBias_at(i) + sum));',
});
