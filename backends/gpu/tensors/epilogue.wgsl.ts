import type { Epilogue } from '../../tensor-kernels/epilogue.ts';
import type { EpilogueText } from '../../tensor-kernels/kernel-form.ts';

export const noEpilogue: EpilogueText = {
  declarations: '',
  begin: '',
  add: () => '',
  finish: () => '',
};

/** @param parts name of the parts' binding; @param width text of the output's channels / 4 */
export const epilogueText = ({ kind }: Epilogue, parts: string, width: string): EpilogueText =>
  kind === 'moments' ? moments(parts, width) : sums(parts, width);

const scratch = `var<workgroup> laneFirst: array<vec4f, 256>;
var<workgroup> laneSecond: array<vec4f, 256>;
`;

/** Distances from the lane's first value, so that nothing cancels; lanes are merged by Chan's formula. */
const moments = (parts: string, width: string): EpilogueText => ({
  declarations: `${scratch}var<workgroup> laneCount: array<f32, 256>;\n`,
  begin: 'var seen = 0.0; var origin = vec4f(); var first = vec4f(); var second = vec4f();',
  add: (value) => `{
      let stored = rounded(${value});
      if (seen == 0.0) { origin = stored; }
      let distance = stored - origin;
      first += distance; second += distance * distance; seen += 1.0;
    }`,
  finish: (part, c) => `
  laneFirst[local] = origin + first / max(seen, 1.0);
  laneSecond[local] = second - first * first / max(seen, 1.0);
  laneCount[local] = seen;
  workgroupBarrier();
  if (local < 16u && ${c} < ${width}) {
    var count = 0.0; var mean = vec4f(); var squares = vec4f();
    for (var lane = local; lane < 256u; lane += 16u) {
      let more = laneCount[lane];
      if (more > 0.0) {
        let distance = laneFirst[lane] - mean;
        let total = count + more;
        mean += distance * (more / total);
        squares += laneSecond[lane] + distance * distance * (count * more / total);
        count = total;
      }
    }
    ${parts}_put((2u * ${part}) * ${width} + ${c}, mean);
    ${parts}_put((2u * ${part} + 1u) * ${width} + ${c}, squares);
  }`,
});

const sums = (parts: string, width: string): EpilogueText => ({
  declarations: scratch,
  begin: 'var first = vec4f(); var second = vec4f();',
  add: (value, row, c) => `{
      let stored = rounded(${value});
      first += epilogueFirst(${row}, ${c}, stored); second += epilogueSecond(${row}, ${c}, stored);
    }`,
  finish: (part, c) => `
  laneFirst[local] = first;
  laneSecond[local] = second;
  workgroupBarrier();
  if (local < 16u && ${c} < ${width}) {
    var totalFirst = vec4f(); var totalSecond = vec4f();
    for (var lane = local; lane < 256u; lane += 16u) { totalFirst += laneFirst[lane]; totalSecond += laneSecond[lane]; }
    ${parts}_put((2u * ${part}) * ${width} + ${c}, totalFirst);
    ${parts}_put((2u * ${part} + 1u) * ${width} + ${c}, totalSecond);
  }`,
});
