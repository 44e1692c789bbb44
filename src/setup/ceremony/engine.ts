import { SnarkjsPool } from '../../snarkjs/index.js';
import { scriptArithmetic, type CeremonyArithmetic } from './arithmetic.js';

export interface InitialKeyParameters {
  readonly r1csPath: string;
  readonly ptauPath: string;
  /** Where the key goes. */
  readonly zkeyPath: string;
  readonly signal?: AbortSignal | undefined;
}

/** What makes the keys of ceremonies. */
export interface CeremonyEngine extends CeremonyArithmetic {
  /** Makes the key that a ceremony begins with: nobody's secret is in it yet, and anyone can forge proofs for it. */
  initialKey(parameters: InitialKeyParameters): Promise<void>;
}

/** Works everywhere: snarkjs, in a thread of its own, makes the initial key; all else is JavaScript. */
export const scriptEngine: CeremonyEngine = {
  ...scriptArithmetic,
  async initialKey({ signal, ...task }) {
    const snarkjs = new SnarkjsPool(1);
    try {
      await snarkjs.newKey(task, signal);
    } finally {
      await snarkjs.close();
    }
  },
};
