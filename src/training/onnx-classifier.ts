import { readFile } from 'node:fs/promises';
import { DataError, ParameterError, reasonOf } from '../core/errors.ts';
import { type OnnxInfo, readOnnx } from '../export/read-onnx.ts';
import { architectureOf, modelOptionsOf } from '../models/architecture.ts';
import { defaultTrainer } from '../trainers/device.ts';
import { OnnxSession } from '../trainers/onnx/session.ts';
import { classNames } from './class-names.ts';
import { type Classifier, describeClassifier, type ImageLogits } from './classifier.ts';
import type { ClassifyOptions } from './classify-options.ts';
import { inputMaker, type MakeInput, onnxImages } from './onnx-images.ts';

/** An ONNX file of ours, run as it is. */
export async function openOnnxClassifier(path: string, options: ClassifyOptions): Promise<Classifier> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw new DataError('READ_FAILED', `${path}: cannot be read: ${reasonOf(cause)}`, { cause });
  });
  const info = readOnnx(path, file);
  checkOptions(path, info, options);
  const names = classNames(options.classes, info.classes, info.classes.length);
  const makeInput = inputMaker(path, info);
  const { onMessage: tell = () => {} } = options;
  tell(describeClassifier(info.model, { names, isMultiLabel: info.isMultiLabel }, info));
  const session = await OnnxSession.open(path, file);
  try {
    tell(`onnxruntime-web ${session.version} runs ${path}: input ${info.input}`);
    tellIgnored(options, tell);
  } catch (error) {
    await session.close();
    throw error;
  }
  return {
    ...{ names, isMultiLabel: info.isMultiLabel },
    logits: (images, signal) => logitsOf(path, images, { info, names, makeInput, session, signal }),
    close: () => session.close(),
  };
}

interface Run {
  readonly info: OnnxInfo;
  readonly names: readonly string[];
  readonly makeInput: MakeInput;
  readonly session: OnnxSession;
  readonly signal: AbortSignal | undefined;
}

async function* logitsOf(
  path: string,
  images: readonly string[],
  { info, names, makeInput, session, signal }: Run,
): AsyncGenerator<ImageLogits, void, undefined> {
  for await (const { image, input } of onnxImages(images, info, makeInput)) {
    signal?.throwIfAborted();
    const logits = await session.run(input, image);
    if (logits.length !== names.length) {
      const reason = `it names ${names.length} classes and gives ${logits.length} numbers`;
      throw new DataError('DAMAGED_ONNX', `${path}: ${reason}`);
    }
    yield { image, logits };
  }
}

/** The file says what its model is and how images are made: nothing else would be the file itself. */
function checkOptions(path: string, info: OnnxInfo, options: ClassifyOptions): void {
  const { model, imageSize, interpolation, trainer = defaultTrainer, device = 'auto' } = options;
  const { variant, ...others } = model === undefined ? {} : modelOptionsOf(model);
  if (variant !== undefined && architectureOf(variant) !== info.model)
    throw new ParameterError(
      'OTHER_MODEL',
      `${path}: holds an ${info.model}, not an ${architectureOf(variant)}`,
    );
  const refuse = (option: string) => {
    const reason = 'an ONNX file says how its images are made, and is run by onnxruntime-web on the CPU';
    throw new ParameterError('INVALID_OPTION', `${option}: ${reason}: leave it out`);
  };
  const [option] = Object.keys(others);
  if (option !== undefined) refuse(`model.${option}`);
  if (imageSize !== undefined) refuse(`imageSize ${imageSize} (--image-size)`);
  if (interpolation !== undefined) refuse(`interpolation ${interpolation} (--interpolation)`);
  if (trainer !== defaultTrainer)
    refuse(`trainer ${typeof trainer === 'string' ? trainer : trainer.name} (--trainer)`);
  if (device === 'gpu') refuse(`device ${device} (--device)`);
}

function tellIgnored({ threads, trainerBackend }: ClassifyOptions, tell: (line: string) => void): void {
  const reason = 'ignored: an ONNX file is run by onnxruntime-web, on one thread';
  if (threads !== undefined) tell(`threads ${threads} (--threads): ${reason}`);
  if (trainerBackend !== undefined) tell(`trainerBackend ${trainerBackend} (--tfjs-backend): ${reason}`);
}
