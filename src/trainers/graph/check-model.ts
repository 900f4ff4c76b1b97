import { TrainerError } from '../../core/errors.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';

/** Kernels compute channels in groups of 4. */
const GROUP = 4;

/** Throws where the model is no EfficientNet, or has channels that kernels cannot compute. */
export function checkModel(model: EfficientNet): void {
  if (!Array.isArray(model?.blocks))
    throw new TrainerError('UNSUPPORTED_MODEL', 'graph: expected a model made by efficientNet');
  const units = model.blocks.flatMap(({ expand, depthwise, project }) => [expand, depthwise, project]);
  for (const unit of [model.stem, ...units, model.features]) {
    if (unit === undefined || unit.outChannels % GROUP === 0) continue;
    const message = `graph: ${unit.name}: channels must be a multiple of ${GROUP}, got ${unit.outChannels}`;
    throw new TrainerError('UNSUPPORTED_MODEL', message);
  }
}
