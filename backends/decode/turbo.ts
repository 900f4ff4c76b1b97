import jpegTurbo from '@julusian/jpeg-turbo';
import { uninterrupted } from '../threads/thread-task.ts';

/**
 * Decodes an ordinary JPEG to packed u8 RGB with the fast DCT. False where libjpeg-turbo failed, which the binding does
 * not explain, or only warned (junk between segments, damaged data), which the binding takes for failure and Pillow
 * does not.
 */
export function decodeWithTurbo(bytes: Buffer, target: Buffer): boolean {
  try {
    uninterrupted(() => jpegTurbo.decompressSync(bytes, target, { format: jpegTurbo.FORMAT_RGB }));
    return true;
  } catch {
    return false;
  }
}
