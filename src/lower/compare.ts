/** Comparisons, logic and choice. Booleans are 0 and 1. */
import type { GraphNode } from '../onnx/graph.js';
import type { LoweringContext } from './context.js';
import { IntegerBuilder, XNOR, type Form } from './integerBuilder.js';

/** https://onnx.ai/onnx/operators/onnx__Less.html, LessOrEqual; with `swapped` Greater, GreaterOrEqual. */
export function lowerInequality(relation: 'less' | 'lessOrEqual', swapped: boolean) {
  return (node: GraphNode, context: LoweringContext): void => {
    const b = new IntegerBuilder(node, context);
    const { shape } = b.output();
    const [left, right] = [b.input(0, shape), b.input(1, shape)];
    b.finish(swapped ? b.compare(relation, right, left) : b.compare(relation, left, right));
  };
}

/** https://onnx.ai/onnx/operators/onnx__Equal.html */
export function lowerEqual(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const { shape } = b.output();
  const operands = [b.input(0, shape), b.input(1, shape)] as const;
  const areBooleans = operands.every((id) => b.range(id).lo >= 0 && b.range(id).hi <= 1);
  b.finish(areBooleans ? b.logic(XNOR, ...operands) : b.compare('equal', ...operands));
}

/** https://onnx.ai/onnx/operators/onnx__And.html, Or, Xor */
export function lowerLogic(form: Form) {
  return (node: GraphNode, context: LoweringContext): void => {
    const b = new IntegerBuilder(node, context);
    const { shape } = b.output();
    b.finish(b.logic(form, b.input(0, shape), b.input(1, shape)));
  };
}

/** https://onnx.ai/onnx/operators/onnx__Not.html */
export function lowerNot(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  b.finish(b.not(b.input(0)));
}

/** https://onnx.ai/onnx/operators/onnx__Where.html */
export function lowerWhere(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const { shape } = b.output();
  b.finish(b.select(b.input(0, shape), b.input(1, shape), b.input(2, shape)));
}
