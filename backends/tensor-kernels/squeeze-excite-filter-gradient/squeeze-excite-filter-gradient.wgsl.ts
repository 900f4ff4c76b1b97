/** A workgroup for 16 channels and 16 squeezed values; it loads 16 samples of both at a time. */
export const squeezeExciteFilterGradientWgsl = (): string => /* wgsl */ `
// [sample, channel] and [sample, squeezed value]
var<workgroup> exciteTile: array<f32, 256>;
var<workgroup> meanTile: array<f32, 256>;
var<workgroup> squeezeTile: array<f32, 256>;
var<workgroup> activatedTile: array<f32, 256>;

fn loadChannel(local: u32, n: u32, c: u32) {
  let isInside = n < p.samples && c < p.channels;
  exciteTile[local] = 0.0;
  meanTile[local] = 0.0;
  if (isInside) {
    exciteTile[local] = exciteGradient_at(n * p.channels + c);
    meanTile[local] = mean_at(n * p.channels + c);
  }
}

fn loadSqueezed(local: u32, n: u32, q: u32) {
  let isInside = n < p.samples && q < p.squeezed;
  squeezeTile[local] = 0.0;
  activatedTile[local] = 0.0;
  if (isInside) {
    squeezeTile[local] = squeezeGradient_at(n * p.squeezed + q);
    activatedTile[local] = silu1(hidden_at(n * p.squeezed + q));
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let column = local % 16u;
  let row = local / 16u;
  let c = workgroup.x * 16u + column;
  let q = workgroup.y * 16u + row;
  var squeezeWeight = 0.0; var squeezeBias = 0.0; var exciteWeight = 0.0; var exciteBias = 0.0;
  for (var first = 0u; first < p.samples; first += 16u) {
    loadChannel(local, first + row, c);
    loadSqueezed(local, first + row, workgroup.y * 16u + column);
    workgroupBarrier();
    for (var n = 0u; n < min(16u, p.samples - first); n++) {
      let excite = exciteTile[16u * n + column];
      let squeeze = squeezeTile[16u * n + row];
      squeezeWeight += squeeze * meanTile[16u * n + column];
      exciteWeight += excite * activatedTile[16u * n + row];
      squeezeBias += squeeze;
      exciteBias += excite;
    }
    workgroupBarrier();
  }
  if (c >= p.channels || q >= p.squeezed) { return; }
  let s = q * p.channels + c;
  let e = c * p.squeezed + q;
  squeezeWeightGradient_put(s, squeezeWeightGradient_at(s) + squeezeWeight);
  exciteWeightGradient_put(e, exciteWeightGradient_at(e) + exciteWeight);
  if (c == 0u) { squeezeBiasGradient_put(q, squeezeBiasGradient_at(q) + squeezeBias); }
  if (q == 0u) { exciteBiasGradient_put(c, exciteBiasGradient_at(c) + exciteBias); }
}
`;
