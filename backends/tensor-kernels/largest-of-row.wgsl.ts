/** What `largestOfRow` needs beside `isClass`, which says of four channels which are classes. */
export const largestOfLanes = /* wgsl */ `const lowest = -3.0e38;
var<workgroup> laneLargest: array<f32, 64>;
`;

/** The largest logit of the row whose first four are at `first`, found by 64 lanes, as `largest` in each. */
export const largestOfRow = /* wgsl */ `  var largest = lowest;
  for (var c = local; c < p.c4; c += 64u) {
    let values = select(vec4f(lowest), logits_at(first + c), isClass(c));
    largest = max(largest, max(max(values.x, values.y), max(values.z, values.w)));
  }
  laneLargest[local] = largest;
  workgroupBarrier();
  for (var lane = 0u; lane < 64u; lane++) { largest = max(largest, laneLargest[lane]); }
`;
