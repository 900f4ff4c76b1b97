import { BackendError } from '../../src/core/errors.ts';
import { bytesPerElement, type RawImage, type Size, type TensorFormat } from '../../src/core/image.ts';
import type { Backend, Executor, FinishRow } from '../backend.ts';
import { finishImage, type LayerMix } from '../kernels/finish/erased.ts';
import { type KernelCall, outputSize } from '../kernels/kernel.ts';

/** Runs the scalar reference of every kernel: slow, always there, what the other backends are compared with. */
export const referenceBackend: Backend = {
  name: 'reference',
  open: async () => new ReferenceExecutor(),
};

class ReferenceExecutor implements Executor {
  #source: RawImage = { width: 0, height: 0, data: Buffer.alloc(0) };
  readonly #rows: RawImage[] = [];

  image(_row: number, size: Size): Buffer {
    const data = Buffer.alloc(size.width * size.height * 3);
    this.#source = { width: size.width, height: size.height, data };
    return data;
  }

  run(row: number, program: readonly KernelCall[]): Size {
    let image = this.#source;
    for (const call of program) {
      const size = outputSize(call, image);
      const data = new Uint8Array(size.width * size.height * 3);
      call.kernel.reference(call.args, image, data);
      image = { ...size, data };
    }
    this.#rows[row] = image === this.#source ? copyOf(image) : image;
    return { width: image.width, height: image.height };
  }

  read(row: number): RawImage {
    return copyOf(this.#rowAt(row));
  }

  finish(rows: readonly FinishRow[], format: TensorFormat, output: Uint8Array): void {
    let offset = 0;
    for (const { row, erase, mix, eraseAfter } of rows) {
      const image = this.#rowAt(row);
      const elements = new (format.dtype === 'float16' ? Uint16Array : Float32Array)(image.data.length);
      finishImage({ image, erase }, this.#mixOf(mix), eraseAfter, format, elements);
      output.set(new Uint8Array(elements.buffer), offset);
      offset += image.data.length * bytesPerElement(format.dtype);
    }
  }

  get bytesHeld(): number {
    return this.#rows.reduce((sum, row) => sum + (row?.data.length ?? 0), this.#source.data.length);
  }

  close(): void {
    this.#rows.length = 0;
    this.#source = { width: 0, height: 0, data: Buffer.alloc(0) };
  }

  #mixOf(mix: FinishRow['mix']): LayerMix | undefined {
    return mix && { ...mix, partner: { image: this.#rowAt(mix.partner), erase: mix.erase } };
  }

  #rowAt(row: number): RawImage {
    const image = this.#rows[row];
    if (image === undefined) throw new BackendError('ROW_NOT_RUN', `reference: row ${row} has not been run`);
    return image;
  }
}

const copyOf = (image: RawImage): RawImage => ({ ...image, data: Uint8Array.from(image.data) });
