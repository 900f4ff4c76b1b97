import type { MatrixForm, Tier } from '../../tensor-kernels/kernel-form.ts';
import type { Capabilities } from '../device/capabilities.ts';
import { usableMatrices } from '../device/matrix-units.ts';

/** What a device's shaders are written for, beside the kernels themselves. */
export interface DeviceForm {
  readonly tier: Tier;
  /** The matrix units to use, in tier `half`. */
  readonly matrix?: MatrixForm;
  /** How float16 is written and read. Default: by the device's own conversion. */
  readonly conversion?: Conversion;
}

/** `integers` is slower and right on every device: nearest, ties to even, and infinity beyond 65,504. */
export type Conversion = 'device' | 'integers';

/** The forms that an adapter's features allow, the best first. */
export function formsOf(capabilities: Capabilities, isMixed: boolean): DeviceForm[] {
  if (!isMixed) return [{ tier: 'float32' }];
  if (!capabilities.features.includes('shader-f16')) return [{ tier: 'packed' }];
  const subgroupSize = capabilities.subgroupSizes.largest;
  const matrices = usableMatrices(capabilities).map((config) => ({ config, subgroupSize }));
  return [
    ...matrices.map((matrix): DeviceForm => ({ tier: 'half', matrix })),
    { tier: 'half' },
    { tier: 'packed' },
  ];
}

/** Such as `matrix units of 16 x 16 x 16 -> f32`, or `packed with float16 by integers`. */
export function nameOfForm({ tier, matrix, conversion }: DeviceForm): string {
  const name = matrix === undefined ? tier : `matrix units of ${nameOfMatrix(matrix)}`;
  return conversion === 'integers' ? `${name} with float16 by integers` : name;
}

const nameOfMatrix = ({ config: { m, n, k, result } }: MatrixForm): string =>
  `${m} x ${n} x ${k} -> ${result}`;
