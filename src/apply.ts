import type { Executor } from '../backends/backend.ts';
import type { AnyImageOperator, NormalizeOperator } from '../operators/operator.ts';
import { batchBytes } from './core/batch-size.ts';
import { ParameterError } from './core/errors.ts';
import { isRawImage, type RawImage, type Tensor, type TensorFormat } from './core/image.ts';
import { OCCURRENCES } from './core/random.ts';
import { definitionOf, describeStep, type Step } from './core/step.ts';
import { type ExecutorBackend, resolveBackendName } from './engine/plan/backend-name.ts';
import { checkInteger } from './engine/plan/options.ts';
import { drawProgram } from './engine/plan/program.ts';
import { openExecutor } from './engine/rows/open-executor.ts';

export interface ApplyOptions {
  readonly backend?: ExecutorBackend;
  readonly seed?: number;
  readonly epoch?: number;
  /** Index of the sample in its dataset: with seed and epoch it decides what is drawn. */
  readonly sampleId?: number;
  /** Which of its sample's rows the image is made for: where a pipeline has `views` or `repeats`. Default 0. */
  readonly occurrence?: number;
  /** With the gpu backend: as a pipeline's `gpuAdapter`. */
  readonly gpuAdapter?: string;
}

/** Open ones, by backend and adapter. */
const executors = new Map<string, Promise<Executor>>();

/**
 * Runs operators on one raw image, without a pipeline: for tests, notebooks and previews. The draws are those that a
 * pipeline with these image operators makes for the same seed, epoch and sample.
 *
 * @param image u8 RGB [height, width, 3]
 * @param operators image operators, then at most one `normalize`, which makes the result a tensor
 */
export async function applyOperators(
  image: RawImage,
  operators: readonly Step[],
  { backend = 'cpu', seed = 0, epoch = 0, sampleId = 0, occurrence = 0, gpuAdapter }: ApplyOptions = {},
): Promise<RawImage | Tensor> {
  checkImage(image);
  checkInteger('seed', seed, 0);
  checkInteger('epoch', epoch, 0, 2 ** 32 - 1);
  checkInteger('sampleId', sampleId, 0);
  checkInteger('occurrence', occurrence, 0, OCCURRENCES - 1);
  const { steps, format } = splitOperators(operators);
  const { calls } = drawProgram(steps, image, { seed, epoch, sampleId, occurrence });
  const executor = await executorFor(executorBackend(backend), gpuAdapter);
  executor.image(0, image).set(image.data);
  const size = executor.run(0, calls);
  if (format === undefined) return executor.read(0);
  const bytes = new Uint8Array(batchBytes(1, size, format));
  await executor.finish([{ row: 0 }], format, bytes);
  const { dtype, layout } = format;
  return { ...size, dtype, layout, data: viewElements(bytes, dtype) };
}

/** The elements that lie in these bytes. */
function viewElements(bytes: Uint8Array, dtype: TensorFormat['dtype']): Uint16Array | Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  return dtype === 'float16'
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Float32Array(buffer, byteOffset, byteLength / 4);
}

function executorBackend(name: string): ExecutorBackend {
  const backend = resolveBackendName(name);
  if (backend !== 'synthetic') return backend;
  throw new ParameterError(
    'INVALID_OPTION',
    "applyOperators: the data backend 'synthetic' runs no operators",
  );
}

/** Opened once, and again where that failed or its device was lost. */
async function executorFor(backend: ExecutorBackend, gpuAdapter: string | undefined): Promise<Executor> {
  const name = `${backend} ${gpuAdapter ?? ''}`;
  const known = executors.get(name);
  const opening = known ?? openExecutor(backend, gpuAdapter);
  executors.set(name, opening);
  const forget = () => {
    if (executors.get(name) === opening) executors.delete(name);
  };
  try {
    const executor = await opening;
    if (executor.failure === undefined) return executor;
    forget();
    await executor.close();
  } catch (error) {
    forget();
    throw error;
  }
  return executorFor(backend, gpuAdapter);
}

function splitOperators(operators: readonly Step[]) {
  let format: TensorFormat | undefined;
  const steps: { operator: AnyImageOperator; parameters: Readonly<Record<string, unknown>> }[] = [];
  for (const step of operators) {
    const { name, phase, parameters } = step[describeStep];
    if (phase !== 'image' && phase !== 'normalize')
      throw new ParameterError('WRONG_ORDER', `applyOperators: ${name} works in a pipeline only`);
    if (format !== undefined)
      throw new ParameterError('WRONG_ORDER', `applyOperators: ${name} comes after normalize`);
    if (phase === 'image') steps.push({ operator: step[definitionOf] as AnyImageOperator, parameters });
    // biome-ignore lint/suspicious/noExplicitAny: parameters were checked by this operator when the step was made.
    else format = (step[definitionOf] as NormalizeOperator<any>).format(parameters as any);
  }
  return { steps, format };
}

function checkImage(image: RawImage): void {
  if (isRawImage(image)) return;
  const { data, width, height } = image;
  throw new ParameterError(
    'INVALID_IMAGE',
    `image must be u8 RGB of width * height * 3 bytes, got ${data?.length} bytes for ${width} x ${height}`,
  );
}
