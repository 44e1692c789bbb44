/**
 * Element-wise float32 operators as functions of numbers. Those of {@link EXACT} consist of correctly rounded operations and are what
 * every IEEE 754 machine computes. The others are evaluated in double precision and rounded once: library functions differ in the last
 * bit from machine to machine, so these are only used to make tables, which then are the definition of what is proven.
 */
import { floatAttribute, intAttribute, stringAttribute } from '../attributes.js';
import type { GraphNode } from '../graph.js';
import { erf } from './erf.js';

const f = Math.fround;

/** The result for one element of each operand. */
export type FloatFunction = (x: number, ...others: readonly number[]) => number;

/** Operators made of correctly rounded operations only. */
export const EXACT: ReadonlySet<string> = new Set([
  'Abs', 'Add', 'And', 'BatchNormalization', 'Cast', 'CastLike', 'Ceil', 'Clip', 'Div', 'Equal', 'Floor', 'Greater', 'GreaterOrEqual', 'HardSigmoid', 'HardSwish', 'Identity',
  'LeakyRelu', 'Less', 'LessOrEqual', 'Max', 'Mean', 'Min', 'Mul', 'Neg', 'Not', 'Or', 'PRelu', 'Reciprocal', 'Relu', 'Round', 'Shrink', 'Sign', 'Softsign', 'Sqrt', 'Sub', 'Sum',
  'ThresholdedRelu', 'Where', 'Xor',
]);

/** The function of an operator, or undefined when it is not element-wise. Operands that are left out come as undefined. */
export function floatFunction(node: GraphNode): FloatFunction | undefined {
  const alpha = (otherwise: number): number => f(floatAttribute(node, 'alpha', otherwise));
  switch (node.opType) {
    case 'Identity': case 'Cast': case 'CastLike': return (x) => f(x);
    case 'Abs': return Math.abs;
    case 'Neg': return (x) => -x;
    case 'Sign': return Math.sign;
    case 'Floor': return Math.floor;
    case 'Ceil': return Math.ceil;
    case 'Round': return roundHalfEven;
    case 'Relu': return (x) => Math.max(x, 0);
    case 'Clip': return (x, lo = -Infinity, hi = Infinity) => Math.min(Math.max(x, lo), hi);
    case 'Sqrt': return (x) => f(Math.sqrt(x));
    case 'Reciprocal': return (x) => f(1 / x);
    case 'Add': return (x, y) => f(x + (y as number));
    case 'Sub': return (x, y) => f(x - (y as number));
    case 'Mul': return (x, y) => f(x * (y as number));
    case 'Div': return (x, y) => f(x / (y as number));
    // fmod of two floats is exact. Without the attribute there is no Mod of floats.
    case 'Mod': return intAttribute(node, 'fmod', 0) === 1 ? (x, y) => x % (y as number) : undefined;
    case 'Max': return (...values) => Math.max(...values);
    case 'Min': return (...values) => Math.min(...values);
    case 'PRelu': return (x, slope) => (x < 0 ? f(x * (slope as number)) : x);
    case 'BatchNormalization': return batchNormalization(f(floatAttribute(node, 'epsilon', 1e-5)));
    case 'LeakyRelu': return leaky(alpha(0.01));
    case 'ThresholdedRelu': return above(alpha(1));
    case 'HardSigmoid': return hardSigmoid(alpha(0.2), f(floatAttribute(node, 'beta', 0.5)));
    case 'HardSwish': return hardSwish;
    case 'Softsign': return (x) => f(x * f(1 / f(1 + Math.abs(x))));
    case 'Shrink': return shrink(f(floatAttribute(node, 'bias', 0)), f(floatAttribute(node, 'lambd', 0.5)));
    case 'Sum': return sum;
    case 'Mean': return (...values) => f(sum(...values) / values.length);
    case 'Less': return (x, y) => Number(x < (y as number));
    case 'LessOrEqual': return (x, y) => Number(x <= (y as number));
    case 'Greater': return (x, y) => Number(x > (y as number));
    case 'GreaterOrEqual': return (x, y) => Number(x >= (y as number));
    case 'Equal': return (x, y) => Number(x === y);
    case 'And': return (x, y) => x * (y as number);
    case 'Or': return (x, y) => Math.max(x, y as number);
    case 'Xor': return (x, y) => Number(x !== y);
    case 'Not': return (x) => 1 - x;
    case 'Where': return (condition, x, y) => (condition === 0 ? y : x) as number;
    case 'Pow': return (x, y) => f(Math.pow(x, y as number));
    case 'Swish': return swish(alpha(1));
    case 'Gelu': return (stringAttribute(node, 'approximate') ?? 'none') === 'tanh' ? geluTanh : gelu;
    case 'Elu': return elu(alpha(1));
    case 'Celu': return celu(alpha(1));
    case 'Selu': return selu(alpha(1.6732632), f(floatAttribute(node, 'gamma', 1.050701)));
    default: {
      const library = LIBRARY[node.opType];
      return library === undefined ? undefined : (x) => f(library(x));
    }
  }
}

const LIBRARY: Readonly<Record<string, (x: number) => number>> = {
  Acos: Math.acos, Acosh: Math.acosh, Asin: Math.asin, Asinh: Math.asinh, Atan: Math.atan, Atanh: Math.atanh, Cos: Math.cos, Cosh: Math.cosh,
  Exp: Math.exp, Log: Math.log, Sin: Math.sin, Sinh: Math.sinh, Tan: Math.tan, Tanh: Math.tanh, Erf: erf,
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Softplus: softplus,
  Mish: (x) => x * Math.tanh(softplus(x)),
};

/** Half to even; the sign of a zero does not survive, which no quantization sees. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const fraction = x - floor;
  return fraction < 0.5 || (fraction === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

function sum(...values: readonly number[]): number {
  return values.reduce((total, value) => f(total + value));
}

function leaky(alpha: number): FloatFunction {
  return (x) => (x >= 0 ? x : f(alpha * x));
}

function above(alpha: number): FloatFunction {
  return (x) => (x > alpha ? x : 0);
}

function hardSigmoid(alpha: number, beta: number): FloatFunction {
  return (x) => Math.max(Math.min(f(f(alpha * x) + beta), 1), 0);
}

function hardSwish(x: number): number {
  return f(x * hardSigmoid(f(1 / 6), 0.5)(x));
}

function shrink(bias: number, lambda: number): FloatFunction {
  return (x) => (x < -lambda ? f(x + bias) : x > lambda ? f(x - bias) : 0);
}

/** ln(1 + e^x) without losing digits at either end. */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

function swish(alpha: number): FloatFunction {
  return (x) => f(x / (1 + Math.exp(-alpha * x)));
}

function gelu(x: number): number {
  return f(0.5 * x * (1 + erf(x * Math.SQRT1_2)));
}

function geluTanh(x: number): number {
  return f(0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))));
}

function elu(alpha: number): FloatFunction {
  return (x) => (x >= 0 ? x : f(alpha * Math.expm1(x)));
}

function celu(alpha: number): FloatFunction {
  return (x) => (x >= 0 ? x : f(alpha * Math.expm1(x / alpha)));
}

function selu(alpha: number, gamma: number): FloatFunction {
  return (x) => f(gamma * (x >= 0 ? x : alpha * Math.expm1(x)));
}

/** x · s + (bias − mean · s) with s = scale / √(variance + ε), each step in float32 as ONNX Runtime takes it. */
function batchNormalization(epsilon: number): FloatFunction {
  return (x, scale = 1, bias = 0, mean = 0, variance = 1) => {
    const slope = f(f(1 / f(Math.sqrt(f(variance + epsilon)))) * scale);
    return f(f(x * slope) + f(bias - f(mean * slope)));
  };
}
