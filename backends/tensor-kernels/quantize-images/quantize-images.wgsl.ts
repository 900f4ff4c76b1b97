import { RECIPROCAL } from '../image-thresholds.ts';
import { LARGEST, LEAST } from '../integers.ts';

export const quantizeImagesWgsl = (): string => /* wgsl */ `
fn quantized(x: f32) -> f32 {
  let near = clamp(round(x * thresholds_at(${RECIPROCAL}u)), ${LEAST}.0, ${LARGEST}.0);
  let place = u32(near - ${LEAST}.0);
  if (x < thresholds_at(place)) { return near - 1.0; }
  return select(near, min(near + 1.0, ${LARGEST}.0), x >= thresholds_at(place + 1u));
}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = linearIndex(workgroup, local);
  if (i >= p.size4) { return; }
  out_put(i, vec4f(quantized(images_at(4u * i)), quantized(images_at(4u * i + 1u)),
    quantized(images_at(4u * i + 2u)), quantized(images_at(4u * i + 3u))));
}
`;
