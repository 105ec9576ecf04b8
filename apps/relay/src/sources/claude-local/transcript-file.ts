import { type FileHandle, open } from 'node:fs/promises'

export interface PlacedLine {
  text: string
  offset: number
}

export interface LineBatch {
  lines: PlacedLine[]
  /** The place after the last of them. */
  endOffset: number
}

/** A place in a file that survives a restart. `inode` tells a file from one put in its stead. */
export interface FilePlace {
  inode: number
  offset: number
}

const chunkBytes = 256 * 1024
const lineMaxBytes = 32 * 1024 * 1024
const newline = 10

/** Cuts complete lines off the front of the bytes; what follows the last newline stays. */
function takeLines(bytes: Buffer, startOffset: number): { batch: LineBatch; rest: Buffer } {
  const lines: PlacedLine[] = []
  let from = 0
  for (;;) {
    const end = bytes.indexOf(newline, from)
    if (end < 0) break
    if (end > from) {
      lines.push({ text: bytes.toString('utf8', from, end), offset: startOffset + from })
    }
    from = end + 1
  }
  return { batch: { lines, endOffset: startOffset + from }, rest: bytes.subarray(from) }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch {
    return undefined
  }
}

/**
 * Reads a growing file of lines from where it stopped. A half-written line is left for the next
 * time; a file that shrank or was replaced is read from its start again.
 */
export class TranscriptFile {
  readonly path: string
  #place: FilePlace

  constructor(path: string, place: FilePlace = { inode: 0, offset: 0 }) {
    this.path = path
    this.#place = place
  }

  get place(): FilePlace {
    return this.#place
  }

  /** Gives what is new in batches; a batch counts as read when the next is asked for. */
  async *read(): AsyncGenerator<LineBatch> {
    const file = await openIfThere(this.path)
    if (!file) return
    try {
      const { ino, size } = await file.stat()
      const isSameFile = this.#place.inode === 0 || this.#place.inode === ino
      const offset = isSameFile && size >= this.#place.offset ? this.#place.offset : 0
      this.#place = { inode: ino, offset }
      yield* this.#readFrom(file, ino)
    } finally {
      await file.close()
    }
  }

  async *#readFrom(file: FileHandle, inode: number): AsyncGenerator<LineBatch> {
    let rest: Buffer = Buffer.alloc(0)
    let { offset } = this.#place
    const chunk = Buffer.alloc(chunkBytes)
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunkBytes, offset + rest.length)
      if (bytesRead === 0) return
      const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
      const taken = takeLines(bytes, offset)
      const isTooLong = taken.rest.length > lineMaxBytes
      // Nobody reads a line of this size on a phone; it counts as read up to here.
      rest = isTooLong ? Buffer.alloc(0) : taken.rest
      offset = taken.batch.endOffset + (isTooLong ? taken.rest.length : 0)
      if (taken.batch.lines.length > 0) yield { ...taken.batch, endOffset: offset }
      this.#place = { inode, offset }
    }
  }
}
