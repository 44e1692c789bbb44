/** Tensors of the integer program are numbered in the order in which they are computed. */
export type TensorId = number;
