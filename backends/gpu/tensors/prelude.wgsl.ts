import type { Tier } from '../../tensor-kernels/kernel-form.ts';

/** What every shader of a tensor kernel may use, by tier. */
export const prelude = (tier: Tier): string => `${tier === 'half' ? halfPrelude : singlePrelude}
fn packed(v: vec4f) -> vec2u { return vec2u(pack2x16float(v.xy), pack2x16float(v.zw)); }
fn unpacked(halves: vec2u) -> vec4f { return vec4f(unpack2x16float(halves.x), unpack2x16float(halves.y)); }
fn rounded(v: vec4f) -> vec4f { return ${{ float32: 'v', packed: 'unpacked(packed(v))', half: 'vec4f(vec4<f16>(v))' }[tier]}; }
fn Factor4(v: vec4f) -> vec4<Factor> { return ${tier === 'half' ? 'vec4<f16>(v)' : 'rounded(v)'}; }
fn sigmoid(x: vec4f) -> vec4f { return 1.0 / (1.0 + exp(-clamp(x, vec4f(-80.0), vec4f(80.0)))); }
fn sigmoid1(x: f32) -> f32 { return 1.0 / (1.0 + exp(-clamp(x, -80.0, 80.0))); }
fn silu(x: vec4f) -> vec4f { return x * sigmoid(x); }
fn silu1(x: f32) -> f32 { return x * sigmoid1(x); }
fn siluSlope(x: vec4f) -> vec4f { let s = sigmoid(x); return s * (1.0 + x * (1.0 - s)); }
fn siluSlope1(x: f32) -> f32 { let s = sigmoid1(x); return s * (1.0 + x * (1.0 - s)); }
fn linearIndex(workgroup: vec3u, local: u32) -> u32 { return (workgroup.y * 65535u + workgroup.x) * 256u + local; }
`;

const halfPrelude = 'alias Factor = f16;';
const singlePrelude = 'alias Factor = f32;';
