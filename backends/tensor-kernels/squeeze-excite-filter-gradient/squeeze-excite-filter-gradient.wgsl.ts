/**
 * A thread for a pair of a channel and a squeezed value; a workgroup is 32 channels by 8. Tiles in workgroup memory took three
 * times as long on lavapipe: the loads of neighbours are the same, or side by side.
 */
export const squeezeExciteFilterGradientWgsl = (): string => /* wgsl */ `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let c = workgroup.x * 32u + local % 32u;
  let q = workgroup.y * 8u + local / 32u;
  if (c >= p.channels || q >= p.squeezed) { return; }
  var squeezeWeight = 0.0; var squeezeBias = 0.0; var exciteWeight = 0.0; var exciteBias = 0.0;
  for (var n = 0u; n < p.samples; n++) {
    let squeeze = squeezeGradient_at(n * p.squeezed + q);
    let excite = exciteGradient_at(n * p.channels + c);
    squeezeWeight += squeeze * mean_at(n * p.channels + c);
    exciteWeight += excite * silu1(hidden_at(n * p.squeezed + q));
    squeezeBias += squeeze;
    exciteBias += excite;
  }
  let s = q * p.channels + c;
  let e = c * p.squeezed + q;
  squeezeWeightGradient_put(s, squeezeWeightGradient_at(s) + squeezeWeight);
  exciteWeightGradient_put(e, exciteWeightGradient_at(e) + exciteWeight);
  if (c == 0u) { squeezeBiasGradient_put(q, squeezeBiasGradient_at(q) + squeezeBias); }
  if (q == 0u) { exciteBiasGradient_put(c, exciteBiasGradient_at(c) + exciteBias); }
}
`;
