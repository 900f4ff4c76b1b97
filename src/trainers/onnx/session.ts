import { createRequire } from 'node:module';
import type { InferenceSession } from 'onnxruntime-web';
import { DataError, reasonOf, TrainerError } from '../../core/errors.ts';

/** An optional peer: few need it, and it takes 140 MB. */
const PACKAGE = 'onnxruntime-web';

type Runtime = typeof import('onnxruntime-web');

/** What an ONNX file takes: numbers and their shape. */
export type OnnxInput =
  | { readonly type: 'uint8'; readonly data: Uint8Array; readonly shape: readonly number[] }
  | { readonly type: 'float32'; readonly data: Float32Array; readonly shape: readonly number[] };

/** An ONNX file in onnxruntime-web, in WebAssembly on the calling thread. `path` names it in errors. */
export class OnnxSession {
  readonly #path: string;
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;

  private constructor(path: string, runtime: Runtime, session: InferenceSession) {
    this.#path = path;
    this.#runtime = runtime;
    this.#session = session;
  }

  /** Rejects with a TrainerError where onnxruntime-web is missing, with a DataError where it cannot run the file. */
  static async open(path: string, file: Uint8Array): Promise<OnnxSession> {
    const runtime = await loadRuntime();
    try {
      const session = await runtime.InferenceSession.create(file, { executionProviders: ['wasm'] });
      return new OnnxSession(path, runtime, session);
    } catch (cause) {
      throw new DataError('DAMAGED_ONNX', `${path}: ${PACKAGE} cannot open it: ${reasonIn(cause)}`, {
        cause,
      });
    }
  }

  /** Version of onnxruntime-web. */
  get version(): string {
    return this.#runtime.env.versions.web ?? 'unknown';
  }

  /** The file's first output of its first input. Rejects with a DataError that names the image where that fails. */
  async run({ type, data, shape }: OnnxInput, image: string): Promise<Float32Array> {
    const { inputNames, outputNames } = this.#session;
    const fail = (reason: string, cause?: unknown): never => {
      const message = `${image}: ${this.#path}: ${PACKAGE}: ${reason}`;
      throw new DataError('ONNX_FAILED', message, { sample: image, cause });
    };
    const input = new this.#runtime.Tensor(type, data, shape);
    const outputs = await this.#session
      .run({ [inputNames[0] as string]: input })
      .catch((cause: unknown) => fail(reasonIn(cause), cause));
    const output = outputs[outputNames[0] as string];
    return output?.data instanceof Float32Array ? output.data : fail(`gives ${output?.type}, not float32`);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

async function loadRuntime(): Promise<Runtime> {
  try {
    createRequire(import.meta.url).resolve(PACKAGE);
  } catch {
    const reason = 'runs ONNX files, and is not installed with millrace';
    throw new TrainerError('MISSING_PACKAGE', `${PACKAGE} ${reason}: npm install ${PACKAGE}`);
  }
  const runtime = await import('onnxruntime-web');
  // the same bits on every machine
  runtime.env.wasm.numThreads = 1;
  runtime.env.logLevel = 'error';
  return runtime;
}

/** What onnxruntime says, without the place in its own sources. */
const reasonIn = (cause: unknown): string => reasonOf(cause).trim().split('\n')[0] as string;
