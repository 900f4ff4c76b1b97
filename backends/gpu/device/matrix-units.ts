import {
  fitsTile,
  type MatrixShape,
  MOST_INVOCATIONS,
  QUARTERS,
} from '../../tensor-kernels/matrix/matrix-shape.ts';
import { type Capabilities, matrixFeatures } from './capabilities.ts';

/**
 * The forms of an adapter's matrix units that products of float16 can use, the best first: those that sum in float32,
 * then the largest. None where there are no such units.
 */
export function usableMatrices(capabilities: Capabilities): MatrixShape[] {
  const { features, limits, subgroupSizes, matrixConfigurations, languageFeatures } = capabilities;
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = limits;
  const most = Math.min(MOST_INVOCATIONS, maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX);
  const isOffered =
    matrixFeatures.every((name) => features.includes(name)) && languageFeatures.includes('subgroup_id');
  if (!isOffered || !(QUARTERS * subgroupSizes.largest <= most)) return [];
  const shapes = matrixConfigurations.flatMap(({ m, n, k, component, result }) =>
    component === 'f16' && (result === 'f32' || result === 'f16') ? [{ m, n, k, result }] : [],
  ) satisfies MatrixShape[];
  return shapes.filter(fitsTile).sort((a, b) => rank(b) - rank(a));
}

/** No form that sums in float16 is above one that sums in float32. */
const rank = ({ m, n, k, result }: MatrixShape): number => m * n * k + (result === 'f32' ? 2 ** 20 : 0);
