import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A path in the folder of test data that is not part of the project: the variable ZKONNX_SHARED, by default ../shared. Undefined when it is not there. */
export function sharedPath(...parts: readonly string[]): string | undefined {
  const path = join(process.env['ZKONNX_SHARED'] ?? join('..', 'shared'), ...parts);
  return existsSync(path) ? path : undefined;
}
