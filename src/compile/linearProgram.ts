/**
 * A small linear program by the revised simplex method: maximise Σ cost_j · v_j over v ≥ 0 with Σ v_j · column_j = rhs. It begins at
 * v = rhs on one artificial or slack variable for each equation, which does not come back once it has left: a slack that may is a
 * column as well. Doubles; callers check what they make of it exactly.
 */
export interface LinearProgram {
  readonly columns: readonly SparseColumn[];
  readonly costs: Float64Array;
  /** Not negative. */
  readonly rhs: Float64Array;
  /** Cost of the first variable of each equation: 0 for a slack, far below zero for an artificial one. */
  readonly startCosts: Float64Array;
}

/** The entries of a column that are not zero. */
export interface SparseColumn {
  readonly equations: Int32Array;
  readonly values: Float64Array;
}

const TOLERANCE = 1e-9;
const MOST_STEPS = 3_000;

/** The shadow price of each equation at the optimum: the solution of the dual program. Undefined where the program is unbounded (the dual infeasible), or out of steps. */
export function shadowPrices({ columns: given, costs: givenCosts, rhs, startCosts }: LinearProgram): Float64Array | undefined {
  const size = rhs.length;
  // The first variables may come back, as the slack of an equation that no longer binds does.
  const columns = [...given, ...Array.from(startCosts, (_, equation) => ({ equations: Int32Array.of(equation), values: Float64Array.of(1) }))];
  const costs = Float64Array.of(...givenCosts, ...startCosts);
  const inverse = Array.from({ length: size }, (_, i) => Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
  const values = rhs.slice();
  const basisCosts = startCosts.slice();
  const prices = new Float64Array(size);
  const direction = new Float64Array(size);
  for (let step = 0; step < MOST_STEPS; step++) {
    prices.fill(0);
    for (let i = 0; i < size; i++) {
      const cost = basisCosts[i] as number;
      if (cost !== 0) for (let j = 0; j < size; j++) prices[j] = (prices[j] as number) + cost * ((inverse[i] as Float64Array)[j] as number);
    }
    const entering = mostProfitable(columns, costs, prices);
    if (entering === -1) return prices;
    const column = columns[entering] as SparseColumn;
    for (let i = 0; i < size; i++) direction[i] = dot(column, inverse[i] as Float64Array);
    const leaving = firstToVanish(values, direction, basisCosts);
    if (leaving === -1) return undefined;
    const pivotRow = inverse[leaving] as Float64Array;
    const pivot = direction[leaving] as number;
    for (let j = 0; j < size; j++) pivotRow[j] = (pivotRow[j] as number) / pivot;
    values[leaving] = (values[leaving] as number) / pivot;
    for (let i = 0; i < size; i++) {
      const factor = direction[i] as number;
      if (i === leaving || factor === 0) continue;
      const row = inverse[i] as Float64Array;
      for (let j = 0; j < size; j++) row[j] = (row[j] as number) - factor * (pivotRow[j] as number);
      values[i] = (values[i] as number) - factor * (values[leaving] as number);
    }
    basisCosts[leaving] = costs[entering] as number;
  }
  return undefined;
}

function mostProfitable(columns: readonly SparseColumn[], costs: Float64Array, prices: Float64Array): number {
  let best = TOLERANCE;
  let entering = -1;
  for (let j = 0; j < columns.length; j++) {
    const profit = (costs[j] as number) - dot(columns[j] as SparseColumn, prices);
    if (profit > best) {
      best = profit;
      entering = j;
    }
  }
  return entering;
}

/** Of equal ones the cheapest, so that artificial variables go. */
function firstToVanish(values: Float64Array, direction: Float64Array, basisCosts: Float64Array): number {
  let least = Infinity;
  let leaving = -1;
  for (let i = 0; i < values.length; i++) {
    if ((direction[i] as number) <= TOLERANCE) continue;
    const ratio = (values[i] as number) / (direction[i] as number);
    if (ratio < least - 1e-12 || (ratio < least + 1e-12 && (basisCosts[i] as number) < (basisCosts[leaving] as number))) {
      least = Math.min(least, ratio);
      leaving = i;
    }
  }
  return leaving;
}

function dot({ equations, values }: SparseColumn, dense: Float64Array): number {
  let sum = 0;
  for (let entry = 0; entry < equations.length; entry++) sum += (values[entry] as number) * (dense[equations[entry] as number] as number);
  return sum;
}
