import { availableParallelism } from 'node:os';
import type { BackendError } from '../../../src/core/errors.ts';
import type { Copy, Phase, StepNumbers, TensorProgram } from '../../tensor-kernels/program.ts';
import { elementBytes, type View } from '../../tensor-kernels/tensor.ts';
import type { PreparedProgram, Reading, TensorExecutor } from '../../tensor-kernels/tensor-executor.ts';
import { encodeCall, type PlacedCall, type StepPlace } from './call-block.ts';
import { Scratch } from './scratch.ts';
import { SharedMemory } from './shared-memory.ts';
import { Team } from './team.ts';
import { TensorPlaces } from './tensor-places.ts';
import { type Decision, ThreadChoice } from './thread-choice.ts';

/** A program whose tensors have their places, and whose calls the threads know. */
export interface ListedProgram<PhaseName extends string = string> extends PreparedProgram<PhaseName> {
  readonly lists: Readonly<Record<PhaseName, number>>;
  readonly stepPlaces: readonly StepPlace[];
}

/** Runs tensor programs on threads of the CPU. What is asked for is done in order; failures are told by what is read. */
export class CpuTensorExecutor implements TensorExecutor {
  readonly isMixed = false;
  readonly hasPanels = true;
  readonly overlaps = false;
  readonly #memory: SharedMemory;
  readonly #team: Team;
  readonly #places: TensorPlaces;
  readonly #scratch: Scratch;
  readonly #isFixed: boolean;
  readonly #onNotice: (message: string) => void;
  #hasTold = false;
  /** By lists of calls. */
  readonly #choices = new Map<string, ThreadChoice>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  private constructor(
    memory: SharedMemory,
    team: Team,
    isFixed: boolean,
    onNotice: (message: string) => void,
  ) {
    this.#memory = memory;
    this.#team = team;
    this.#isFixed = isFixed;
    this.#onNotice = onNotice;
    this.#places = new TensorPlaces(memory);
    this.#scratch = new Scratch(memory, team.threads);
  }

  /**
   * @param threads default: up to a thread for each core, 16 at most, as many as are fastest
   * @param onNotice hears if they are fewer
   * @param cores that there are for it
   */
  static async open(
    threads?: number,
    onNotice: (message: string) => void = () => {},
    cores: number = availableParallelism(),
  ): Promise<CpuTensorExecutor> {
    const memory = new SharedMemory();
    const team = await Team.open(memory, threads ?? Math.min(cores, MOST_THREADS));
    return new CpuTensorExecutor(memory, team, threads !== undefined, onNotice);
  }

  /** What the threads failed of for good. */
  get failure(): BackendError | undefined {
    return this.#team.failure;
  }

  get threads(): number {
    return this.#team.threads;
  }

  get bytesHeld(): number {
    return this.#memory.bytesHeld;
  }

  /** Allocates what the program's tensors need beyond what is there, and tells the threads its calls. */
  async prepare<PhaseName extends string>(
    program: TensorProgram<PhaseName>,
  ): Promise<ListedProgram<PhaseName>> {
    this.#places.allocate(program);
    const stepPlaces: StepPlace[] = [];
    const lists = Object.entries<Phase>(program.phases).map(([name, phase]) => {
      const { clears = [], copies = [] } = phase;
      const calls = phase.calls.map((call) => this.#encode(call, stepPlaces));
      const before = [...clears.map((view) => this.#clear(view)), ...copies.map((one) => this.#copy(one))];
      return [name, this.#team.define([...before, ...calls])] as const;
    });
    return { program, lists: Object.fromEntries(lists) as Record<PhaseName, number>, stepPlaces };
  }

  /** Has phases made; does not wait for them. */
  run<PhaseName extends string>(
    prepared: ListedProgram<PhaseName>,
    phases: readonly PhaseName[],
    step: StepNumbers,
  ): void {
    void this.#queue(() => this.#make(this.#listsOf(prepared, phases, step)));
  }

  /** Reads when all is computed: these threads compute on the cores that would take what is read. */
  async runReading<PhaseName extends string>(
    prepared: ListedProgram<PhaseName>,
    phase: PhaseName,
    step: StepNumbers,
    readings: readonly Reading[],
    hear: (place: number) => void,
  ): Promise<void> {
    this.run(prepared, [phase], step);
    await this.#queue(async () => {
      for (const { view, into } of readings.flatMap(({ values }) => values))
        bytesOf(into).set(this.#memory.bytes(this.#places.addressOf(view), into.byteLength));
    });
    for (const place of readings.keys()) hear(place);
  }

  /** The phases' lists of calls, which know the step's numbers from now on. */
  #listsOf<PhaseName extends string>(
    { lists, stepPlaces }: ListedProgram<PhaseName>,
    phases: readonly PhaseName[],
    step: StepNumbers,
  ): number[] {
    for (const { number, address } of stepPlaces) this.#memory.floats(address, 1)[0] = step[number];
    return phases.map((phase) => lists[phase]);
  }

  async #make(lists: readonly number[]): Promise<void> {
    if (this.#isFixed) {
      await this.#team.make(lists, this.threads, this.#scratch.addresses);
      return;
    }
    const key = lists.join();
    const choice = this.#choices.get(key) ?? new ThreadChoice(this.threads);
    this.#choices.set(key, choice);
    const began = performance.now();
    await this.#team.make(lists, choice.next(), this.#scratch.addresses);
    const decision = choice.took(performance.now() - began);
    if (decision !== undefined) this.#tell(decision);
  }

  /** Says once that not all threads are used, of work that takes long enough for them. */
  #tell({ threads, milliseconds, withMost = Number.POSITIVE_INFINITY }: Decision): void {
    if (this.#hasTold || threads === this.threads || milliseconds < LEAST_MILLISECONDS) return;
    this.#hasTold = true;
    const ratio = (withMost / milliseconds).toFixed(2);
    this.#onNotice(
      `the CPU computes with ${threads} of ${this.threads} threads: ${this.threads} take ${ratio} times as long here, as if they shared cores; --threads sets another number`,
    );
  }

  /** Makes phases on so many threads, and says what each call took: milliseconds. */
  time<PhaseName extends string>(
    prepared: ListedProgram<PhaseName>,
    phases: readonly PhaseName[],
    step: StepNumbers,
    threads = this.threads,
  ): Promise<readonly number[]> {
    return this.#queue(() =>
      this.#team.make(this.#listsOf(prepared, phases, step), threads, this.#scratch.addresses, true),
    );
  }

  /** Writes values as they lie in memory; they are copied at once. */
  write(view: View, values: ArrayBufferView): void {
    const copy = () =>
      this.#memory.bytes(this.#places.addressOf(view), values.byteLength).set(bytesOf(values));
    if (this.#waiting === 0) {
      copy();
      return;
    }
    const bytes = bytesOf(values).slice();
    void this.#queue(async () => this.#memory.bytes(this.#places.addressOf(view), bytes.length).set(bytes));
  }

  /** Inputs are read from their own memory alone. */
  lend(): void {}

  async send(view: View, values: ArrayBufferView): Promise<void> {
    this.write(view, values);
  }

  /** Copies of several views at once, after everything asked for before. */
  read(views: readonly View[]): Promise<ArrayBuffer[]> {
    return this.#queue(async () => views.map((view) => this.#copyOf(view)));
  }

  close(): Promise<void> {
    return this.#team.close();
  }

  #copyOf(view: View): ArrayBuffer {
    return new Uint8Array(this.#memory.bytes(this.#places.addressOf(view), this.#bytesOf(view))).buffer;
  }

  #encode(call: Phase['calls'][number], stepPlaces: StepPlace[]): PlacedCall {
    const encoded = encodeCall(call, {
      put: (words) => this.#put(words),
      addressOf: (view) => this.#places.addressOf(view),
    });
    this.#scratch.provide(encoded.scratch);
    stepPlaces.push(...encoded.stepPlaces);
    return encoded.call;
  }

  #clear(view: View): PlacedCall {
    const bytes = this.#bytesOf(view);
    const address = this.#put([this.#places.addressOf(view), bytes]);
    return { export: 'clear', address, columns: 1, rows: Math.ceil(bytes / TILE_BYTES) };
  }

  #copy({ from, to }: Copy): PlacedCall {
    const bytes = this.#bytesOf(to);
    const address = this.#put([this.#places.addressOf(to), bytes, this.#places.addressOf(from)]);
    return { export: 'copy', address, columns: 1, rows: Math.ceil(bytes / TILE_BYTES) };
  }

  #bytesOf({ size, tensor }: View): number {
    return size * elementBytes(tensor.element, this.isMixed);
  }

  #put(words: readonly number[]): number {
    const address = this.#memory.reserve(4 * words.length);
    this.#memory.words(address, words.length).set(words);
    return address;
  }

  #queue<Result>(action: () => Promise<Result>): Promise<Result> {
    this.#waiting++;
    const result = this.#last.then(action).finally(() => {
      this.#waiting--;
    });
    this.#last = result;
    // heard by whoever reads
    result.catch(() => {});
    return result;
  }
}

/** Calls of small batches have about so many tiles: more threads would find nothing to do. */
const MOST_THREADS = 16;

/** Less is over before threads have met. */
const LEAST_MILLISECONDS = 5;

/** Bytes that a tile clears or copies: see fill-and-copy.as.ts. */
const TILE_BYTES = 1 << 18;

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
