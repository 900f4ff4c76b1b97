import { defineShader } from '../shader.ts';
import { noise } from './noise.ts';
import { STARTS } from './offset-starts.ts';

export const noiseShader = defineShader(
  noise,
  /* wgsl */ `
fn noise(call: Noise, image: Image, x: u32, y: u32) -> u32 {
  let indices = noiseIndices(call.key0, call.key1, y * image.width + x);
  var channels = channelsOf(pixelAt(image, x, y));
  for (var channel = 0u; channel < 3u; channel++) {
    let sum = channels[channel] + startsUpTo(call.starts, indices[channel]);
    channels[channel] = clamp(sum, 255u, 510u) - 255u;
  }
  return packed(channels);
}

// How many starts are no greater than the index: the level that it adds, plus 255.
fn startsUpTo(starts: u32, index: u32) -> u32 {
  var count = 0u;
  for (var step = 256u; step > 0u; step /= 2u) {
    let more = count + step;
    if (more <= ${STARTS}u && program[starts + more - 1u] <= index) { count = more; }
  }
  return count;
}
`,
);
