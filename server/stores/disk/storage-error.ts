import { ChatError } from '../../core/errors.ts'
import { systemCode } from './file-system.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission was denied',
  EPERM: 'permission was denied',
  EROFS: 'the disk is read-only',
  EIO: 'the disk reported an error',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENOENT: 'a folder is missing and cannot be made',
  ENOTDIR: 'a file is in the place of a folder',
  EEXIST: 'a file, or a link that leads nowhere, is in the place of a folder',
  EISDIR: 'a folder is in the place of a file',
  ELOOP: 'a link leads to itself',
  ENAMETOOLONG: 'a name is too long',
}

/** Why a system call failed, in words. */
export function storageReason(error: unknown): string {
  const code = systemCode(error)
  if (code === undefined) return 'something unexpected happened'
  return REASONS[code] ?? `the system answered ${code}`
}

/** For the operator, who has named the folder. */
export const unusableFolder = (directory: string, error: unknown) =>
  `The data folder ${directory} of DATABASE_URL cannot be used: ${storageReason(error)}.`

/** What the caller of the store gets when the disk fails; `what` is a whole clause. */
export function storageError(what: string, error: unknown): ChatError {
  if (error instanceof ChatError) return error
  return new ChatError('internal', `${what}: ${storageReason(error)}.`, { cause: error })
}
