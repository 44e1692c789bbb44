/** PNG and JPEG files as 8-bit pixels. The size is read first, so that nothing is unpacked that no model asked for. */
import { createRequire } from 'node:module';
import type * as JpegJs from 'jpeg-js';
import type * as Pngjs from 'pngjs';
import { ZkonnxError } from '../../errors/index.js';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each pixel, row by row. */
  readonly rgba: Uint8Array;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

type Format = 'PNG' | 'JPEG';

const SIGNATURES: Readonly<Record<Format, readonly number[]>> = {
  PNG: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  JPEG: [0xff, 0xd8, 0xff],
};

/** Whether bytes begin like an image that can be read. */
export function isImage(bytes: Uint8Array): boolean {
  return formatOf(bytes) !== undefined;
}

function formatOf(bytes: Uint8Array): Format | undefined {
  return (Object.keys(SIGNATURES) as Format[]).find((format) => SIGNATURES[format].every((value, index) => bytes[index] === value));
}

/** More pixels than this are refused whatever the model says. */
const MAX_PIXELS = 2 ** 26;

/**
 * The pixels of a PNG or JPEG file.
 * @param checkSize throws for a size that is not wanted, before the pixels are unpacked
 * @throws ZkonnxError INPUT_MALFORMED
 */
export function decodeImage(bytes: Uint8Array, checkSize: (size: ImageSize) => void): Pixels {
  const format = formatOf(bytes);
  if (format === undefined) throw malformed('image', 'it is neither PNG nor JPEG');
  const size = format === 'PNG' ? pngSize(bytes) : jpegSize(bytes);
  checkSize(size);
  if (size.width * size.height > MAX_PIXELS) throw malformed(format, `it has ${size.width} × ${size.height} pixels; at most ${MAX_PIXELS} are read`);
  // The decoders are loaded only here: most runs read other inputs.
  const load = createRequire(import.meta.url);
  const pixels = attempt(format, () => (format === 'PNG' ? decodePng(load, bytes) : decodeJpeg(load, bytes)));
  if (pixels.width !== size.width || pixels.height !== size.height || pixels.rgba.length !== 4 * size.width * size.height) throw malformed(format, 'its sizes contradict each other');
  return pixels;
}

function decodePng(load: NodeJS.Require, bytes: Uint8Array): Pixels {
  const { PNG } = load('pngjs') as typeof Pngjs;
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return { width, height, rgba: data };
}

function decodeJpeg(load: NodeJS.Require, bytes: Uint8Array): Pixels {
  const { decode } = load('jpeg-js') as typeof JpegJs;
  const { width, height, data } = decode(bytes, { useTArray: true, formatAsRGBA: true, tolerantDecoding: false, maxMemoryUsageInMB: 2048 });
  return { width, height, rgba: data };
}

/** https://www.w3.org/TR/png-3/#11IHDR */
function pngSize(bytes: Uint8Array): ImageSize {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33 || view.getUint32(12) !== 0x49484452) throw malformed('PNG', 'it does not begin with IHDR');
  if (view.getUint8(24) === 16) throw malformed('PNG', 'its samples have 16 bits, of which 8 would be lost', 'Save it with 8 bits per sample, or give the values as .npy.');
  // The decoder unpacks an interlaced image without a limit.
  if (view.getUint8(28) !== 0) throw malformed('PNG', 'it is interlaced', 'Save it without interlacing.');
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Frame headers: SOF0 to SOF15 without DHT, JPG and DAC. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1 */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function jpegSize(bytes: Uint8Array): ImageSize {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (view.getUint8(at) !== 0xff) break;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (isFrameHeader(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + view.getUint16(at + 2);
  }
  throw malformed('JPEG', 'it has no frame');
}

function attempt(format: Format, decode: () => Pixels): Pixels {
  try {
    return decode();
  } catch (cause) {
    throw malformed(format, cause instanceof Error ? cause.message : String(cause), undefined, cause);
  }
}

function malformed(what: string, why: string, fix?: string, cause?: unknown): ZkonnxError {
  return new ZkonnxError('INPUT_MALFORMED', { message: `The file is not a readable ${what}${what === 'image' ? '' : ' image'}: ${why.replace(/\.$/, '')}.`, fix, cause });
}
