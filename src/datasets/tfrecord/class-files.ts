import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError } from '../../core/errors.ts';

/**
 * Names of the classes by the files that TensorFlow Datasets writes beside the records: `label.labels.txt`, a name a
 * line; or their numbers, where features.json says how many there are. Undefined where there is neither.
 */
export function classesBeside(records: string, labelFeature: string): string[] | undefined {
  const folder = dirname(records);
  const named = join(folder, `${labelFeature.replaceAll('/', '-')}.labels.txt`);
  if (existsSync(named)) return readFileSync(named, 'utf8').trimEnd().split(/\r?\n/);
  const features = join(folder, 'features.json');
  if (!existsSync(features)) return undefined;
  const count = Number(labelIn(features, labelFeature)?.numClasses ?? 0);
  // a count that is none must not fill the memory
  if (!(count > 0 && count <= 1 << 22)) return undefined;
  return Array.from({ length: count }, (_, label) => String(label));
}

/** What a file of TensorFlow Datasets says of a label. */
interface LabelDescription {
  readonly numClasses?: string;
}

interface FeatureDescriptions {
  readonly featuresDict?: { readonly features?: Record<string, { classLabel?: LabelDescription }> };
}

function labelIn(path: string, feature: string): LabelDescription | undefined {
  try {
    const description: FeatureDescriptions = JSON.parse(readFileSync(path, 'utf8'));
    return description?.featuresDict?.features?.[feature]?.classLabel;
  } catch (cause) {
    throw new DataError('DAMAGED_FILE', `${path}: is not JSON: ${cause}`, { cause });
  }
}
