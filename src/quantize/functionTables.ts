import type { Parameters } from './plan/parameters.js';

/** The float results of a function for the 256 integers of the tensor that it reads, least first. */
export type FunctionTables = (output: string, source: Parameters) => Float32Array;
