import { z } from 'zod';

/** What kind of key a key is, as `setup` found it. A key is of a ceremony only if its transcript verified. */
export const KeyOrigin = z.object({
  kind: z.enum(['development', 'ceremony']),
  /** In words. */
  reason: z.string(),
  /** BLAKE2b-512 of the powers-of-tau file that the ceremony started from. */
  ptauDigest: z.string().exactOptional(),
});
export type KeyOrigin = z.infer<typeof KeyOrigin>;
