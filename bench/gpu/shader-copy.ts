import type { Gpu } from '../../backends/gpu/device/device.ts';

export type Encode = (encoder: GPUCommandEncoder) => void;

const THREADS = 256;
const copyShader = /* wgsl */ `
@group(0) @binding(0) var<storage, read> source: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> copy: array<vec4u>;
@compute @workgroup_size(${THREADS})
fn copyWords(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * ${THREADS}u + id.x;
  if (i < arrayLength(&source)) { copy[i] = source[i]; }
}
`;

/** Copies a buffer by a shader, 16 bytes a thread. */
export async function shaderCopy({ device }: Gpu, from: GPUBuffer, to: GPUBuffer): Promise<Encode> {
  const module = device.createShaderModule({ code: copyShader });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const entries = [from, to].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const buffers = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const groups = Math.ceil(from.size / 16 / THREADS);
  const rows = Math.ceil(groups / 65_535);
  return (encoder) => {
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, buffers);
    pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
    pass.end();
  };
}
