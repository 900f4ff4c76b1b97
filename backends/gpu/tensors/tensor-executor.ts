import type { Phase, StepNumbers, TensorProgram } from '../../tensor-kernels/program.ts';
import type { Tensor, View } from '../../tensor-kernels/tensor.ts';
import type { PreparedProgram, Reading, TensorExecutor } from '../../tensor-kernels/tensor-executor.ts';
import { numbersOf, type TensorCall } from '../../tensor-kernels/tensor-kernel.ts';
import type { Gpu } from '../device/device.ts';
import { type CallPiece, piecesOf } from './call-pieces.ts';
import type { DeviceForm } from './device-form.ts';
import { dependsOnStep, immediatesOf } from './immediates.ts';
import { type BufferReading, TensorBuffers } from './tensor-buffers.ts';
import { type CallPipeline, type CompileProgress, TensorPipelines } from './tensor-pipelines.ts';

/** A call as it is dispatched. */
export interface Dispatch {
  readonly call: TensorCall;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
  /** Of a call whose parameters differ from step to step: undefined. */
  readonly immediates: Uint32Array<ArrayBuffer> | undefined;
  /** The input among its tensors, which may be read from a buffer of somebody else's; and its groups with such, by offset. */
  readonly borrows: Tensor | undefined;
  readonly lentGroups: WeakMap<GPUBuffer, Map<number, GPUBindGroup>>;
  makeGroup(): GPUBindGroup;
}

/** A program whose pipelines, buffers and bind groups are made. */
export interface DispatchedProgram<PhaseName extends string = string> extends PreparedProgram<PhaseName> {
  readonly dispatches: Readonly<Record<PhaseName, readonly Dispatch[]>>;
}

/** WGSL's immediates, which the types of WebGPU do not have yet. */
type PassWithImmediates = GPUComputePassEncoder & {
  setImmediates(offset: number, data: Uint32Array<ArrayBuffer>): void;
};

/** Runs tensor programs on a GPU. Tensors live as long as it does; those of a program's allocations share memory. */
export class GpuTensorExecutor implements TensorExecutor {
  readonly hasPanels = false;
  readonly overlaps = true;
  readonly form: DeviceForm;
  readonly #gpu: Gpu;
  readonly #pipelines: TensorPipelines;
  readonly #buffers: TensorBuffers;

  constructor(gpu: Gpu, form: DeviceForm) {
    this.#gpu = gpu;
    this.form = form;
    this.#pipelines = new TensorPipelines(gpu, form);
    this.#buffers = new TensorBuffers(gpu, this.isMixed);
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
  ): Promise<DispatchedProgram<PhaseName>> {
    await this.#buffers.allocate(program);
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
    prepared: DispatchedProgram<PhaseName>,
    phases: readonly PhaseName[],
    step: StepNumbers,
    parts = 1,
  ): void {
    this.#gpu.check();
    for (const phase of phases)
      for (const piece of piecesOf(prepared.dispatches[phase].length, parts))
        this.#submit(prepared, phase, piece, step);
  }

  /** Submits a phase in at least `parts` command buffers, one of which ends where values are to be read. */
  async runReading<PhaseName extends string>(
    prepared: DispatchedProgram<PhaseName>,
    phase: PhaseName,
    step: StepNumbers,
    readings: readonly Reading[],
    hear: (place: number) => void,
    parts = 1,
  ): Promise<void> {
    const waiting: { after: number; reading: BufferReading }[] = [];
    for (const [place, { after, values }] of readings.entries())
      waiting.push({ after, reading: await this.#buffers.reading(values, place) });
    this.#gpu.check();
    const stops = readings.map(({ after }) => after);
    const taken: Promise<void>[] = [];
    for (const piece of piecesOf(prepared.dispatches[phase].length, parts, stops)) {
      const ready = waiting.filter(({ after }) => after === piece.end);
      this.#submit(prepared, phase, piece, step, (encoder) => {
        for (const { reading } of ready) reading.encode(encoder);
      });
      taken.push(...ready.map(({ reading }) => reading.take()));
    }
    await inOrder(taken, hear);
  }

  #submit<PhaseName extends string>(
    { program, dispatches }: DispatchedProgram<PhaseName>,
    phase: PhaseName,
    { first, end }: CallPiece,
    step: StepNumbers,
    finish: (encoder: GPUCommandEncoder) => void = () => {},
  ): void {
    const { device } = this.#gpu;
    const encoder = device.createCommandEncoder();
    if (first === 0) this.#begin(encoder, program.phases[phase]);
    this.#encode(encoder, dispatches[phase].slice(first, end), step);
    finish(encoder);
    device.queue.submit([encoder.finish()]);
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
    const lent = borrows && this.#buffers.lentTo(borrows);
    if (lent === undefined) return group;
    const { buffer, offset } = lent;
    const groups = lentGroups.get(buffer) ?? new Map<number, GPUBindGroup>();
    lentGroups.set(buffer, groups);
    const known = groups.get(offset) ?? makeGroup();
    groups.set(offset, known);
    return known;
  }

  #begin(encoder: GPUCommandEncoder, { clears = [], copies = [] }: Phase): void {
    for (const view of clears) {
      const { buffer, offset, size } = this.#buffers.binding(view);
      encoder.clearBuffer(buffer, offset, size);
    }
    for (const { from, to } of copies) {
      const [source, target] = [this.#buffers.binding(from), this.#buffers.binding(to)];
      encoder.copyBufferToBuffer(source.buffer, source.offset, target.buffer, target.offset, target.size);
    }
  }

  /** Has an input read from a buffer of somebody else's, until it is lent another; undefined: from its own. */
  lend(tensor: Tensor, buffer: GPUBuffer | undefined, offset = 0): void {
    this.#buffers.lend(tensor, buffer && { buffer, offset });
  }

  /** Writes values as they lie in memory, which is never memory shared with threads. */
  write(view: View, values: ArrayBufferView<ArrayBuffer>): void {
    this.#buffers.write(view, values);
  }

  /** Writes a large tensor's values, which may lie in memory that threads share; they are copied at once. */
  send(view: View, values: ArrayBufferView): Promise<void> {
    return this.#buffers.send(view, values);
  }

  /** Copies of several views at once, after everything submitted before. */
  read(views: readonly View[]): Promise<ArrayBuffer[]> {
    return this.#buffers.read(views);
  }

  close(): void {
    this.#buffers.close();
  }

  #dispatchOf(call: TensorCall, { pipeline, layout, bindings }: CallPipeline): Dispatch {
    const makeGroup = () => {
      const entries = bindings.map(({ view }, binding) => ({
        binding,
        resource: this.#buffers.binding(view),
      }));
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

/** Tells of each when it is there and those before it were told of. Ends when all have ended, even where one fails. */
async function inOrder(promises: readonly Promise<void>[], hear: (place: number) => void): Promise<void> {
  const all = Promise.allSettled(promises);
  try {
    for (const [place, promise] of promises.entries()) {
      await promise;
      hear(place);
    }
  } finally {
    await all;
  }
}

const noStep: StepNumbers = { learningRate: 0, bodyLearningRate: 0, lossFactor: 0, averageDecay: 0 };
