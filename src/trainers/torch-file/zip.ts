import { crc32 } from 'node:zlib';
import { type ZipBytes, type ZipEntry, zipEntries } from '../../core/zip-entries.ts';
import { damaged } from './damaged.ts';

/** Contents of a zip by their names, not copied. torch.save compresses nothing: what is compressed is refused. */
export function readZip(file: Uint8Array): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  let bytes = 0;
  for (const entry of zipEntries(bytesOf(file), (_, reason) => damaged(`zip: ${reason}`))) {
    bytes += entry.size;
    // entries that share their bytes
    if (!(bytes <= file.length)) throw damaged(`zip: entries of ${bytes} bytes in a file of ${file.length}`);
    contents.set(entry.name, contentOf(entry, file));
  }
  return contents;
}

function bytesOf({ buffer, byteOffset, length: size }: Uint8Array): ZipBytes {
  const bytes = Buffer.from(buffer, byteOffset, size);
  return { size, view: (position, length) => bytes.subarray(position, position + length) };
}

/** The bytes of an entry. A checksum of 0 is one that torch.save was told to leave out. */
function contentOf({ name, isDeflated, checksum, size, offset }: ZipEntry, file: Uint8Array): Uint8Array {
  if (isDeflated) throw damaged(`${name} is compressed, which torch.save never does`);
  const content = file.subarray(offset, offset + size);
  if (checksum !== 0 && crc32(content) !== checksum)
    throw damaged(`${name} has another checksum: the file is damaged`);
  return content;
}
