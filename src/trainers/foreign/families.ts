import { DataError } from '../../core/errors.ts';
import type { TensorMap } from '../../core/trainer.ts';
import { efficientnetPytorch } from './efficientnet-pytorch.ts';
import type { Naming } from './naming.ts';
import { nvidia, nvidiaReleases } from './nvidia.ts';
import { timm } from './timm.ts';
import { torchvision } from './torchvision.ts';

const namings: readonly Naming[] = [nvidia, nvidiaReleases, timm, torchvision, efficientnetPytorch];

/** The naming that these tensors follow, as a sign tensor tells; undefined where it is none that is known. */
export const namingOf = (weights: TensorMap): Naming | undefined =>
  namings.find(({ sign }) => Object.hasOwn(weights, sign));

export function unknownWeights(path: string, weights: TensorMap): DataError {
  const names = Object.keys(weights);
  const first = names.length === 0 ? 'there are none' : names.slice(0, 5).join(', ');
  const more = names.length > 5 ? `, and ${names.length - 5} more` : '';
  const known = [...new Set(namings.map(({ family }) => family))].join(', ');
  const reason = `its tensors have the names of no EfficientNet that is known (those of ${known}): ${first}${more}`;
  return new DataError('UNKNOWN_WEIGHTS', `${path}: ${reason}`);
}
