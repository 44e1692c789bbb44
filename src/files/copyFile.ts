import { writeAtomically } from './atomicWrite.js';
import { openForReading } from './readFile.js';

export interface CopyFileParameters {
  readonly from: string;
  readonly to: string;
  readonly signal?: AbortSignal | undefined;
}

/** Copies a file whole or not at all. @throws FILE_NOT_FOUND, FILE_NOT_WRITTEN, CANCELLED */
export async function copyFileAtomically({ from, to, signal }: CopyFileParameters): Promise<void> {
  const { handle } = await openForReading(from);
  try {
    await writeAtomically({ path: to, signal }, async (file) => {
      for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: 1 << 22 })) await file.append(chunk as Uint8Array);
    });
  } finally {
    await handle.close();
  }
}
