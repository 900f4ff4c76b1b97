import { create } from 'webgpu';

/*
 * Dawn keeps its flags in a map: a second `enable-dawn-features` would replace the first, so each list is one flag.
 */
const toggles = [
  // without the first, no adapter offers subgroup matrices; without the second, NVIDIA's hides float16 on Vulkan
  `enable-dawn-features=${['allow_unsafe_apis', 'vulkan_enable_f16_on_nvidia'].join()}`,
  // otherwise timestamps are multiples of 65 microseconds, which protects the visitors of web pages
  'disable-dawn-features=timestamp_quantization',
];

// Dawn crashes when an instance is collected while an adapter of it lives: kept for the life of the process.
const instances = new Map<string, GPU>();

/** WebGPU with the toggles that all devices of millrace have, and with flags that choose an adapter. */
export function instanceFor(flags: readonly string[]): GPU {
  const key = flags.join();
  const instance = instances.get(key) ?? create([...toggles, ...flags]);
  instances.set(key, instance);
  return instance;
}
