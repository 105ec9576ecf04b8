import './styles/index.css'
import { render } from 'solid-js/web'
import { App } from './app.tsx'
import { followLeftBehind, startServiceWorker } from './platform/service-worker-link.ts'
import { createAppState } from './state/app-state.ts'

const root = document.getElementById('app')
if (root) {
  render(() => {
    const app = createAppState()
    void app.start().then(followLeftBehind)
    return <App app={app} />
  }, root)
}
startServiceWorker()
