/** How the command line says what becomes of the pixels of an image. */
import type { Command } from 'commander';
import { ZkonnxError } from '../errors/index.js';
import type { ImageOptions } from '../workflow/proofInputs.js';
import { oneOf } from './parse.js';

/** The options as commander collects them. */
export interface ImageFlags {
  readonly imageScale?: number;
  readonly imageMean?: readonly number[];
  readonly imageStd?: readonly number[];
  readonly imageLayout?: 'nchw' | 'nhwc';
  readonly imageColor?: 'gray' | 'rgb' | 'bgr';
}

/** Adds the options to a command that reads inputs. */
export function imageOptions(command: Command): Command {
  return command
    .option('--image-scale <number>', 'what pixels of 0 to 255 are multiplied by (default: 1/255; 1 for integer inputs)', numberOrFraction('--image-scale'))
    .option('--image-mean <numbers>', 'subtracted then, one number or one per channel: 0.485,0.456,0.406 (default: 0)', numbers('--image-mean'))
    .option('--image-std <numbers>', 'divided by then, one number or one per channel (default: 1)', numbers('--image-std'))
    .option('--image-layout <name>', 'where the channels are: nchw or nhwc (default: nchw)', oneOf('--image-layout', ['nchw', 'nhwc']))
    .option('--image-color <name>', 'gray, rgb or bgr (default: gray for one channel, rgb for three)', oneOf('--image-color', ['gray', 'rgb', 'bgr']));
}

/** The options for the input files, or undefined when none was given. */
export function imageOf({ imageScale: scale, imageMean: mean, imageStd: std, imageLayout: layout, imageColor: color }: ImageFlags): ImageOptions | undefined {
  const options: ImageOptions = { scale, mean, std, layout, color };
  return Object.values(options).every((value) => value === undefined) ? undefined : options;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function numberOf(option: string, text: string): number {
  const trimmed = text.trim();
  const value = Number(trimmed);
  if (!NUMBER.test(trimmed) || !Number.isFinite(value)) throw new ZkonnxError('USAGE', { message: `${option} is not a number.`, expected: 'a number', found: text });
  return value;
}

function numberOrFraction(option: string): (text: string) => number {
  return (text) => {
    const [numerator, denominator, ...more] = text.split('/');
    const value = numberOf(option, numerator as string) / (denominator === undefined ? 1 : numberOf(option, denominator));
    if (more.length > 0 || !Number.isFinite(value)) throw new ZkonnxError('USAGE', { message: `${option} is not a number.`, expected: 'a number or a fraction like 1/255', found: text });
    return value;
  };
}

function numbers(option: string): (text: string) => number[] {
  return (text) => text.split(',').map((part) => numberOf(option, part));
}
