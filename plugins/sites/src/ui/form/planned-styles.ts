import { css } from 'lit'

/** A form with its plan beside it; below it where there is no room. */
export const plannedStyles = css`
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr);
    gap: 28px;
    align-items: start;
  }
  @media (max-width: 1080px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  aside {
    position: sticky;
    top: 78px;
    padding: var(--nusa-space-5);
    border: 1px solid var(--nusa-border);
    border-radius: var(--nusa-radius-lg);
    background: var(--nusa-surface);
    --nusa-diff-height: 300px;
  }
  aside h2 {
    margin-bottom: 12px;
    scroll-margin-top: 90px;
  }
  h2:focus {
    outline: none;
  }
  h2 nusa-icon {
    color: var(--nusa-muted);
    animation: spin 0.9s linear infinite;
  }
  @keyframes spin {
    to {
      transform: rotate(360deg);
    }
  }
  .fields {
    display: flex;
    flex-direction: column;
    gap: var(--nusa-space-5);
  }
  .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 200px), 1fr));
    gap: var(--nusa-space-4);
    align-items: start;
  }
  .short {
    max-width: 280px;
  }
  .look {
    margin-bottom: 12px;
    font-weight: 560;
  }
  .decision {
    margin-top: 16px;
  }
  aside nusa-callout {
    margin-top: 16px;
  }
  @media (min-width: 1081px) {
    aside {
      display: flex;
      flex-direction: column;
      max-height: calc(100dvh - 100px);
    }
    .scroll {
      min-height: 0;
      overflow: auto;
    }
    .decision {
      flex: none;
    }
  }
  summary {
    width: fit-content;
    cursor: pointer;
    font-weight: 560;
    color: var(--nusa-link);
    border-radius: 4px;
  }
  details[open] > summary {
    margin-bottom: 16px;
  }
`
