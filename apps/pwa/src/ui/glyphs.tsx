import './icon.css'

/** The service bell with a prompt in its dome: Bellhop's own mark, in one colour. */
export function BellMark(props: { class?: string }) {
  return (
    <svg viewBox="0 0 48 48" fill="currentColor" aria-hidden="true" class={props.class ?? ''}>
      <rect x="19.75" y="10.6" width="8.5" height="3.4" rx="1.7" />
      <rect x="22.5" y="12.64" width="3" height="5.38" />
      <path
        fill-rule="evenodd"
        d="M7 34a17 17 0 0 1 34 0ZM22.77 20.23L28.17 24.83A1.8 1.8 0 0 1 28.17 27.57L22.77 32.17A1.8 1.8 0 0 1 20.43 29.43L24.22 26.2L20.43 22.97A1.8 1.8 0 0 1 22.77 20.23Z"
      />
      <rect x="4" y="36.75" width="40" height="5" rx="2.5" />
    </svg>
  )
}

/** A filled square: stop. */
export function StopGlyph() {
  return (
    <svg viewBox="0 0 24 24" class="icon icon-small" aria-hidden="true">
      <rect x="6.5" y="6.5" width="11" height="11" rx="2.5" fill="currentColor" stroke="none" />
    </svg>
  )
}

/** A question mark without a ring, for the disc that already is one. */
export function QuestionGlyph() {
  return (
    <svg viewBox="0 0 24 24" class="icon" aria-hidden="true">
      <path d="M8.3 8.7a3.8 3.8 0 0 1 7.4 1.1c0 2.5-3.7 3.4-3.7 5.4M12 19v.1" />
    </svg>
  )
}

/** Two sliders: settings. */
export function SlidersGlyph() {
  return (
    <svg viewBox="0 0 24 24" class="icon icon-large" aria-hidden="true">
      <path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
      <circle cx="16" cy="7" r="2.75" />
      <circle cx="8" cy="17" r="2.75" />
    </svg>
  )
}

/** Three trailing dots, each bigger: a thought. */
export function ThoughtGlyph() {
  return (
    <svg viewBox="0 0 24 24" class="icon" aria-hidden="true">
      <circle cx="6" cy="17.5" r="1.5" fill="currentColor" stroke="none" />
      <circle cx="10.2" cy="14.2" r="2" />
      <circle cx="16" cy="8.5" r="4" />
    </svg>
  )
}
