import { LARGEST, LEAST, LIMIT } from '../../tensor-kernels/integers.ts';
import { conversionText } from './conversion.wgsl.ts';
import type { DeviceForm } from './device-form.ts';

/** Functions for every shader of a tensor kernel. */
export const prelude = (form: DeviceForm): string => `${tierTexts[form.tier]}${conversionText(form)}
fn sigmoid(x: vec4f) -> vec4f { return 1.0 / (1.0 + exp(-clamp(x, vec4f(-80.0), vec4f(80.0)))); }
fn sigmoid1(x: f32) -> f32 { return 1.0 / (1.0 + exp(-clamp(x, -80.0, 80.0))); }
fn silu(x: vec4f) -> vec4f { return x * sigmoid(x); }
fn silu1(x: f32) -> f32 { return x * sigmoid1(x); }
fn siluSlope(x: vec4f) -> vec4f { let s = sigmoid(x); return s * (1.0 + x * (1.0 - s)); }
fn siluSlope1(x: f32) -> f32 { let s = sigmoid1(x); return s * (1.0 + x * (1.0 - s)); }
fn sigmoidSlope(y: vec4f) -> vec4f { return y * (1.0 - y); }
fn quantize(x: vec4f, range: vec4f) -> vec4f {
  return clamp(round(x * range.y), vec4f(-range.z), vec4f(range.z)) * range.x;
}
fn withinRange(x: vec4f, range: vec4f) -> vec4f {
  return select(vec4f(), vec4f(1.0), abs(x * range.y) < vec4f(range.w));
}
fn requantize(sum: vec4f, bias: vec4f, multiplier: vec4f, shift: vec4f) -> vec4f {
  let held = clamp((sum + bias) * multiplier, vec4f(-${LIMIT}.0), vec4f(${LIMIT}.0));
  return clamp(round(held + shift) - shift, vec4f(${LEAST}.0), vec4f(${LARGEST}.0));
}
fn placesOf(x: vec4f) -> vec4u { return vec4u(x - ${LEAST}.0); }
fn linearIndex(workgroup: vec3u, local: u32) -> u32 { return (workgroup.y * 65535u + workgroup.x) * 256u + local; }
`;

const tierTexts = {
  float32: /* wgsl */ `alias Factor = f32;
fn rounded(v: vec4f) -> vec4f { return v; }
fn Factor4(v: vec4f) -> vec4<Factor> { return v; }`,
  packed: /* wgsl */ `alias Factor = f32;
fn rounded(v: vec4f) -> vec4f { return unpacked(packed(v)); }
fn Factor4(v: vec4f) -> vec4<Factor> { return rounded(v); }`,
  half: /* wgsl */ `alias Factor = f16;
fn rounded(v: vec4f) -> vec4f { return fromHalves(toHalves(v)); }
fn Factor4(v: vec4f) -> vec4<Factor> { return toHalves(v); }`,
} as const;
