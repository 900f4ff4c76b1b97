import { DataError } from '../../src/core/errors.ts';

/** Brands of files whose images are coded with HEVC, or as their lists of brands do not tell: ISO/IEC 23008-12. */
const heicBrands = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1'];
/** The first box of a JPEG XL or JPEG 2000 file; both are also found without boxes. */
const jpegBox = (type: string): string => `\0\0\0\x0c${type}\r\n\x87\n`;

/** How the files of formats that are known but not read begin, as Latin-1; a `?` is any byte. */
const signatures: Readonly<Record<string, readonly string[]>> = {
  HEIC: heicBrands.map((brand) => `????ftyp${brand}`),
  'JPEG XL': [jpegBox('JXL '), '\xff\x0a'],
  'JPEG 2000': [jpegBox('jP  '), '\xff\x4f\xff\x51'],
  PAM: ['P7\n'],
  PFM: ['PF\n', 'Pf\n'],
};

/** The error for a file of such a format; undefined for any other. */
export function unreadFormat(bytes: Buffer): DataError | undefined {
  const start = bytes.toString('latin1', 0, 16);
  const isLike = (signature: string) =>
    [...signature].every((character, i) => character === '?' || character === start[i]);
  for (const [name, known] of Object.entries(signatures))
    if (known.some(isLike))
      return new DataError('DECODE_FAILED', `${name} is not read; convert the file to JPEG or PNG`);
  return undefined;
}
