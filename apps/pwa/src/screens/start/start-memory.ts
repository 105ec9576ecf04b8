import { newCommandId, type StartRequest } from '@bellhop/core'
import { readSetting, writeSetting } from '../../state/settings.ts'

/** How a session was started at a place the last time. */
export type StartWay = {
  readonly repository?: string | undefined
  readonly branch?: string | undefined
  readonly permissionMode?: string | undefined
  readonly model?: string | undefined
}

const parse = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '{}')
  } catch {
    return {}
  }
}

export const lastPlace = (): string | undefined => readSetting('start.place')
export const rememberPlace = (placeId: string): void => writeSetting('start.place', placeId)

export const lastWay = (placeId: string): StartWay =>
  parse(readSetting(`start.way.${placeId}`)) as StartWay
export const rememberWay = (placeId: string, way: StartWay): void =>
  writeSetting(`start.way.${placeId}`, JSON.stringify(way))

/** The id of a start: the same wish has the same one until it has come true, so that trying again starts nothing twice. */
export function startIdFor(wish: Omit<StartRequest, 'commandId'>): StartRequest['commandId'] {
  const of = JSON.stringify(wish)
  const known = parse(readSetting('start.wish')) as { id?: StartRequest['commandId']; of?: string }
  if (known.id !== undefined && known.of === of) return known.id
  const id = newCommandId()
  writeSetting('start.wish', JSON.stringify({ id, of }))
  return id
}

export const forgetWish = (): void => writeSetting('start.wish', undefined)
