import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the part of the heap that new objects go to at its first size. A burst of events makes much
 * that is gone a moment later; left to itself V8 would take tens of megabytes for it and keep them.
 */
export const keepHeapSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1')
