import { DataError } from '../../core/errors.ts';
import { namelessClass, numberedClasses } from '../class-names.ts';
import { NumberColumn } from '../columns/number-column.ts';
import { numberedKey } from '../columns/numbered-keys.ts';
import { RunColumn } from '../columns/run-column.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { type FilePath, pathInWords } from '../opening/file-path.ts';
import { noSplit, type Split } from '../opening/split.ts';
import { type RawLocator, rawReader } from '../raw/raw-reader.ts';
import {
  type CifarFormat,
  cifar100,
  cifarDivision,
  IMAGE_BYTES,
  recordBytes,
  splitOf,
} from './cifar-files.ts';
import { type CifarSource, cifarSource, type OpenCifarFile, sourceFormat } from './cifar-source.ts';

export interface CifarOptions {
  /** For a folder: 'train' takes `data_batch_1.bin` and so on, 'test' `test_batch.bin`. Default 'train'. */
  readonly split?: Split;
  /** For CIFAR-100: whether its 20 coarse classes are taken, instead of the 100 fine ones. Default false. */
  readonly coarse?: boolean;
}

/**
 * The images of CIFAR-10 or CIFAR-100 in their binary version, 32 x 32 in colour: the folder that was in the download, or
 * a file of it (`data_batch_1.bin`, `train.bin`), which are read in place; or the `.tar.gz`, which is unpacked into memory
 * that all threads share. Names of the classes are taken from
 * `batches.meta.txt` or `fine_label_names.txt`; without it they are numbers. Keys are the class and the sample's number:
 * `frog/00000`.
 */
export function cifar(path: string, options: CifarOptions = {}): Dataset {
  const source = cifarSource(path);
  const format = sourceFormat(source);
  if (format === undefined) {
    const expected = 'data_batch_1.bin, test_batch.bin; or train.bin, test.bin beside fine_label_names.txt';
    throw new DataError('NOT_CIFAR', `${path}: is no binary version of CIFAR (expected ${expected})`);
  }
  const { names, split } = chosenFiles(path, source, format, options.split);
  const classByte = format === cifar100 && !options.coarse ? 1 : 0;
  const known = classNames(source, format, options.coarse);
  const { labels, files, offsets } = listImages(source, {
    names,
    format,
    classByte,
    classCount: known?.length,
  });
  const classes = known ?? numberedClasses(labels);
  const reader = source.reader(names);
  const locator = (index: number): RawLocator => [files.at(index), offsets.at(index)];
  return defineDataset({
    name: `cifar(${path}${options.split === undefined ? '' : `, ${split}`})`,
    ...(split !== undefined && { split }),
    length: labels.length,
    classes,
    key: (index) => numberedKey(classes[labels.at(index)], index, labels.length),
    label: (index) => labels.at(index),
    locator,
    place: (index) => {
      const [file, offset] = locator(index);
      return { path: pathInWords(reader.paths[file] as FilePath), offset };
    },
    byteLength: async () => IMAGE_BYTES,
    reader: rawReader({ ...reader, width: 32, height: 32, layout: 'planes' }),
  });
}

interface ChosenFiles {
  readonly names: readonly string[];
  readonly split?: Split | undefined;
}

function chosenFiles(
  path: string,
  source: CifarSource,
  format: CifarFormat,
  wanted: Split = 'train',
): ChosenFiles {
  const { only } = source;
  if (only !== undefined) {
    const split = splitOf(only, format.files);
    if (wanted === 'train' || wanted === split) return { names: [only], split };
    throw new DataError('NO_SPLIT', `${path}: is one file, without a ${wanted} split (give its folder)`);
  }
  const division = cifarDivision(source.names, format);
  if (division[wanted].length > 0) return { names: division[wanted], split: wanted };
  throw noSplit(path, wanted, division, `split of ${format.name}`);
}

interface FilesToList {
  readonly names: readonly string[];
  readonly format: CifarFormat;
  /** Of a record, which of its bytes is the class. */
  readonly classByte: number;
  /** Where the classes have names: how many there are. */
  readonly classCount: number | undefined;
}

/** The class and the place of each image, in the order of the files. */
function listImages(source: CifarSource, { names, format, classByte, classCount = 256 }: FilesToList) {
  const [labels, files, offsets] = [new NumberColumn(), new RunColumn(), new NumberColumn()];
  const step = recordBytes(format);
  // unpacked files are one
  const numberOf = (place: number) => (source.reader(names).unpacked === undefined ? place : 0);
  for (const [place, name] of names.entries()) {
    const file = source.open(name);
    try {
      checkSize(file, format);
      const number = numberOf(place);
      for (let at = 0; at < file.size; at += step) {
        const label = file.view(at + classByte, 1)[0] as number;
        if (label >= classCount) throw nameless(file, at / step, namelessClass(label, classCount));
        labels.push(label);
        files.push(number);
        offsets.push(file.start + at + format.labelBytes);
      }
    } finally {
      file.close();
    }
  }
  return { labels, files, offsets };
}

function checkSize({ path, size }: OpenCifarFile, format: CifarFormat): void {
  const bytes = recordBytes(format);
  if (size > 0 && size % bytes === 0) return;
  const expected = `expected records of ${bytes} bytes (${format.labelBytes} of classes, ${IMAGE_BYTES} of pixels)`;
  throw new DataError(
    'CIFAR_SIZE',
    `${path}: is cut, or no ${format.name}: ${expected}, the file has ${size}`,
  );
}

/** A name a line; undefined where there is no such file. */
function classNames(
  source: CifarSource,
  format: CifarFormat,
  coarse: boolean | undefined,
): string[] | undefined {
  const ofCifar100 = coarse ? 'coarse_label_names.txt' : 'fine_label_names.txt';
  const name = format === cifar100 ? ofCifar100 : 'batches.meta.txt';
  if (!source.names.includes(name)) return undefined;
  const file = source.open(name);
  const lines = file.view(0, Math.min(file.size, MAX_NAMES_BYTES)).toString().split('\n');
  file.close();
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

const nameless = ({ path }: OpenCifarFile, record: number, reason: string): DataError =>
  new DataError('INVALID_CLASS', `${path}: record ${record}: ${reason}`);

const MAX_NAMES_BYTES = 1 << 16;
