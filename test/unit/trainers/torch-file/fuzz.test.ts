import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../../../src/core/errors.ts';
import { readTorchFile } from '../../../../src/trainers/torch-file/read-torch-file.ts';
import { changed, torchFileOf, torchGolden } from '../../../support/torch-files.ts';

/** Tensors, or a DataError that names the file: nothing else, and in little time. */
function expectTensorsOrError(file: Uint8Array): void {
  const start = performance.now();
  try {
    const { weights } = readTorchFile(file, 'fuzzed.pth');
    for (const { shape, data } of Object.values(weights))
      expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toMatch(/^fuzzed\.pth: /);
  }
  expect(performance.now() - start).toBeLessThan(10_000);
}

const change = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
const changes = fc.array(change, { minLength: 1, maxLength: 8 });

function withChanges(bytes: Uint8Array, list: readonly { at: number; value: number }[]): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (const { at, value } of list) copy[at % copy.length] = value;
  return copy;
}

/** All instructions that are known, each with operands that often are right. */
const instruction = fc.oneof(
  fc.constantFrom(...'})](tuaesbRQN.'.split(''), '\x85', '\x86', '\x87', '\x88', '\x93', '\x94'),
  fc.constantFrom(
    'ctorch._utils\n_rebuild_tensor_v2\n',
    'ctorch._utils\n_rebuild_parameter\n',
    'ccollections\nOrderedDict\n',
    'ctorch\nFloatStorage\n',
    'X\x07\0\0\0storage',
    'X\x01\0\0\x000',
    'X\x0a\0\0\0state_dict',
    'X\x05\0\0\0model',
  ),
  fc.nat(255).map((value) => `K${String.fromCharCode(value)}`),
  fc.nat(4).map((key) => `q${String.fromCharCode(key)}`),
  fc.nat(4).map((key) => `h${String.fromCharCode(key)}`),
  fc.constantFrom(
    'J\xff\xff\xff\x7f',
    'J\xff\xff\xff\xff',
    '\x8a\x07\xff\xff\xff\xff\xff\xff\x0f',
    '\x8a\0',
    'G\x7f\xf8\0\0\0\0\0\0',
  ),
  // a tensor with whatever sizes are on the way
  fc
    .tuple(fc.nat(20), fc.nat(20), fc.nat(40))
    .map(
      ([offset, size, stride]) =>
        `ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000tQK${String.fromCharCode(offset)}K${String.fromCharCode(size)}\x85K${String.fromCharCode(stride)}\x85tR`,
    ),
);

describe('whatever a file of torch.save holds', () => {
  it.each(['state-dict.pth', 'protocol-4.pth', 'nested.pth'])(
    'as %s with some bytes changed anywhere, gives tensors or an error',
    (name) => {
      const file = torchGolden(name);
      fc.assert(
        fc.property(changes, (list) => expectTensorsOrError(withChanges(file, list))),
        { numRuns: 500 },
      );
    },
  );

  it.each(['state-dict.pth', 'protocol-4.pth', 'nested.pth'])(
    'as %s with some bytes of its pickle changed, gives tensors or an error',
    (name) => {
      fc.assert(
        fc.property(changes, (list) => {
          const pickled = (entry: string, content: Uint8Array) =>
            entry.endsWith('data.pkl') ? withChanges(content, list) : content;
          expectTensorsOrError(changed(name, pickled));
        }),
        { numRuns: 1000 },
      );
    },
  );

  it('as any program of instructions that are known, gives tensors or an error', () => {
    const programs = fc.array(instruction, { maxLength: 60 });
    fc.assert(
      fc.property(programs, (program) =>
        expectTensorsOrError(torchFileOf(Buffer.from(`${program.join('')}.`, 'latin1'))),
      ),
      { numRuns: 3000 },
    );
  });

  it('as any bytes, gives tensors or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => expectTensorsOrError(torchFileOf(bytes))),
    );
  });

  const repeated = (times: number, text: string) => text.repeat(times);
  it.each<[string, string]>([
    ['tuples in tuples', `N${repeated(1_000_000, '\x85')}.`],
    ['marks without end', `${repeated(1_000_000, '(')}.`],
    ['lists of one list', `]q\0${repeated(300_000, 'h\0a')}.`],
    [
      'tensors of very many axes',
      `(${repeated(100_000, 'K\x01')}tq\x00${repeated(20_000, 'ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000tQK\0h\0h\0tR')}.`,
    ],
    ['a dictionary in itself', `}q\0X\x05\0\0\0modelh\0sX\x0a\0\0\0state_dicth\0s.`],
    ['a text that is longer than the file', 'X\xff\xff\xff\x7fabc.'],
    [
      'one tensor by many names',
      `}ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000tQK\0K\x10\x85K\x01\x85tRq\x00${Array.from({ length: 50_000 }, (_, i) => `X\x05\0\0\0${String(i).padStart(5, '0')}h\0s`).join('')}.`,
    ],
  ])('as %s, takes neither long nor much memory', (_, program) => {
    expectTensorsOrError(torchFileOf(Buffer.from(program, 'latin1')));
  });
});
