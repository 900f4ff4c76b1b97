import { create } from 'webgpu';

/** A GPU, or a driver that runs on the CPU, that WebGPU offers on this machine. */
export interface AdapterDescription {
  readonly name: string;
  readonly vendor: string;
  /** True for a driver that computes on the CPU (lavapipe, SwiftShader): correct, but slower than the cpu backend. */
  readonly isSoftware: boolean;
  readonly hasFloat16: boolean;
}

// Dawn crashes when its instance is collected while an adapter lives: kept for the life of the process.
let instance: GPU | undefined;

/** The adapter that the gpu backend would use; undefined where there is none. */
export async function findAdapter(): Promise<AdapterDescription | undefined> {
  instance ??= create([]);
  const adapter = await instance.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return undefined;
  const { vendor, device, description, architecture, isFallbackAdapter } = adapter.info;
  return {
    name: description || device || architecture,
    vendor,
    isSoftware: isFallbackAdapter || architecture === 'software',
    hasFloat16: adapter.features.has('shader-f16'),
  };
}
