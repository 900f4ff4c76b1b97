/** `noiseIndices` of noise-indices.ts: the indices for R, G and B of a pixel. */
export const noiseIndicesSource = /* wgsl */ `
fn noiseIndices(key0: u32, key1: u32, pixel: u32) -> vec3u {
  var c = vec4u(pixel, 0u, 0u, 0u);
  var k = vec2u(key0, key1);
  for (var round = 0u; round < 10u; round++) {
    let product0 = wideProduct(0xd2511f53u, c.x);
    let product1 = wideProduct(0xcd9e8d57u, c.z);
    c = vec4u(product1.y ^ c.y ^ k.x, product1.x, product0.y ^ c.w ^ k.y, product0.x);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return vec3u(c.x & 0xffffu, c.x >> 16u, c.y & 0xffffu);
}
`;
