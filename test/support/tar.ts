/** A member to write; `type` other than '0' for what is no file. */
export interface TarEntry {
  readonly name: string;
  readonly data?: string | Uint8Array;
  readonly type?: string;
}

/** How a tar writes a name that does not fit, and a size. */
export type TarFlavour = 'ustar' | 'gnu' | 'pax' | 'base-256' | 'v7';

const BLOCK = 512;

/** A tar of these members: 'gnu' and 'pax' write every name in a header of its own, 'base-256' every size in binary. */
export function tarOf(entries: readonly TarEntry[], flavour: TarFlavour = 'ustar'): Buffer {
  const members = entries.flatMap((entry) => tarMember(entry, flavour));
  return Buffer.concat([...members, Buffer.alloc(2 * BLOCK)]);
}

/** The header alone of a member of any size, which is written in binary. */
export function tarHeader(name: string, size: number): Buffer {
  const [header] = block({ name, type: '0', content: Buffer.alloc(0), size, isBinarySize: true });
  return header as Buffer;
}

function tarMember({ name, data = '', type = '0' }: TarEntry, flavour: TarFlavour = 'ustar'): Buffer[] {
  const content = Buffer.from(data);
  if (flavour === 'gnu')
    return [
      ...block({ name: '././@LongLink', type: 'L', content: Buffer.from(`${name}\0`) }),
      ...block({ name: 'cut', type, content, magic: 'ustar  \0' }),
    ];
  if (flavour === 'pax')
    return [
      ...block({
        name: 'PaxHeader',
        type: 'x',
        content: paxRecords({ path: name, size: String(content.length) }),
      }),
      ...block({ name: 'cut', type, content, size: 0 }),
    ];
  if (flavour === 'v7') return block({ name, type: type === '0' ? '\0' : type, content, magic: '' });
  return block({ name, type, content, isBinarySize: flavour === 'base-256' });
}

export function paxRecords(records: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(` ${key}=${value}\n`)));
}

/** A record begins with its length, which counts its own digits. */
function paxRecord(rest: string): Buffer {
  const bytes = Buffer.byteLength(rest);
  let length = bytes + 1;
  while (bytes + String(length).length !== length) length++;
  return Buffer.from(`${length}${rest}`);
}

interface Block {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
  readonly magic?: string;
  /** In the header, where it is not the content's. */
  readonly size?: number;
  readonly isBinarySize?: boolean;
}

function block({
  name,
  type,
  content,
  magic = 'ustar\x0000',
  size = content.length,
  isBinarySize,
}: Block): Buffer[] {
  const header = Buffer.alloc(BLOCK);
  const [prefix, rest] = splitName(name);
  header.write(rest, 0);
  header.write('0000644\0', 100);
  if (isBinarySize) {
    header[124] = 0x80;
    header.writeUIntBE(size, 130, 6);
  } else header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write(type, 156);
  header.write(magic, 257);
  if (magic.startsWith('ustar\0')) header.write(prefix, 345);
  writeChecksum(header, 0);
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}

/** The sum of the header's bytes, with spaces for the sum itself. */
export function writeChecksum(tar: Buffer, header: number): void {
  tar.write('        ', header + 148);
  const sum = tar.subarray(header, header + BLOCK).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, header + 148);
}

/** ustar keeps the start of a path of more than 100 bytes elsewhere. */
function splitName(name: string): [prefix: string, rest: string] {
  if (Buffer.byteLength(name) <= 100) return ['', name];
  const slash = name.lastIndexOf('/');
  return [name.slice(0, slash), name.slice(slash + 1)];
}

/** The two members of a sample in WebDataset's convention. */
export function tarSample(key: string, label: number | string, image: string | Uint8Array = key): TarEntry[] {
  return [
    { name: `${key}.cls`, data: String(label) },
    { name: `${key}.jpg`, data: image },
  ];
}
