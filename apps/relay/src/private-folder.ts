import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { RelayError } from '@bellhop/core'

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** Makes a folder and those above it, one by one: where /proc refuses, Node’s own way never returns. */
const make = (path: string): void => {
  if (isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) make(parent)
  mkdirSync(path, { mode: 0o700 })
}

/**
 * Sees to it that a folder is there and can be written; what it makes is for the owner alone. Throws
 * `data_folder_unusable`.
 */
export const ensurePrivateFolder = (path: string): void => {
  try {
    make(path)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new RelayError('data_folder_unusable', { path }, cause)
  }
}
