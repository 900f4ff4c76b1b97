import { readFileSync } from 'node:fs';
import type { NamedTensor, TensorMap } from '../../src/core/trainer.ts';
import { readZip } from '../../src/trainers/torch-file/zip.ts';

/** What test/golden/make_torch_golden.py wrote. */
export const torchGolden = (name: string): Buffer => readFileSync(`test/golden/torch/${name}`);

/** A zip of entries that are stored, without checksums, as torch.save writes where it is told to leave them out. */
export function zipOf(entries: ReadonlyMap<string, Uint8Array>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of entries) {
    const named = Buffer.from(name);
    // the signature, then 22 bytes from the version on to the length of the name
    const header = Buffer.alloc(26);
    header.writeUInt32LE(content.length, 14);
    header.writeUInt32LE(content.length, 18);
    header.writeUInt16LE(named.length, 22);
    const local = Buffer.concat([u32(0x04034b50), header, named, content]);
    const entry = Buffer.alloc(42);
    header.copy(entry, 2, 0, 24);
    entry.writeUInt32LE(at, 38);
    directory.push(u32(0x02014b50), entry, named);
    parts.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.size, 6);
  const listed = Buffer.concat(directory);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, listed, u32(0x06054b50), end]);
}

/** A file of dictionaries of float32 tensors, as torch.save writes it: one storage per tensor. */
export function torchFile(dictionaries: Readonly<Record<string, TensorMap>>): Buffer {
  const storages: [string, Uint8Array][] = [];
  const tensor = ({ shape, data }: NamedTensor): string => {
    const key = String(storages.length);
    storages.push([`x/data/${key}`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
    const strides = shape.map((_, axis) =>
      shape.slice(axis + 1).reduce((product, size) => product * size, 1),
    );
    const storage = `(${text('storage')}ctorch\nFloatStorage\n${text(key)}${text('cpu')}${int(data.length)}tQ`;
    return `ctorch._utils\n_rebuild_tensor_v2\n(${storage}${int(0)}${tuple(shape)}${tuple(strides)}tR`;
  };
  const items = Object.entries(dictionaries).map(([name, tensors]) => {
    const inner = Object.entries(tensors).map(([one, value]) => `${text(one)}${tensor(value)}`);
    return `${text(name)}}(${inner.join('')}u`;
  });
  const program = Buffer.from(`\x80\x02}(${items.join('')}u.`, 'latin1');
  return zipOf(new Map([['x/data.pkl', program], ...storages]));
}

const text = (value: string): string => `X${u32(value.length).toString('latin1')}${value}`;
const int = (value: number): string => `J${u32(value).toString('latin1')}`;
const tuple = (values: readonly number[]): string => `(${values.map(int).join('')}t`;

/** A file whose pickle is this program, with one storage, `0`, of 64 bytes. */
export const torchFileOf = (program: Uint8Array): Buffer =>
  zipOf(
    new Map([
      ['x/data.pkl', program],
      ['x/data/0', new Uint8Array(64)],
    ]),
  );

/** A file of the golden ones, with bytes of its entries changed, and no checksum that would tell. */
export function changed(name: string, change: (entry: string, content: Uint8Array) => Uint8Array): Buffer {
  const entries = [...readZip(torchGolden(name))];
  return zipOf(new Map(entries.map(([entry, content]) => [entry, change(entry, content)])));
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
