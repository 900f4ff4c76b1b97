import type { KernelForm } from './kernel-form.ts';

/** WGSL of weight-update.ts: functions that the update's text calls. */
export const updateFunctions = ({ has }: KernelForm): string => /* wgsl */ `
fn isSkipped() -> bool { return ${has('flag') ? 'flag_at(0u) != 0u' : 'false'}; }

fn gradientOf(i: u32, weights: vec4f) -> vec4f {
  let decay = select(0.0, p.weightDecay, i < p.decayed4);
  return gradients_at(i)${has('state') ? ' / state_at(0u)' : ''} + decay * weights;
}

fn putWeights(i: u32, weights: vec4f) {
  weights_put(i, weights);
  ${has('copy') ? 'copy_put(i, weights);' : ''}
}
`;
