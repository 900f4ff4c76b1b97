/** Workgroups for `columnsOfLanes`: 16 groups of 4 channels by one part of the rows. */
export const columnGroups = (c4: number, parts: number): [number, number, number] => [
  Math.ceil(c4 / 16),
  parts,
  1,
];

/**
 * An entry point of 256 threads, for which `part` is a stretch of rows: 16 columns (`c`: a group of 4 channels, which may be
 * out of range) of 16 lanes, which take turns at the rows. So neighbouring threads load neighbouring channels.
 */
export const columnsOfLanes = (body: string): string => /* wgsl */ `
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let part = workgroup.y;
  let c = workgroup.x * 16u + local % 16u;
  let lane = local / 16u;
  ${body}
}
`;

/** The rows of a part that is `p.chunk` rows of so many; the last may be shorter. */
export const rowsOfPart = (rows: string): string => `let start = part * p.chunk;
  let end = min(start + p.chunk, ${rows});`;

/** Declarations for `laneSums` of `count` variables. */
export const laneSumsDeclaration = (count: number): string => /* wgsl */ `
var<workgroup> laneSums: array<vec4f, ${16 * count}>;
// 16, which no compiler knows: a software driver unrolls a loop of known length, barriers and all, and compiles it for long
fn sixteen() -> u32 { return min(16u, 16u * p.c4); }
`;

/** Adds up each variable over the lanes, in their order, and hands the sums on: `put(i, sum)` writes that of the i-th. */
export const laneSums = (variables: readonly string[], put: (i: string, sum: string) => string): string => `
  for (var turn = 0u; turn < sixteen(); turn++) {
    if (turn == lane) {
      ${variables.map((variable, i) => `laneSums[${16 * i}u + local % 16u] += ${variable};`).join('\n      ')}
    }
    workgroupBarrier();
  }
  if (c < p.c4) {
    for (var sum = local; sum < ${16 * variables.length}u; sum += 256u) { ${put('(sum / 16u)', 'laneSums[sum]')} }
  }`;
