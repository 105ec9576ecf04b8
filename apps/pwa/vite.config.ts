import { readFileSync } from 'node:fs'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import solid from 'vite-plugin-solid'
import { layerOrder } from './build/layer-order.ts'
import { leanTables } from './build/lean-tables.ts'
import { solidTrustedTypes } from './build/solid-trusted-types.ts'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

export default defineConfig({
  root: import.meta.dirname,
  define: { __APP_VERSION__: JSON.stringify(version) },
  plugins: [
    solidTrustedTypes(),
    solid(),
    layerOrder(),
    leanTables(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/service-worker',
      filename: 'sw.ts',
      injectRegister: false,
      manifest: false,
      injectManifest: {
        // The scanner's wasm is 400 KB and needed once; everything else makes the app open without a network.
        globPatterns: ['**/*.{js,css,html,webmanifest}', 'icons/{icon-192,badge-96}.png'],
      },
    }),
  ],
  build: {
    target: ['chrome126', 'safari18', 'firefox131'],
    cssTarget: ['chrome126', 'safari18', 'firefox131'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
})
