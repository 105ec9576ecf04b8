import type { Plugin } from 'vite'

const ORDER = '@layer reset,tokens,base,parts,screens,final;'

/** Says the order of the cascade layers at the head of every stylesheet, because any of them may load first. */
export function layerOrder(): Plugin {
  return {
    name: 'bellhop:layer-order',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const asset of Object.values(bundle))
        if (asset.type === 'asset' && asset.fileName.endsWith('.css'))
          asset.source = ORDER + String(asset.source)
    },
  }
}
