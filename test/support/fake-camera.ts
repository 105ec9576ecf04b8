import { writeFile } from 'node:fs/promises'
import { encode } from 'uqr'

const WIDTH = 640
const HEIGHT = 480

/**
 * Writes a video file that Chromium plays as its camera: one still picture of a QR code, grey on
 * white, in raw YUV 4:2:0 behind a y4m header.
 */
export const writeQrVideo = async (path: string, text: string, frames = 3): Promise<void> => {
  const { data, size } = encode(text, { border: 4, ecc: 'M' })
  const module = Math.floor(HEIGHT / size)
  const left = Math.floor((WIDTH - module * size) / 2)
  const top = Math.floor((HEIGHT - module * size) / 2)
  const luma = Buffer.alloc(WIDTH * HEIGHT, 235)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!data[row]?.[column]) continue
      for (let y = 0; y < module; y++) {
        const start = (top + row * module + y) * WIDTH + left + column * module
        luma.fill(16, start, start + module)
      }
    }
  }
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma])
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`)
  await writeFile(path, Buffer.concat([header, ...Array.from({ length: frames }, () => frame)]))
}
