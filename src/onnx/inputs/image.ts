/**
 * A PNG or JPEG image as an input. Every element is ((level · scale) − mean) / std in float32, in this order, as torchvision's ToTensor
 * and Normalize compute it. The image must have the size that the model wants: resizing is a matter of taste, and none is built in.
 */
import { ZkonnxError } from '../../errors/index.js';
import { isInteger, newTensorData } from '../elementType.js';
import { elementCount, type Tensor, type ValueInfo } from '../graph.js';
import { formatShape } from '../shape.js';
import { decodeImage, type Pixels } from './decodeImage.js';
import { numberOf } from './number.js';

/** How pixels become elements. */
export interface ImageOptions {
  /** What a level of 0 to 255 is multiplied by. Default: 1/255 for a float input, 1 for an integer input. */
  readonly scale?: number | undefined;
  /** Subtracted after scaling: one number, or one for each channel. Default 0. */
  readonly mean?: readonly number[] | undefined;
  /** Divided by after that: one number, or one for each channel. Default 1. */
  readonly std?: readonly number[] | undefined;
  /** Where the channels are in the shape. Default 'nchw', channels before height and width. */
  readonly layout?: ImageLayout | undefined;
  /** What the channels are. Default 'gray' for one channel, 'rgb' for three. */
  readonly color?: ImageColor | undefined;
}

export type ImageLayout = 'nchw' | 'nhwc';
export type ImageColor = 'gray' | 'rgb' | 'bgr';

/** Where the pixels of an image go in a tensor. */
interface Frame {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Steps between neighbours in the tensor. */
  readonly strides: { readonly row: number; readonly column: number; readonly channel: number };
}

/** @throws ZkonnxError INPUT_MALFORMED, INPUT_SHAPE, INPUT_TYPE, INPUT_RANGE, USAGE for options that do not fit the input */
export function tensorFromImage({ input, bytes, options = {} }: { input: ValueInfo; bytes: Uint8Array; options?: ImageOptions | undefined }): Tensor {
  const shape = input.shape as readonly number[];
  const frame = frameOf(input, shape, options.layout ?? 'nchw');
  const { height, width, channels, strides } = frame;
  const color = options.color ?? (channels === 1 ? 'gray' : 'rgb');
  if (channels !== (color === 'gray' ? 1 : 3)) throw new ZkonnxError('USAGE', { message: `The input '${input.name}' has ${channels} channels, which '${color}' does not fill.`, expected: channels === 1 ? 'gray' : channels === 3 ? 'rgb or bgr' : 'an input of 1 or 3 channels' });
  const pixels = decodeImage(bytes, (size) => {
    if (size.height !== height || size.width !== width) throw new ZkonnxError('INPUT_SHAPE', { message: `The image for the input '${input.name}' has the wrong size.`, expected: `${width} × ${height} pixels (width × height)`, found: `${size.width} × ${size.height}`, fix: 'Resize it first: zkonnx does not, so that no resampling filter decides what is proven.' });
  });
  const elements = elementTables(input, channels, options);
  const data = newTensorData(input.type, elementCount(shape));
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at += 4) {
      const levels = levelsOf(input, pixels, at, color);
      for (let channel = 0; channel < channels; channel++) {
        const value = (elements[channel] as readonly number[])[levels[channel] as number] as number;
        const place = row * strides.row + column * strides.column + channel * strides.channel;
        data[place] = numberOf(input, value, place) as never;
      }
    }
  }
  return { type: input.type, shape, data };
}

function frameOf(input: ValueInfo, shape: readonly number[], layout: ImageLayout): Frame {
  const inner = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
  const [first, second, third] = inner;
  if (inner.length === 2) return frame(1, first as number, second as number, layout);
  if (inner.length !== 3) throw new ZkonnxError('INPUT_SHAPE', { message: `The input '${input.name}' of the shape ${formatShape(shape)} does not take an image.`, expected: '[1, channels, height, width], [1, height, width, channels], either without the 1, or [height, width]', found: formatShape(shape) });
  return layout === 'nchw' ? frame(first as number, second as number, third as number, layout) : frame(third as number, first as number, second as number, layout);
}

function frame(channels: number, height: number, width: number, layout: ImageLayout): Frame {
  const strides = layout === 'nchw' ? { row: width, column: 1, channel: height * width } : { row: width * channels, column: channels, channel: 1 };
  return { channels, height, width, strides };
}

/** The element of each level, 0 to 255, for each channel. */
function elementTables(input: ValueInfo, channels: number, { scale, mean = [0], std = [1] }: ImageOptions): number[][] {
  const perChannel = (name: string, values: readonly number[]): readonly number[] => {
    if (values.length !== 1 && values.length !== channels) throw new ZkonnxError('USAGE', { message: `The ${name} of the image has ${values.length} numbers.`, expected: channels === 1 ? 'one' : `one, or one for each of the ${channels} channels` });
    return Array.from({ length: channels }, (_, channel) => values[values.length === 1 ? 0 : channel] as number);
  };
  const means = perChannel('mean', mean);
  const factor = scale ?? (isInteger(input.type) ? 1 : 1 / 255);
  return perChannel('std', std).map((divisor, channel) => {
    if (Math.fround(divisor) === 0) throw new ZkonnxError('USAGE', { message: 'The std of the image is 0.', expected: 'numbers other than 0' });
    return Array.from({ length: 256 }, (_, level) => {
      const centred = Math.fround(Math.fround(level * factor) - Math.fround(means[channel] as number));
      return Math.fround(centred / Math.fround(divisor));
    });
  });
}

/** The levels of one pixel, in the order of the channels. */
function levelsOf(input: ValueInfo, { rgba }: Pixels, at: number, color: ImageColor): readonly number[] {
  const [red, green, blue, opacity] = rgba.subarray(at, at + 4) as unknown as readonly [number, number, number, number];
  if (opacity !== 255) throw new ZkonnxError('INPUT_RANGE', { message: `The image for the input '${input.name}' has transparent pixels.`, expected: 'every pixel opaque', found: `opacity ${opacity} of 255 at pixel ${at / 4}`, fix: 'Put it on a background first.' });
  if (color === 'rgb') return [red, green, blue];
  if (color === 'bgr') return [blue, green, red];
  return [luma(red, green, blue)];
}

/** Rec. 601 in sixteen bits, as Pillow's convert('L') computes it; grey pixels stay what they are. */
function luma(red: number, green: number, blue: number): number {
  return (19_595 * red + 38_470 * green + 7_471 * blue + 32_768) >> 16;
}
