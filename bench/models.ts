/** The models that are measured. */
export interface BenchModel {
  readonly name: string;
  readonly model: string;
  readonly input: string;
}

export const MODELS: readonly BenchModel[] = [
  { name: 'digits MLP 64-32-10', model: 'examples/digits/mlp.int8.qoperator.onnx', input: 'examples/digits/inputs/digit-000.json' },
  { name: 'digits CNN 8×8', model: 'examples/digits/cnn.int8.qoperator.onnx', input: 'examples/digits/inputs/digit-000.json' },
  { name: 'MLP 784-56-10', model: 'bench/models/mlp-784-56-10.int8.qoperator.onnx', input: 'bench/models/inputs/digit-000.json' },
  { name: 'LeNet-5 28×28', model: 'bench/models/lenet5.int8.qoperator.onnx', input: 'bench/models/inputs/digit-000.json' },
];
