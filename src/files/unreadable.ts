const REASONS: Readonly<Record<string, string>> = { ENOENT: 'does not exist', ENOTDIR: 'does not exist', EISDIR: 'is a folder', EACCES: 'may not be read by this user', EPERM: 'may not be read by this user' };

/** Why a file could not be read, as a sentence without its full stop. */
export function unreadable(what: string, cause: unknown): string {
  const reason = REASONS[(cause as NodeJS.ErrnoException | undefined)?.code ?? ''];
  return `${what} ${reason ?? `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`}`;
}
