/** 16-bit tensors as two bytes, for the integer convolutions of ONNX Runtime, which take 8 bits. */
import type { Emitter } from './emitter.js';

/**
 * What is linear in x = 256 · high + low, as 256 times that of the high bytes plus that of the low ones.
 * @param source an int32 tensor of 16 bits
 * @param convolve appends the int32 convolution of an int8 tensor with a zero point
 */
export function sumOfBytes(emitter: Emitter, { name, source, convolve }: { name: string; source: string; convolve: (part: string, input: string, zeroPoint: number) => string }): string {
  const [high, low] = bytesOf(emitter, `${name}/bytes`, source);
  const upper = emitter.add({ name: `${name}/upper`, opType: 'Mul', inputs: [convolve('high', high, 0), emitter.scalar(`${name}/byte`, 'int32', 256)] });
  // The low byte is stored 128 lower, which its zero point undoes, also where zeros are padded.
  return emitter.add({ name: `${name}/sum`, opType: 'Add', inputs: [upper, convolve('low', low, -128)] });
}

/** High and low byte of a 16-bit tensor, as int8: x = 256 · high + low + 128. */
function bytesOf(emitter: Emitter, name: string, source: string): readonly [string, string] {
  const known = emitter.bytes.get(source);
  if (known !== undefined) return known;
  const int32 = (role: string, value: number): string => emitter.scalar(`${source}_${role}`, 'int32', value);
  const lifted = emitter.add({ name: `${name}/lifted`, opType: 'Add', inputs: [source, int32('lift', 32_768)] });
  const quotient = emitter.add({ name: `${name}/quotient`, opType: 'Div', inputs: [lifted, int32('byte', 256)] });
  const whole = emitter.add({ name: `${name}/whole`, opType: 'Mul', inputs: [quotient, int32('factor', 256)] });
  const rest = emitter.add({ name: `${name}/rest`, opType: 'Sub', inputs: [lifted, whole] });
  const centred = (role: string, from: string): string =>
    emitter.cast(`${name}/${role}`, emitter.add({ name: `${name}/${role}_centred`, opType: 'Sub', inputs: [from, int32(`${role}_centre`, 128)] }), 'int8');
  const bytes = [centred('high_byte', quotient), centred('low_byte', rest)] as const;
  emitter.bytes.set(source, bytes);
  return bytes;
}
