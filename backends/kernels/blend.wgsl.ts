/** `blend` of blend.ts by a table in `resident` (blend-table.ts). */
export const blendSource = /* wgsl */ `
fn blend(table: u32, first: u32, second: u32) -> u32 {
  let word = resident[table + 255u + second - first];
  let upper = i32(first + (word & 0xffffu)) - 511;
  let isRoundedUp = upper >= i32(word >> 16u);
  return u32(clamp(select(upper - 1, upper, isRoundedUp), 0, 255));
}

fn blendChannels(table: u32, first: vec3u, second: vec3u) -> vec3u {
  return vec3u(
    blend(table, first.x, second.x),
    blend(table, first.y, second.y),
    blend(table, first.z, second.z),
  );
}
`;
