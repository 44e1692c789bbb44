/** Option values. Each parser throws USAGE with what it takes. */
import { existsSync } from 'node:fs';
import { ZkonnxError } from '../errors/index.js';
import type { ImageOptions, InputSource } from '../workflow/proofInputs.js';

/** A whole number from 1. */
export function positiveInteger(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) throw new ZkonnxError('USAGE', { message: `${option} is not a number from 1.`, expected: 'a whole number from 1', found: text });
    return value;
  };
}

/** A number above 0. */
export function positiveNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value > 0) || !Number.isFinite(value)) throw new ZkonnxError('USAGE', { message: `${option} is not a number above 0.`, expected: 'a number above 0', found: text });
    return value;
  };
}

/** More than 50 and at most 100. */
export function percentage(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value > 50 && value <= 100)) throw new ZkonnxError('USAGE', { message: `${option} is not a percentage.`, expected: 'more than 50, at most 100', found: text });
    return value;
  };
}

/** `NAME=N`, once or several times. */
export function sizeOfDimension(text: string, before: Readonly<Record<string, number>> = {}): Readonly<Record<string, number>> {
  const [, name, size] = /^(.+)=(\d+)$/.exec(text) ?? [];
  if (name === undefined) throw new ZkonnxError('USAGE', { message: '--dimension does not say which dimension has which size.', expected: 'NAME=N', found: text });
  return { ...before, [name]: positiveInteger('--dimension')(size as string) };
}

const UNITS: Readonly<Record<string, number>> = { M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Bytes: `4G`, `512M`. */
export function byteSize(option: string): (text: string) => number {
  return (text) => {
    const [, number, unit] = /^(\d+(?:\.\d+)?)([MGT])(?:i?B)?$/i.exec(text) ?? [];
    if (number === undefined || unit === undefined) throw new ZkonnxError('USAGE', { message: `${option} is not a size.`, expected: 'a size like 4G or 512M', found: text });
    return Number(number) * (UNITS[unit.toUpperCase()] as number);
  };
}

/** One of a few words. */
export function oneOf<const Word extends string>(option: string, words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new ZkonnxError('USAGE', { message: `${option} is not one of its values.`, expected: words.join(', '), found: text });
    return word;
  };
}

/** Input files: each is one inference; files given as NAME=FILE are together one. `image` says how images among them are read. */
export function inputSources(files: readonly string[], image?: ImageOptions): InputSource[] {
  const parts = files.map((file) => {
    const [, name, path] = existsSync(file) ? [] : (/^([^=]+)=(.+)$/.exec(file) ?? []);
    return name === undefined || path === undefined ? { path: file } : { path, name };
  });
  const read = image === undefined ? parts : parts.map((part) => ({ ...part, image }));
  if (parts.some((part) => 'name' in part)) return [{ files: read }];
  return image === undefined ? parts.map(({ path }) => path) : read.map((part) => ({ files: [part] }));
}
