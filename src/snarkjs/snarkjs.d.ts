/** The part of snarkjs that is used here and in tests; the package has no types of its own. */
declare module 'snarkjs' {
  /** A path, or a file in memory. */
  type SnarkjsFile = string | { type: 'mem'; data?: Uint8Array };
  interface SnarkjsLogger {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }
  interface SnarkjsProof {
    pi_a: string[];
    pi_b: string[][];
    pi_c: string[];
    protocol: string;
    curve: string;
  }
  export const groth16: {
    prove(
      zkey: SnarkjsFile,
      witness: SnarkjsFile,
      logger?: SnarkjsLogger,
      options?: { singleThread?: boolean },
    ): Promise<{ proof: SnarkjsProof; publicSignals: string[] }>;
    verify(verificationKey: unknown, publicSignals: readonly string[], proof: unknown, logger?: SnarkjsLogger): Promise<boolean>;
  };
  interface SnarkjsUniversal {
    /** Returns -1 where it cannot go on. */
    setup(r1cs: SnarkjsFile, ptau: SnarkjsFile, zkey: SnarkjsFile, logger?: SnarkjsLogger): Promise<number | undefined>;
    prove(zkey: SnarkjsFile, witness: SnarkjsFile, logger?: SnarkjsLogger, options?: { singleThread?: boolean }): Promise<{ proof: SnarkjsProof; publicSignals: string[] }>;
    verify(verificationKey: unknown, publicSignals: readonly string[], proof: unknown, logger?: SnarkjsLogger): Promise<boolean>;
  }
  export const plonk: SnarkjsUniversal;
  export const fflonk: SnarkjsUniversal;
  export const powersOfTau: {
    newAccumulator(curve: unknown, power: number, file: SnarkjsFile): Promise<Uint8Array>;
    contribute(from: SnarkjsFile, to: SnarkjsFile, name: string, entropy: string): Promise<Uint8Array>;
    preparePhase2(from: SnarkjsFile, to: SnarkjsFile): Promise<void>;
    beacon(from: SnarkjsFile, to: SnarkjsFile, name: string, beacon: string, iterations: number): Promise<Uint8Array>;
    verify(file: SnarkjsFile): Promise<boolean>;
  };
  export const r1cs: {
    info(file: SnarkjsFile): Promise<{ nVars: number; nOutputs: number; nPubInputs: number; nPrvInputs: number; nConstraints: number; prime: bigint }>;
    exportJson(file: SnarkjsFile): Promise<{ constraints: Record<string, string | bigint>[][] }>;
  };
  export const wtns: { check(r1cs: SnarkjsFile, wtns: SnarkjsFile, logger?: SnarkjsLogger): Promise<boolean> };
  export const zKey: {
    newZKey(r1cs: SnarkjsFile, ptau: SnarkjsFile, zkey: SnarkjsFile, logger?: SnarkjsLogger): Promise<Uint8Array>;
    contribute(from: SnarkjsFile, to: SnarkjsFile, name: string, entropy: string): Promise<Uint8Array>;
    beacon(from: SnarkjsFile, to: SnarkjsFile, name: string, beaconHash: string, iterationsExponent: number): Promise<Uint8Array>;
    verifyFromR1cs(r1cs: SnarkjsFile, ptau: SnarkjsFile, zkey: SnarkjsFile, logger?: SnarkjsLogger): Promise<boolean>;
    exportVerificationKey(zkey: SnarkjsFile): Promise<unknown>;
  };
  export const curves: { getCurveFromName(name: string, options?: { singleThread?: boolean }): Promise<{ terminate(): Promise<void> }> };
}
