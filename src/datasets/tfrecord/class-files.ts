import { DataError } from '../../core/errors.ts';
import type { FoundText, Listing } from '../opening/listing.ts';
import type { SourcePath } from '../opening/source-path.ts';

/**
 * Names of the classes by the files that TensorFlow Datasets writes beside the records: `label.labels.txt`, a name a
 * line; or their numbers, where features.json says how many there are. Undefined where there is neither.
 */
export async function classesBeside(
  listing: Listing,
  records: SourcePath,
  labelFeature: string,
): Promise<string[] | undefined> {
  const names = [`${labelFeature.replaceAll('/', '-')}.labels.txt`, 'features.json'];
  const [named, features] = await Promise.all(names.map((name) => listing.textBeside(records, name)));
  if (named !== undefined) return named.text.trimEnd().split(/\r?\n/);
  if (features === undefined) return undefined;
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

function labelIn({ path, text }: FoundText, feature: string): LabelDescription | undefined {
  try {
    const description: FeatureDescriptions = JSON.parse(text);
    return description?.featuresDict?.features?.[feature]?.classLabel;
  } catch (cause) {
    throw new DataError('DAMAGED_FILE', `${path}: is not JSON: ${cause}`, { cause });
  }
}
