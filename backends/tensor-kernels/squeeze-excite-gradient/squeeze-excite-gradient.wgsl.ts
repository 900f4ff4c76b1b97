import { matrixVector, matrixVectorDeclarations } from '../matrix-vector.wgsl.ts';

/** A workgroup for each sample. */
export const squeezeExciteGradientWgsl = (): string => /* wgsl */ `
${matrixVectorDeclarations}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let channels = workgroup.x * p.channels;
  let squeezed = workgroup.x * p.squeezed;
  for (var c = channels + local; c < channels + p.channels; c += 256u) {
    let factor = factors_at(c);
    exciteGradient_put(c, factorGradient_at(c) * factor * (1.0 - factor));
  }
  storageBarrier();
  ${throughExcitation}
  storageBarrier();
  ${throughSqueeze}
}
`;

const throughExcitation = matrixVector({
  results: 'p.squeezed',
  terms: 'p.channels',
  lanes: 16,
  neighbours: 'results',
  term: 'exciteWeight_at(k * p.squeezed + i) * exciteGradient_at(channels + k)',
  put: 'squeezeGradient_put(squeezed + i, sum * siluSlope1(hidden_at(squeezed + i)));',
});

const throughSqueeze = matrixVector({
  results: 'p.channels',
  terms: 'p.squeezed',
  lanes: 4,
  neighbours: 'results',
  term: 'squeezeWeight_at(k * p.channels + i) * squeezeGradient_at(squeezed + k)',
  put: 'meanGradient_put(channels + i, sum);',
});
