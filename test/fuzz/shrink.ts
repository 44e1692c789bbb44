/** Makes a graph that shows a defect as small as it gets while it still shows it. */
import { isInteger, newTensorData } from '../../src/onnx/elementType.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { elementCount, type Graph, type GraphNode, type Tensor, type ValueInfo } from '../../src/onnx/graph.js';
import { inferTypes } from '../../src/onnx/inferShapes.js';
import { stridesOf } from '../../src/onnx/shape.js';
import { run, withSession } from '../../src/runtime/session.js';

export interface Specimen {
  readonly graph: Graph;
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/** Whether a specimen still shows the defect. Anything thrown counts as no. */
export type Shows = (specimen: Specimen) => Promise<boolean>;

/** Drops outputs, cuts off what lies before an integer tensor, and halves the inputs, as long as the defect stays. */
export async function shrink(specimen: Specimen, shows: Shows): Promise<Specimen> {
  let best = specimen;
  for (let smaller: Specimen | undefined = best; smaller !== undefined; ) {
    best = smaller;
    smaller = undefined;
    for (const candidate of await candidates(best)) {
      if (size(candidate) < size(best) && (await safely(shows, candidate))) {
        smaller = candidate;
        break;
      }
    }
  }
  return best;
}

function size({ graph, inputs }: Specimen): number {
  const elements = [...inputs.values(), ...graph.initializers.values()].reduce((sum, { data }) => sum + data.length, 0);
  return graph.nodes.length * 1000 + graph.outputs.length * 1000 + elements;
}

async function safely(shows: Shows, specimen: Specimen): Promise<boolean> {
  try {
    return await shows(specimen);
  } catch {
    return false;
  }
}

async function candidates(specimen: Specimen): Promise<Specimen[]> {
  const { graph } = specimen;
  const single = graph.outputs.length > 1 ? graph.outputs.map((output) => pruned({ ...specimen, graph: { ...graph, outputs: [output] } })) : [];
  const earlier = await earlierOutputs(specimen);
  return [...single, ...earlier, ...(await cuts(specimen)), ...halves(specimen)];
}

/** An integer tensor inside the graph as its only output. */
async function earlierOutputs(specimen: Specimen): Promise<Specimen[]> {
  return integerTensors(specimen).map((output) => pruned({ ...specimen, graph: { ...specimen.graph, outputs: [output] } }));
}

/** An integer tensor inside the graph as an input, with the values that ONNX Runtime gives it. */
async function cuts(specimen: Specimen): Promise<Specimen[]> {
  const { graph, inputs } = specimen;
  const inner = integerTensors(specimen);
  if (inner.length === 0) return [];
  const values = await withSession({ bytes: encodeModel({ ...graph, outputs: inner }) }, (session) => run(session, inputs)).catch(() => undefined);
  // What breaks our compiler can be a graph that ONNX Runtime refuses.
  if (values === undefined) return [];
  return inner.map((tensor) => pruned({
    graph: { ...graph, inputs: [...graph.inputs, tensor], nodes: graph.nodes.filter(({ outputs }) => !outputs.includes(tensor.name)) },
    inputs: new Map([...inputs, [tensor.name, values.get(tensor.name) as Tensor]]),
  }));
}

function integerTensors({ graph }: Specimen): ValueInfo[] {
  const { types } = inferTypes(graph);
  const last = new Set(graph.outputs.map(({ name }) => name));
  return graph.nodes.flatMap(({ outputs }) => outputs).flatMap((name) => {
    const type = types.get(name);
    return type === undefined || last.has(name) || !isInteger(type.type) ? [] : [{ name, ...type }];
  });
}

/** One half of an input along one of its dimensions. Where shapes no longer fit, the candidate is refused. */
function halves({ graph, inputs }: Specimen): Specimen[] {
  return graph.inputs.flatMap((input) => {
    const tensor = inputs.get(input.name) as Tensor;
    return tensor.shape.flatMap((length, axis) => (length < 2 ? [] : [[0, Math.ceil(length / 2)] as const, [Math.ceil(length / 2), length] as const].map(([start, end]) => {
      const half = slice(tensor, axis, start, end);
      return {
        graph: { ...graph, inputs: graph.inputs.map((other) => (other === input ? { ...input, shape: half.shape } : other)), outputs: graph.outputs.map((output) => ({ ...output, shape: output.shape.map(() => '?') })) },
        inputs: new Map([...inputs, [input.name, half]]),
      };
    })));
  });
}

function slice({ type, shape, data }: Tensor, axis: number, start: number, end: number): Tensor {
  const result = shape.map((length, at) => (at === axis ? end - start : length));
  const values = newTensorData(type, elementCount(result));
  const [own, target] = [stridesOf(shape), stridesOf(result)];
  for (let i = 0; i < values.length; i++) {
    const from = result.reduce((sum, length, at) => sum + ((Math.floor(i / (target[at] as number)) % length) + (at === axis ? start : 0)) * (own[at] as number), 0);
    values[i] = data[from] as never;
  }
  return { type, shape: result, data: values };
}

/** Without what the outputs do not depend on. */
function pruned({ graph, inputs }: Specimen): Specimen {
  const live = new Set(graph.outputs.map(({ name }) => name));
  const nodes: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => live.has(name))) continue;
    nodes.unshift(node);
    node.inputs.forEach((name) => live.add(name));
  }
  return {
    graph: { ...graph, nodes, inputs: graph.inputs.filter(({ name }) => live.has(name)), initializers: new Map([...graph.initializers].filter(([name]) => live.has(name))) },
    inputs: new Map([...inputs].filter(([name]) => live.has(name))),
  };
}
