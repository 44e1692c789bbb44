/** Small helpers about shapes, shared by decoding, inference and the runtime. */

/** A shape for a message: `[1, 3, 224, 224]`, `scalar` for no dimensions. */
export function formatShape(shape: readonly (number | string | bigint)[]): string {
  return shape.length === 0 ? 'scalar' : `[${shape.join(', ')}]`;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dimension, index) => dimension === b[index]);
}

/** The shape of an element-wise result after ONNX (NumPy) broadcasting, or undefined when the shapes do not fit. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let index = 0; index < rank; index++) {
    const left = a[index - rank + a.length] ?? 1;
    const right = b[index - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    shape.push(left === 1 ? right : left);
  }
  return shape;
}

/** Row-major strides. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let index = shape.length - 2; index >= 0; index--) strides[index] = (strides[index + 1] as number) * (shape[index + 1] as number);
  return strides;
}
