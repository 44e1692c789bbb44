/** The little of circomlibjs that the tests use; it has no types of its own. */
declare module 'circomlibjs' {
  interface Poseidon {
    (inputs: bigint[]): Uint8Array;
    readonly F: { toObject(element: Uint8Array): bigint };
  }
  function buildPoseidonReference(): Promise<Poseidon>;
}
