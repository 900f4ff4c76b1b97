/** What a batch's `program` begins with. Index of the word. */
export const header = {
  /** Slots an image, and where the steps begin: image by image, `stepFields` for each slot. */
  slots: 0,
  steps: 1,
  /** Where the tensor's rows begin: `rowFields` for each. */
  rows: 2,
  /** Of one row of the tensor. */
  elements: 3,
  pixels: 4,
  isPlanar: 5,
  isFloat: 6,
  /** Of all rows, and the index of their first word in the output that is bound. */
  words: 7,
  outputStart: 8,
  /** Of normalize and mixup: kernels/finish/finish.wgsl.ts. */
  table: 9,
  shift: 10,
} as const;
export const HEADER_WORDS = Object.keys(header).length;

/** What an image undergoes in one slot, a word each; opcode 0 is nothing. `width` of an upload is its stride. */
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
] as const;
export type StepRecord = Readonly<Record<(typeof stepFields)[number], number>>;

/** A row of the tensor: its image, its partner's, and MixUp's tables in \`program\` (0: it stands alone). */
export const rowFields = ['image', 'partner', 'tables'] as const;

export const stepSource = /* wgsl */ `
struct Dispatch { slot: u32 }
@group(0) @binding(4) var<uniform> dispatch: Dispatch;

struct Step {
${stepFields.map((name) => `  ${name}: u32,`).join('\n')}
}

fn readStep(image: u32) -> Step {
  let at = program[${header.steps}u] + (image * program[${header.slots}u] + dispatch.slot) * ${stepFields.length}u;
  return Step(${stepFields.map((_, i) => `program[at + ${i}u]`).join(', ')});
}

fn imageOf(step: Step) -> Image { return Image(step.at, step.width, step.height, step.table); }
`;
