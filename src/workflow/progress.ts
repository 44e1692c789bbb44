/** The stages of the road a model takes, in order. */
export type Stage = 'quantize' | 'drift' | 'check' | 'estimate' | 'compile' | 'setup' | 'ceremony' | 'witness' | 'prove' | 'verify' | 'contract' | 'chain';

/** How far a stage has come. */
export interface Progress {
  readonly stage: Stage;
  /** From 0 to 1; a rough figure. */
  readonly fraction: number;
  /** What is being done, in words. */
  readonly detail?: string;
}

/** What all long functions take. */
export interface WorkflowOptions {
  /** Stops the work with CANCELLED; nothing is left half-written. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Where the files of a model are. */
export interface FolderOptions {
  /** Folder of the model's files; default `artifacts/NAME` in the current folder. */
  readonly folder?: string | undefined;
}
