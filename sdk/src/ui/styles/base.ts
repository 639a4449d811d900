import { css } from 'lit'

/** Shared by every shadow root of the product. */
export const base = css`
  :host {
    display: block;
    box-sizing: border-box;
  }
  :host([hidden]) {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  pre,
  figure,
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1 {
    font-size: var(--nusa-text-xl);
    line-height: 1.25;
    font-weight: 650;
    letter-spacing: -0.015em;
  }
  h2 {
    font-size: var(--nusa-text-lg);
    line-height: 1.35;
    font-weight: 620;
    letter-spacing: -0.008em;
  }
  h3 {
    font-size: var(--nusa-text-md);
    line-height: 1.4;
    font-weight: 620;
  }
  a {
    color: var(--nusa-link);
    text-decoration: none;
  }
  a:hover {
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }
  p a {
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
  }
  code,
  pre,
  .mono {
    font-family: var(--nusa-font-mono);
    font-size: 0.92em;
  }
  :focus-visible {
    outline: 2px solid var(--nusa-focus);
    outline-offset: 2px;
  }
  .muted {
    color: var(--nusa-muted);
  }
  .small {
    font-size: var(--nusa-text-sm);
  }
  .stack {
    display: flex;
    flex-direction: column;
    gap: var(--nusa-space-4);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--nusa-space-2);
  }
  .spread {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--nusa-space-3);
  }
  .panel {
    background: var(--nusa-surface);
    border: 1px solid var(--nusa-border);
    border-radius: var(--nusa-radius-lg);
    padding: var(--nusa-space-5);
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 0.01ms !important;
      animation-iteration-count: 1 !important;
      /* Not a short duration: with it alone everything would change step by step, each element a frame after the one around it. */
      transition: none !important;
    }
  }
`
