import { form, type Formed } from '../files/index.js';

/** What kind of key a key is, as `setup` found it. A key is of a ceremony only if its transcript verified; one of PLONK or FFLONK only if its powers of tau are known. */
export const KeyOrigin = form.object({
  kind: form.oneOf('development', 'ceremony'),
  /** In words. */
  reason: form.text(),
  /** BLAKE2b-512 of the powers-of-tau file that the ceremony started from. */
  ptauDigest: form.optional(form.text()),
  /** What that file is published as, if zkonnx knows its digest. */
  ptauPublished: form.optional(form.text()),
});
export type KeyOrigin = Formed<typeof KeyOrigin>;
