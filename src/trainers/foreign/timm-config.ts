import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Assumed, ofPytorch, ofTensorFlow } from './naming.ts';

const imageNetMean = [0.485, 0.456, 0.406];

/** What timm's model in this file computes with, as the config.json beside it tells, if there is one. */
export function assumedOfTimm(path: string): Assumed {
  const { architecture, pretrained_cfg: trained } = readJson(join(dirname(path), 'config.json'));
  const isOfTensorFlow = typeof architecture === 'string' && architecture.startsWith('tf_');
  const { mean } = Object(trained) as { readonly mean?: unknown };
  const isOther = Array.isArray(mean) && mean.join() !== imageNetMean.join();
  return {
    ...(isOfTensorFlow ? ofTensorFlow : ofPytorch),
    note: isOther
      ? `${path}: was trained on images of mean ${mean.join(', ')}, as config.json says; here they have ImageNet's, ${imageNetMean.join(', ')}`
      : undefined,
  };
}

/** A file that is not there, or not JSON, says nothing. */
function readJson(path: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}
