/** What a batch's `program` begins with, for its tensor. Index of the word. */
export const header = {
  /** Where the tensor's rows begin: `rowFields` for each. */
  rows: 0,
  /** Of one row of the tensor. */
  elements: 1,
  pixels: 2,
  isPlanar: 3,
  isFloat: 4,
  /** Of all rows, and the index of their first word in the output that is bound. */
  words: 5,
  outputStart: 6,
  /** Of normalize and mixup: kernels/finish/finish.wgsl.ts. */
  table: 7,
  shift: 8,
  /** Of an image: how many pixels a line has. */
  columns: 9,
  /** Of erase: where the values of noise are, kernels/finish/erase.wgsl.ts. */
  noise: 10,
} as const;

/**
 * The header, and behind it what each dispatch works on, take blocks of so many words: the least distance at which every
 * device can bind one as a uniform.
 */
export const BLOCK_WORDS = 64;
/** Of a dispatch's block. */
export const dispatchFields = ['tiles', 'count', 'bins'] as const;
export type DispatchRecord = Readonly<Record<(typeof dispatchFields)[number], number>>;

/** Threads of a workgroup that works on a run of words. */
export const RUN = 256;

/** Threads of a workgroup that work on a tile of an image. */
export const TILE = { width: 32, height: 8 } as const;

/** What an image undergoes in one slot, a word each. `width` of an upload is its stride. */
export const stepFields = [
  'opcode',
  'arguments',
  'at',
  'width',
  'height',
  'isUploaded',
  'between',
  'table',
  'result',
  'resultWidth',
  'resultHeight',
  'betweenWidth',
  'betweenHeight',
] as const;
/** Index of a field's word in the record. */
export const stepField = Object.fromEntries(stepFields.map((name, i) => [name, i])) as StepRecord;
export type StepRecord = Readonly<Record<(typeof stepFields)[number], number>>;

/**
 * A row of the tensor: its image, its partner's, and in `program` the tables of a blend (0: there is none) and the boxes of what
 * is erased or the partner's (0: there are none).
 */
export const rowFields = ['image', 'partner', 'tables', 'boxes'] as const;

/**
 * A dispatch has a workgroup for each of `count` tiles and, since a dimension of the grid has an end, some more. At
 * `tiles` stand the indices of the tiles' steps, then, as many words further on, the tiles' places: column | row << 16.
 * Dispatches that measure have images for tiles; from `bins` on they count.
 */
export const stepSource = /* wgsl */ `
struct Dispatch { ${dispatchFields.map((name) => `${name}: u32`).join(', ')} }
@group(0) @binding(4) var<uniform> dispatch: Dispatch;

struct Step {
${stepFields.map((name) => `  ${name}: u32,`).join('\n')}
}

fn tileOf(group: vec3u, groups: vec3u) -> u32 { return group.y * groups.x + group.x; }

fn readStep(tile: u32) -> Step {
  let at = program[dispatch.tiles + tile];
  return Step(${stepFields.map((_, i) => `program[at + ${i}u]`).join(', ')});
}

// Of the image that the step makes.
fn pixelOf(tile: u32, thread: vec3u) -> vec2u {
  let place = program[dispatch.tiles + dispatch.count + tile];
  return vec2u(${TILE.width}u * (place & 0xffffu), ${TILE.height}u * (place >> 16u)) + thread.xy;
}

fn imageOf(step: Step) -> Image { return Image(step.at, step.width, step.height, step.table); }
`;
