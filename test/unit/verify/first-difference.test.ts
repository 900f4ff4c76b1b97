import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHalf } from '../../../src/core/half.ts';
import type { TensorFormat, TensorLayout, TensorType } from '../../../src/core/image.ts';
import { firstOtherElement, firstOtherPixel } from '../../../src/verify/first-difference.ts';

const size = { width: 5, height: 4 };
const channels = ['red', 'green', 'blue'];

const place = fc.record({
  x: fc.nat(size.width - 1),
  y: fc.nat(size.height - 1),
  channel: fc.nat(2),
});

const image = () => ({ ...size, data: new Uint8Array(size.width * size.height * 3).fill(9) });

describe('the first difference', () => {
  it('of two images is named by place, channel and both values', () => {
    fc.assert(
      fc.property(place, ({ x, y, channel }) => {
        const other = image();
        other.data[(y * size.width + x) * 3 + channel] = 10;
        expect(firstOtherPixel(image(), other)).toBe(
          `pixel (${x}, ${y}) ${channels[channel]}: 10 instead of 9`,
        );
      }),
    );
    expect(firstOtherPixel(image(), image())).toBeUndefined();
    expect(firstOtherPixel(image(), { width: 1, height: 1, data: new Uint8Array(3) })).toBe(
      '1 x 1 pixels instead of 5 x 4 pixels',
    );
  });

  it.each<[TensorType, TensorLayout]>([
    ['float16', 'nhwc'],
    ['float16', 'nchw'],
    ['float32', 'nhwc'],
    ['float32', 'nchw'],
  ])('of two tensors, %s %s, is so too', (dtype, layout) => {
    const format: TensorFormat = { dtype, layout, mean: [0, 0, 0], std: [1, 1, 1] };
    const count = size.width * size.height * 3;
    const tensor = (at: number, value: number) => {
      const elements = dtype === 'float16' ? new Uint16Array(count) : new Float32Array(count);
      elements[at] = dtype === 'float16' ? toHalf(value) : value;
      return new Uint8Array(elements.buffer);
    };
    fc.assert(
      fc.property(place, ({ x, y, channel }) => {
        const pixel = y * size.width + x;
        const at = layout === 'nhwc' ? pixel * 3 + channel : channel * size.width * size.height + pixel;
        expect(firstOtherElement(tensor(at, 0), tensor(at, -1.5), size, format)).toBe(
          `pixel (${x}, ${y}) ${channels[channel]}: -1.5 instead of 0`,
        );
        expect(firstOtherElement(tensor(at, 2), tensor(at, 2), size, format)).toBeUndefined();
      }),
    );
  });
});
