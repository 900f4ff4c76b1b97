/** `positionAt` of coordinates.ts: 32.32 fixed point as (high, low word), since WGSL has no 64-bit integers. */
export const coordinatesSource = /* wgsl */ `
// c0 x + c1 y + c2, of three coefficients that begin at \`at\`.
fn sourceCoordinate(at: u32, x: u32, y: u32) -> vec2u {
  return add64(add64(multiply64(coefficient(at), x), multiply64(coefficient(at + 2u), y)), coefficient(at + 4u));
}

fn coefficient(at: u32) -> vec2u { return vec2u(program[at], program[at + 1u]); }

fn add64(a: vec2u, b: vec2u) -> vec2u {
  let low = a.y + b.y;
  return vec2u(a.x + b.x + u32(low < a.y), low);
}

// By a factor of 16 bits, so that its products with half a word fit a word.
fn multiply64(a: vec2u, factor: u32) -> vec2u {
  let upper = (a.y >> 16u) * factor;
  return add64(vec2u(a.x * factor + (upper >> 16u), upper << 16u), vec2u(0u, (a.y & 0xffffu) * factor));
}
`;
