import {
  type Capabilities,
  type MatrixConfiguration,
  optionalFeatures,
} from '../../backends/gpu/device/capabilities.ts';
import { usableMatrices } from '../../backends/gpu/device/matrix-units.ts';
import { mebibytes } from '../core/mebibytes.ts';

/** What an adapter can do for training, as lines. */
export const describeCapabilities = (capabilities: Capabilities): string[] => [
  `mixed precision: ${arithmetic(capabilities)}; ${matrixUnits(capabilities)}`,
  `features: ${features(capabilities)}`,
  ...matrices(capabilities),
  `limits: ${limits(capabilities)}`,
];

const arithmetic = ({ features }: Capabilities): string =>
  features.includes('shader-f16')
    ? 'float16 arithmetic'
    : 'no float16 arithmetic (stored as float16, computed in float32)';

function matrixUnits(capabilities: Capabilities): string {
  const [best] = usableMatrices(capabilities);
  return best === undefined
    ? 'no matrix units for float16'
    : `matrix units ${describeMatrix({ ...best, component: 'f16' })}`;
}

function features({ features, subgroupSizes: { smallest, largest } }: Capabilities): string {
  const has = (name: string): boolean => features.includes(name);
  const sizes = smallest === largest ? `${largest}` : `${smallest} to ${largest}`;
  const names = optionalFeatures
    .filter(has)
    .map((name) => (name === 'subgroups' ? `${name} of ${sizes}` : name));
  const lacking = optionalFeatures.filter((name) => !has(name));
  return [names.join(', ') || 'none', ...(lacking.length > 0 ? [`without ${lacking.join(', ')}`] : [])].join(
    '; ',
  );
}

const matrices = ({ matrixConfigurations }: Capabilities): string[] =>
  matrixConfigurations.length === 0
    ? []
    : [`matrix configurations: ${matrixConfigurations.map(describeMatrix).join(', ')}`];

/** `f16 16 x 16 x 16 -> f32`. */
const describeMatrix = ({ m, n, k, component, result }: MatrixConfiguration): string =>
  `${component} ${m} x ${n} x ${k} -> ${result}`;

const limits = ({ limits }: Capabilities): string =>
  Object.entries(limits)
    .map(([name, value]) => `${name} ${value < 2 ** 20 ? value : mebibytes(value)}`)
    .join(', ');
