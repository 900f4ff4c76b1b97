/** A product of matrices that an adapter's matrix units compute: m x k times k x n. */
export interface MatrixConfiguration {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** What is multiplied: f16, f32, i8 or u8. */
  readonly component: string;
  /** What is summed. */
  readonly result: string;
}

/** What a shader that uses matrix units needs. */
export const matrixFeatures = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'] as const;

/** What a device is given, where its adapter has it. */
export const optionalFeatures = [...matrixFeatures, 'timestamp-query'] as const;

/** Limits that WebGPU gives more of than its minimum only where they are asked for. */
const raisedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxImmediateSize',
] as const;

export type LimitName = (typeof raisedLimits)[number];
export type Limits = Readonly<Record<LimitName, number>>;

/** What an adapter can compute. */
export interface Capabilities {
  /** In order of their names. */
  readonly features: readonly string[];
  readonly limits: Limits;
  /** 0 where the adapter does not say. */
  readonly subgroupSizes: { readonly smallest: number; readonly largest: number };
  /** None where there are no matrix units, or where the driver does not offer them. */
  readonly matrixConfigurations: readonly MatrixConfiguration[];
  /** Of WGSL, such as `immediate_address_space`, in order of their names. */
  readonly languageFeatures: readonly string[];
}

export function capabilitiesOf(adapter: GPUAdapter, instance: GPU): Capabilities {
  const { info, features } = adapter;
  const { subgroupMinSize: smallest = 0, subgroupMaxSize: largest = 0 } = info;
  return {
    features: [...features].sort(),
    limits: limitsOf(adapter),
    subgroupSizes: { smallest, largest },
    matrixConfigurations: ((info as ExperimentalInfo).subgroupMatrixConfigs ?? []).map(toConfiguration),
    languageFeatures: [...instance.wgslLanguageFeatures].sort(),
  };
}

/** Dawn's, which no standard describes yet. */
interface ExperimentalInfo {
  readonly subgroupMatrixConfigs?: readonly ExperimentalConfiguration[];
}

interface ExperimentalConfiguration {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

const toConfiguration = (config: ExperimentalConfiguration): MatrixConfiguration => ({
  ...{ m: config.M, n: config.N, k: config.K },
  ...{ component: config.componentType, result: config.resultComponentType },
});

const limitsOf = ({ limits }: GPUAdapter): Limits =>
  Object.fromEntries(raisedLimits.map((name) => [name, limits[name]])) as Record<LimitName, number>;

/** What to ask an adapter for: everything of use that it has. */
export const deviceDescriptor = (adapter: GPUAdapter): GPUDeviceDescriptor => ({
  requiredFeatures: optionalFeatures.filter((name) => adapter.features.has(name)) as GPUFeatureName[],
  requiredLimits: limitsOf(adapter),
});
