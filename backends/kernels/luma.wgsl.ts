/** `luma` of luma.ts. */
export const lumaSource = /* wgsl */ `
fn luma(channels: vec3u) -> u32 {
  return (19595u * channels.x + 38470u * channels.y + 7471u * channels.z + 32768u) >> 16u;
}
`;
