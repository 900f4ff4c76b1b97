/** What all shaders share: the buffers and the helpers that a kernel's WGSL may use (kernels/shader.ts). */
export const prelude = /* wgsl */ `
// Uploaded images: u8 RGB, packed.
@group(0) @binding(0) var<storage, read> uploaded: array<u32>;
// Images in the making, one u32 a pixel, and tables made on the device.
@group(0) @binding(1) var<storage, read_write> pixels: array<u32>;
// The batch's steps, their arguments, and tables that go up with each batch.
@group(0) @binding(2) var<storage, read> program: array<u32>;
// Tables that stay on the device.
@group(0) @binding(3) var<storage, read> resident: array<u32>;

// An image in \`pixels\`: \`at\` is the index of its first pixel, \`table\` that of 256 words for what is measured on it.
struct Image { at: u32, width: u32, height: u32, table: u32 }

fn pixelAt(image: Image, x: u32, y: u32) -> u32 { return pixels[image.at + y * image.width + x]; }

// A pixel's channels, red first, and back.
fn channelsOf(pixel: u32) -> vec3u { return vec3u(pixel, pixel >> 8u, pixel >> 16u) & vec3u(255u); }
fn packed(channels: vec3u) -> u32 { return channels.x | (channels.y << 8u) | (channels.z << 16u); }

// A pixel through a table of 256 words, each of which holds the results for all three channels, packed.
fn throughProgramTable(table: u32, pixel: u32) -> u32 {
  let v = channelsOf(pixel);
  return (program[table + v.x] & 0xffu) | (program[table + v.y] & 0xff00u) | (program[table + v.z] & 0xff0000u);
}
`;
