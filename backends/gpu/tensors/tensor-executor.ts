import { BackendError } from '../../../src/core/errors.ts';
import type { StepNumbers, TensorProgram } from '../../tensor-kernels/program.ts';
import { elementBytes, type Tensor, type View } from '../../tensor-kernels/tensor.ts';
import { numbersOf, type TensorCall } from '../../tensor-kernels/tensor-kernel.ts';
import { bufferUsage, type Gpu, mapMode, roundUp } from '../device/device.ts';
import type { DeviceForm } from './device-form.ts';
import { dependsOnStep, immediatesOf } from './immediates.ts';
import { StagedUpload } from './staged-upload.ts';
import { type CallPipeline, type CompileProgress, TensorPipelines } from './tensor-pipelines.ts';

/** A call as it is dispatched. */
export interface Dispatch {
  readonly call: TensorCall;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
  /** Of a call whose parameters differ from step to step: undefined. */
  readonly immediates: Uint32Array<ArrayBuffer> | undefined;
  /** The input among its tensors, which may be read from a buffer of somebody else's; and its groups with such buffers. */
  readonly borrows: Tensor | undefined;
  readonly lentGroups: WeakMap<GPUBuffer, GPUBindGroup>;
  makeGroup(): GPUBindGroup;
}

/** A program whose pipelines, buffers and bind groups are made. */
export interface PreparedProgram<PhaseName extends string = string> {
  readonly program: TensorProgram<PhaseName>;
  readonly dispatches: Readonly<Record<PhaseName, readonly Dispatch[]>>;
}

/** WGSL's immediates, which the types of WebGPU do not have yet. */
type PassWithImmediates = GPUComputePassEncoder & {
  setImmediates(offset: number, data: Uint32Array<ArrayBuffer>): void;
};

const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = bufferUsage;
const USAGE = STORAGE | COPY_SRC | COPY_DST;

/** Runs tensor programs on a GPU. Tensors live as long as it does; those of a program's allocations share memory. */
export class GpuTensorExecutor {
  readonly form: DeviceForm;
  readonly #gpu: Gpu;
  readonly #pipelines: TensorPipelines;
  /** Buffers of tensors with memory of their own, and of each program's shared ones. */
  readonly #buffers = new Map<Tensor, GPUBuffer>();
  readonly #shared: GPUBuffer[] = [];
  readonly #lent = new Map<Tensor, GPUBuffer>();
  readonly #upload: StagedUpload;
  #readBuffer: GPUBuffer | undefined;

  constructor(gpu: Gpu, form: DeviceForm) {
    this.#gpu = gpu;
    this.form = form;
    this.#pipelines = new TensorPipelines(gpu, form);
    this.#upload = new StagedUpload(gpu);
  }

  get isMixed(): boolean {
    return this.form.tier !== 'float32';
  }

  get pipelineCount(): number {
    return this.#pipelines.count;
  }

  /** Allocates what the program's tensors need beyond what is there, compiles and binds. */
  async prepare<PhaseName extends string>(
    program: TensorProgram<PhaseName>,
    onProgress?: CompileProgress,
  ): Promise<PreparedProgram<PhaseName>> {
    await this.#allocate(program);
    const phases = Object.entries<{ readonly calls: readonly TensorCall[] }>(program.phases);
    const pipelines = await this.#pipelines.of(
      phases.flatMap(([, { calls }]) => calls),
      onProgress,
    );
    const dispatches = phases.map(([name, { calls }]) => [
      name,
      calls.map((call) => this.#dispatchOf(call, pipelines.shift() as CallPipeline)),
    ]);
    return { program, dispatches: Object.fromEntries(dispatches) };
  }

  /** Submits phases in `parts` command buffers; does not wait for the device. */
  run<PhaseName extends string>(
    { program, dispatches }: PreparedProgram<PhaseName>,
    phases: readonly PhaseName[],
    step: StepNumbers,
    parts = 1,
  ): void {
    this.#gpu.check();
    const { device } = this.#gpu;
    for (const phase of phases) {
      const { clears = [] } = program.phases[phase];
      const list = dispatches[phase];
      const length = Math.max(1, Math.ceil(list.length / parts));
      for (let first = 0; first === 0 || first < list.length; first += length) {
        const encoder = device.createCommandEncoder();
        if (first === 0) for (const view of clears) this.#clear(encoder, view);
        this.#encode(encoder, list.slice(first, first + length), step);
        device.queue.submit([encoder.finish()]);
      }
    }
  }

  #encode(encoder: GPUCommandEncoder, dispatches: readonly Dispatch[], step: StepNumbers): void {
    const pass = encoder.beginComputePass();
    for (const dispatch of dispatches) this.encodeDispatch(pass, dispatch, step);
    pass.end();
  }

  encodeDispatch(pass: GPUComputePassEncoder, dispatch: Dispatch, step: StepNumbers): void {
    pass.setPipeline(dispatch.pipeline);
    pass.setBindGroup(0, this.#groupOf(dispatch));
    (pass as PassWithImmediates).setImmediates(0, dispatch.immediates ?? immediatesOf(dispatch.call, step));
    pass.dispatchWorkgroups(...dispatch.workgroups);
  }

  /** Binds the buffers that were lent at the time, and remembers: a ring of batches comes round again. */
  #groupOf({ group, borrows, makeGroup, lentGroups }: Dispatch): GPUBindGroup {
    const lent = borrows === undefined ? undefined : this.#lent.get(borrows);
    if (lent === undefined) return group;
    const known = lentGroups.get(lent) ?? makeGroup();
    lentGroups.set(lent, known);
    return known;
  }

  /** Has an input read from a buffer of somebody else's, until it is lent another; undefined: from its own. */
  lend(tensor: Tensor, buffer: GPUBuffer | undefined): void {
    if (buffer === undefined) this.#lent.delete(tensor);
    else this.#lent.set(tensor, buffer);
  }

  #clear(encoder: GPUCommandEncoder, view: View): void {
    const { buffer, offset, size } = this.binding(view);
    encoder.clearBuffer(buffer, offset, size);
  }

  /** Where a view's values lie. A buffer that is lent may end before a tensor that is rounded up. */
  binding({ tensor, offset, size }: View): Required<GPUBufferBinding> {
    const buffer = this.#lent.get(tensor) ?? this.#buffers.get(tensor);
    if (buffer === undefined)
      throw new BackendError('UNKNOWN_TENSOR', `gpu: ${tensor.name} belongs to no prepared program`);
    const bytes = elementBytes(tensor.element, this.isMixed);
    const first = offset * bytes;
    return { buffer, offset: first, size: Math.min(roundUp(size * bytes, 4), buffer.size - first) };
  }

  /** Writes values as they lie in memory; at most what the view has room for, and never memory shared with threads. */
  write(view: View, values: ArrayBufferView<ArrayBuffer>): void {
    const { buffer, offset } = this.binding(view);
    const { byteOffset, byteLength } = values;
    const whole = byteLength - (byteLength % 4);
    this.#gpu.device.queue.writeBuffer(buffer, offset, values.buffer, byteOffset, whole);
    if (whole === byteLength) return;
    const rest = new Uint8Array(4);
    rest.set(new Uint8Array(values.buffer, byteOffset + whole, byteLength - whole));
    this.#gpu.device.queue.writeBuffer(buffer, offset + whole, rest);
  }

  /** Writes a large tensor's values, which may lie in memory that threads share; they are copied at once. */
  send(view: View, values: ArrayBufferView): Promise<void> {
    const { buffer, offset } = this.binding(view);
    return this.#upload.send(values, buffer, offset);
  }

  /** Reads several views at once, after everything submitted before. */
  async read(views: readonly View[]): Promise<ArrayBuffer[]> {
    const bindings = views.map((view) => this.binding(view));
    const total = bindings.reduce((sum, { size }) => sum + size, 0);
    const target = this.#readTarget(total);
    const encoder = this.#gpu.device.createCommandEncoder();
    let at = 0;
    for (const { buffer, offset, size } of bindings) {
      encoder.copyBufferToBuffer(buffer, offset, target, at, size);
      at += size;
    }
    this.#gpu.device.queue.submit([encoder.finish()]);
    await this.#gpu.wait(target.mapAsync(mapMode.READ, 0, total));
    const range = target.getMappedRange(0, total);
    at = 0;
    const copies = bindings.map(({ size }, i) => {
      const { tensor, size: values } = views[i] as View;
      const copy = range.slice(at, at + values * elementBytes(tensor.element, this.isMixed));
      at += size;
      return copy;
    });
    target.unmap();
    return copies;
  }

  close(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    for (const buffer of this.#shared) buffer.destroy();
    this.#readBuffer?.destroy();
    this.#upload.close();
    this.#buffers.clear();
    this.#shared.length = 0;
  }

  #readTarget(bytes: number): GPUBuffer {
    if (this.#readBuffer !== undefined && this.#readBuffer.size >= bytes) return this.#readBuffer;
    this.#readBuffer?.destroy();
    this.#readBuffer = this.#gpu.create('what is read back', bytes, MAP_READ | COPY_DST);
    return this.#readBuffer;
  }

  async #allocate(program: TensorProgram): Promise<void> {
    const shared = new Set(program.allocations.flat());
    const own = program.tensors.filter((tensor) => !shared.has(tensor) && !this.#buffers.has(tensor));
    // the largest first, so that programs of other sizes share what is there
    const wanted = program.allocations
      .map((tensors) => ({ tensors, bytes: Math.max(...tensors.map((tensor) => this.#bytesOf(tensor))) }))
      .sort((a, b) => b.bytes - a.bytes);
    const missing = wanted.filter(({ bytes }, i) => !((this.#shared[i]?.size ?? 0) >= bytes));
    const created = await this.#gpu.allocateAll([
      ...own.map((tensor) => ({ purpose: tensor.name, bytes: this.#bytesOf(tensor), usage: USAGE })),
      ...missing.map(({ bytes }) => ({ purpose: 'activations', bytes, usage: USAGE })),
    ]);
    for (const [i, tensor] of own.entries()) this.#buffers.set(tensor, created[i] as GPUBuffer);
    this.#shared.push(...created.slice(own.length));
    this.#shared.sort((a, b) => b.size - a.size);
    for (const [i, { tensors }] of wanted.entries())
      for (const tensor of tensors) this.#buffers.set(tensor, this.#shared[i] as GPUBuffer);
  }

  #bytesOf({ size, element }: Tensor): number {
    return roundUp(size * elementBytes(element, this.isMixed), 16);
  }

  #dispatchOf(call: TensorCall, { pipeline, layout, bindings }: CallPipeline): Dispatch {
    const makeGroup = () => {
      const entries = bindings.map(({ view }, binding) => ({ binding, resource: this.binding(view) }));
      return this.#gpu.device.createBindGroup({ label: call.label, layout, entries });
    };
    const parameters = numbersOf(call, noStep);
    return {
      ...{ call, pipeline, group: makeGroup(), makeGroup, lentGroups: new WeakMap() },
      borrows: bindings.find(({ view }) => view.tensor.purpose === 'inputs')?.view.tensor,
      workgroups: call.kernel.workgroups(parameters),
      immediates: dependsOnStep(call) ? undefined : immediatesOf(call, noStep),
    };
  }
}

const noStep: StepNumbers = { learningRate: 0, lossFactor: 0, averageDecay: 0 };
