import type { Conversion, DeviceForm } from './device-form.ts';

/** Functions that convert between float32 and float16: packed in words, and in tier `half` as f16. */
export const conversionText = ({ tier, conversion = 'device' }: DeviceForm): string =>
  packedTexts[conversion] + (tier === 'half' ? halfTexts[conversion] : '');

/**
 * WGSL leaves open how these round, whether subnormals become zero, and what becomes of numbers beyond 65,504. A device that
 * keeps those finite would hide an overflow from the check of the gradients.
 */
const byDevice = /* wgsl */ `
fn packed(v: vec4f) -> vec2u { return vec2u(pack2x16float(v.xy), pack2x16float(v.zw)); }
fn unpacked(halves: vec2u) -> vec4f { return vec4f(unpack2x16float(halves.x), unpack2x16float(halves.y)); }
`;

const byIntegers = /* wgsl */ `
// no number becomes infinity: it stays as bad as it was
fn halfBits(v: vec4f) -> vec4u {
  let bits = bitcast<vec4u>(v);
  let magnitude = bits & vec4u(0x7fffffffu);
  let exponent = magnitude >> vec4u(23u);
  let normal = (magnitude - vec4u(0x38000000u) + vec4u(0xfffu) + ((magnitude >> vec4u(13u)) & vec4u(1u))) >> vec4u(13u);
  // in units of 2^-24
  let shift = min(vec4u(126u) - min(exponent, vec4u(112u)), vec4u(31u));
  let significand = (magnitude & vec4u(0x7fffffu)) | vec4u(0x800000u);
  let odd = (significand >> shift) & vec4u(1u);
  let subnormal = (significand + (vec4u(1u) << (shift - vec4u(1u))) - vec4u(1u) + odd) >> shift;
  let finite = select(normal, subnormal, magnitude < vec4u(0x38800000u));
  // from 65,520 on
  let rounded = select(finite, vec4u(0x7c00u), magnitude >= vec4u(0x477ff000u));
  return rounded | ((bits >> vec4u(16u)) & vec4u(0x8000u));
}
fn packed(v: vec4f) -> vec2u {
  let bits = halfBits(v);
  return bits.xz | (bits.yw << vec2u(16u));
}
fn unpacked(halves: vec2u) -> vec4f {
  let bits = vec4u(halves.x, halves.x >> 16u, halves.y, halves.y >> 16u) & vec4u(0xffffu);
  let magnitude = bits & vec4u(0x7fffu);
  let normal = (magnitude << vec4u(13u)) + vec4u(0x38000000u);
  let subnormal = bitcast<vec4u>(vec4f(magnitude) * ${2 ** -24});
  let infinite = (magnitude << vec4u(13u)) | vec4u(0x7f800000u);
  let finite = select(normal, subnormal, magnitude < vec4u(0x400u));
  let value = select(finite, infinite, magnitude >= vec4u(0x7c00u));
  return bitcast<vec4f>(value | ((bits & vec4u(0x8000u)) << vec4u(16u)));
}
`;

const packedTexts: Readonly<Record<Conversion, string>> = { device: byDevice, integers: byIntegers };

const halfTexts: Readonly<Record<Conversion, string>> = {
  device: /* wgsl */ `
fn toHalves(v: vec4f) -> vec4<f16> { return vec4<f16>(v); }
fn fromHalves(v: vec4<f16>) -> vec4f { return vec4f(v); }
`,
  integers: /* wgsl */ `
fn toHalves(v: vec4f) -> vec4<f16> { return bitcast<vec4<f16>>(packed(v)); }
fn fromHalves(v: vec4<f16>) -> vec4f { return unpacked(bitcast<vec2u>(v)); }
`,
};
